#include "event/vector.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ln(1 + n) of small numbers, each found when it is first asked for. */
struct logs {
    double v[UINT8_MAX + 1];
    unsigned n;
};

static double log_of(struct logs *l, uint8_t n)
{
    for (; l->n <= n; l->n++)
        l->v[l->n] = log1p(l->n);
    return l->v[n];
}

/* How much of a name a term is, 0 to 1. */
static double nameness(const struct term *t, const struct rarity *rarity)
{
    if (t->number)
        return 1;
    if (t->capital > t->lower)
        return 1;
    return t->opens && !t->lower ? rarity_name(rarity, t->id) : 0;
}

void vector_make(const struct terms *terms, const struct rarity *rarity, const double *left,
                 const struct engine_params *params, struct vector *out)
{
    double raw[VECTOR_MOST][VIEWS], norm2[VIEWS] = {0}, unit[VIEWS];
    struct logs logs;
    logs.n = 0;
    for (size_t i = 0; i < terms->n; i++) {
        const struct term *t = &terms->v[i];
        double idf = rarity_idf(rarity, t->id) * left[i], name = nameness(t, rarity);
        double often = (t->in_title ? params->title_weight : 0) +
                       params->body_weight * log_of(&logs, t->in_body);
        raw[i][VIEW_ALL] = idf * often * (1 + params->name_weight * name);
        raw[i][VIEW_TITLE] = t->in_title ? idf : 0;
        raw[i][VIEW_NAME] = idf * name * often;
        for (int view = 0; view < VIEWS; view++)
            norm2[view] += raw[i][view] * raw[i][view];
    }
    for (int view = 0; view < VIEWS; view++)
        unit[view] = norm2[view] > 0 ? VECTOR_ONE / sqrt(norm2[view]) : 0;
    out->n = terms->n;
    for (size_t i = 0; i < terms->n; i++) {
        const struct term *t = &terms->v[i];
        struct weight *w = &out->v[i];
        *w = (struct weight){.id = t->id};
        w->flags = (uint8_t)((t->capital ? WEIGHT_CAPITAL : 0) | (t->lower ? WEIGHT_LOWER : 0));
        for (int view = 0; view < VIEWS; view++)
            w->w[view] = (uint8_t)(raw[i][view] * unit[view] + 0.5);
    }
}

static uint64_t side_by_side(const struct weight *w)
{
    return (uint64_t)w->w[VIEW_ALL] | (uint64_t)w->w[VIEW_TITLE] << SUM_BITS |
           (uint64_t)w->w[VIEW_NAME] << 2 * SUM_BITS;
}

/* A sum becomes another: the squared lengths and the totals follow. */
static void change_norms(struct sums *s, uint64_t before, uint64_t after)
{
    const struct sum old = {.w = before}, new = {.w = after};
    for (int view = 0; view < VIEWS; view++) {
        s->norm2[view] +=
            sum_of(&new, view) * sum_of(&new, view) - sum_of(&old, view) * sum_of(&old, view);
        s->total[view] += sum_of(&new, view) - sum_of(&old, view);
    }
}

/* Keeps the `max` weightiest ids of one view; of equal weights the smaller id comes first. */
static uint32_t top_of(const struct sums *s, enum view view, uint32_t *ids, size_t max)
{
    int64_t weights[SUM_TOP_TERMS], least = 0;
    uint32_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        int64_t w = sum_of(&s->v[i], view);
        if (w <= least)
            continue;
        size_t at = n < max ? n++ : n - 1;
        for (; at > 0 && weights[at - 1] < w; at--) {
            weights[at] = weights[at - 1];
            ids[at] = ids[at - 1];
        }
        weights[at] = w;
        ids[at] = s->v[i].id;
        least = n == max ? weights[n - 1] : 0;
    }
    return n;
}

void sums_find_tops(struct sums *s)
{
    if (s->topped)
        return;
    s->topped = true;
    s->n_top_terms = top_of(s, VIEW_ALL, s->top_terms, SUM_TOP_TERMS);
    s->n_top_names = top_of(s, VIEW_NAME, s->top_names, SUM_TOP_NAMES);
}

struct sums *sums_of_vector(const struct vector *v, struct sums_of_one *out)
{
    struct sums *s = &out->sums;
    *s = (struct sums){.v = out->v, .n = (uint32_t)v->n};
    for (size_t i = 0; i < v->n; i++) {
        const struct weight *w = &v->v[i];
        out->v[i] = (struct sum){w->id, 1, side_by_side(w)};
        for (int view = 0; view < VIEWS; view++) {
            s->norm2[view] += w->w[view] * w->w[view];
            s->total[view] += w->w[view];
        }
    }
    return s;
}

static struct sums *sums_new(struct slabs *memory, size_t n)
{
    size_t bytes = sizeof(struct sums) + n * sizeof(struct sum);
    struct sums *s = slabs_get(memory, &bytes);
    *s = (struct sums){.v = (struct sum *)(s + 1),
                       .cap = (uint32_t)((bytes - sizeof *s) / sizeof(struct sum))};
    return s;
}

void sums_free(struct slabs *memory, struct sums *s)
{
    if (s)
        slabs_put(memory, s, sizeof *s + s->cap * sizeof *s->v);
}

void sums_ahead(const struct sums *s)
{
    enum { LINE = 64, TERMS = 128 }; /* as many as most events have */
    for (size_t i = 0; s && i < sizeof *s + TERMS * sizeof *s->v; i += LINE)
        __builtin_prefetch((const char *)s + i);
}

static struct sums *make_room(struct slabs *memory, struct sums *s, size_t n)
{
    if (!s || n > s->cap) {
        struct sums *new = sums_new(memory, n);
        if (s) {
            struct sum *v = new->v;
            uint32_t cap = new->cap;
            *new = *s;
            new->v = v;
            new->cap = cap;
            memcpy(v, s->v, s->n * sizeof *v);
            sums_free(memory, s);
        }
        s = new;
    }
    return s;
}

/* Merges from the back, in place: both sides are ordered and the room is there. */
struct sums *sums_add(struct slabs *memory, struct sums *s, const struct vector *v)
{
    size_t n = s ? s->n : 0, new = 0;
    for (size_t i = 0, k = 0; k < v->n; k++) {
        while (i < n && s->v[i].id < v->v[k].id)
            i++;
        new += i == n || s->v[i].id != v->v[k].id;
    }
    s = make_room(memory, s, n + new);
    s->topped = false;
    size_t i = n, k = v->n, at = n + new;
    s->n = (uint32_t)at;
    while (k > 0) {
        const struct weight *w = &v->v[k - 1];
        if (i > 0 && s->v[i - 1].id > w->id) {
            s->v[--at] = s->v[--i];
            continue;
        }
        struct sum old = {.id = w->id};
        if (i > 0 && s->v[i - 1].id == w->id)
            old = s->v[--i];
        s->v[--at] = (struct sum){w->id, old.n + 1, old.w + side_by_side(w)};
        change_norms(s, old.w, s->v[at].w);
        k--;
    }
    return s;
}

void sums_remove(struct sums *s, const struct vector *v)
{
    s->topped = false;
    uint32_t kept = 0;
    for (size_t i = 0, k = 0; i < s->n; i++) {
        struct sum sum = s->v[i];
        while (k < v->n && v->v[k].id < sum.id)
            k++;
        if (k < v->n && v->v[k].id == sum.id) {
            uint64_t before = sum.w;
            sum.w -= side_by_side(&v->v[k]);
            change_norms(s, before, sum.w);
            if (--sum.n == 0)
                continue;
        }
        s->v[kept++] = sum;
    }
    s->n = kept;
}

struct sums *sums_merge(struct slabs *memory, struct sums *s, const struct sums *other)
{
    struct sums *out = sums_new(memory, (size_t)s->n + other->n);
    memcpy(out->norm2, s->norm2, sizeof out->norm2);
    memcpy(out->total, s->total, sizeof out->total);
    for (size_t i = 0, k = 0; i < s->n || k < other->n;) {
        if (k == other->n || (i < s->n && s->v[i].id < other->v[k].id)) {
            out->v[out->n++] = s->v[i++];
        } else if (i == s->n || other->v[k].id < s->v[i].id) {
            change_norms(out, 0, other->v[k].w);
            out->v[out->n++] = other->v[k++];
        } else {
            struct sum sum = s->v[i++];
            change_norms(out, sum.w, sum.w + other->v[k].w);
            sum.n += other->v[k].n;
            sum.w += other->v[k++].w;
            out->v[out->n++] = sum;
        }
    }
    sums_free(memory, s);
    return out;
}

/* Ids are hashes, so that where one stands is foretold closely by its value. */
const struct sum *sums_find(const struct sums *s, uint32_t id)
{
    size_t at = (size_t)id * s->n >> 32;
    while (at < s->n && s->v[at].id < id)
        at++;
    while (at > 0 && s->v[at - 1].id >= id)
        at--;
    return at < s->n && s->v[at].id == id ? &s->v[at] : NULL;
}

int64_t sums_dot(const struct sums *s, const struct vector *v)
{
    enum { FEW = 4 };
    int64_t dot = 0;
    if (s->n > v->n * FEW) {
        for (size_t i = 0; i < v->n; i++) {
            const struct sum *sum = sums_find(s, v->v[i].id);
            dot += sum ? v->v[i].w[VIEW_ALL] * sum_of(sum, VIEW_ALL) : 0;
        }
        return dot;
    }
    for (size_t i = 0, k = 0; i < v->n && k < s->n;) {
        uint32_t id_v = v->v[i].id, id_s = s->v[k].id;
        if (id_v == id_s)
            dot += v->v[i].w[VIEW_ALL] * sum_of(&s->v[k], VIEW_ALL);
        i += id_v <= id_s; /* no branch: which of the two steps cannot be foretold */
        k += id_s <= id_v;
    }
    return dot;
}

double vector_cosine(const struct vector *a, const struct vector *b, enum view view)
{
    int64_t dot = 0;
    for (size_t i = 0, k = 0; i < a->n && k < b->n;) {
        uint32_t id_a = a->v[i].id, id_b = b->v[k].id;
        if (id_a == id_b)
            dot += a->v[i].w[view] * b->v[k].w[view];
        i += id_a <= id_b; /* no branch: which of the two steps cannot be foretold */
        k += id_b <= id_a;
    }
    return (double)dot / ((double)VECTOR_ONE * VECTOR_ONE);
}
