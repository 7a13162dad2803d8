/* Computes weight vectors and exact sums of them; see vector.h. Called by all of the engine. idf
 * values come from text/rarity.h. */
#include "cluster/vector.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ln(1 + n) of small numbers, computed on first use. */
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

/* How far a term is a name, 0 to 1. */
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
        double idf = rarity_idf(rarity, t->id) * (left ? left[i] : 1), name = nameness(t, rarity);
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
        w->flags = (uint8_t)((t->capital ? WEIGHT_CAPITAL : 0) | (t->lower ? WEIGHT_LOWER : 0) |
                             (t->number ? WEIGHT_NUMBER : 0));
        for (int view = 0; view < VIEWS; view++)
            w->w[view] = (uint8_t)(raw[i][view] * unit[view] + 0.5);
    }
}

static uint64_t side_by_side(const struct weight *w)
{
    return (uint64_t)w->w[VIEW_ALL] | (uint64_t)w->w[VIEW_TITLE] << SUM_BITS |
           (uint64_t)w->w[VIEW_NAME] << 2 * SUM_BITS;
}

/* A sum changes: updates the squared lengths and the totals. */
static void change_norms(struct sums *s, uint64_t before, uint64_t after)
{
    for (int view = 0; view < VIEWS; view++) {
        int64_t old = sum_of(before, view), new = sum_of(after, view);
        s->norm2[view] += new *new - old *old;
        s->total[view] += new - old;
    }
}

/* The heaviest ids so far. */
struct top {
    uint32_t *ids;
    int64_t weights[VECTOR_TOP_MOST], least; /* weights up to this are rejected */
    size_t n, most;
};

/* Ids come in ascending order, so of equal weights the smaller id stays first. */
static inline void top_offer(struct top *t, uint32_t id, int64_t weight)
{
    if (weight <= t->least)
        return;
    size_t at = t->n < t->most ? t->n++ : t->n - 1;
    for (; at > 0 && t->weights[at - 1] < weight; at--) {
        t->weights[at] = t->weights[at - 1];
        t->ids[at] = t->ids[at - 1];
    }
    t->weights[at] = weight;
    t->ids[at] = id;
    if (t->n == t->most)
        t->least = t->weights[t->n - 1];
}

/* The lightest weight among known ids: a lower bound for the top of the same size. */
static int64_t least_known(const struct sums *s, enum view view, const uint32_t *ids, size_t n)
{
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < n; i++) {
        int64_t weight = sum_of(sums_find(s, ids[i]).w, view);
        least = weight < least ? weight : least;
    }
    return least;
}

size_t sums_top(const struct sums *s, enum view view, uint32_t *ids, size_t known, size_t most)
{
    struct top t = {.ids = ids, .most = most};
    int64_t least = known == most ? least_known(s, view, ids, known) : 0;
    t.least = least > 0 ? least - 1 : 0;
    for (size_t i = 0; i < s->n; i++)
        top_offer(&t, s->ids[i], sum_of(s->w[i], view));
    return t.n;
}

size_t vector_top(const struct vector *v, uint32_t *ids, size_t most)
{
    struct top t = {.ids = ids, .most = most};
    for (size_t i = 0; i < v->n; i++)
        top_offer(&t, v->v[i].id, v->v[i].w[VIEW_ALL]);
    return t.n;
}

void sums_find_names(struct sums *s)
{
    if (!s->named)
        s->n_top_names =
            (uint8_t)sums_top(s, VIEW_NAME, s->top_names, s->n_top_names, SUM_TOP_NAMES);
    s->named = true;
}

struct sums *sums_of_vector(const struct vector *v, struct sums_of_one *out)
{
    struct sums *s = &out->sums;
    *s = (struct sums){.w = out->w, .ids = out->ids, .times = out->times, .n = (uint32_t)v->n};
    for (size_t i = 0; i < v->n; i++) {
        const struct weight *w = &v->v[i];
        out->w[i] = side_by_side(w);
        out->ids[i] = w->id;
        out->times[i] = 1;
        for (int view = 0; view < VIEWS; view++) {
            s->norm2[view] += w->w[view] * w->w[view];
            s->total[view] += w->w[view];
        }
    }
    return s;
}

enum { BYTES_A_SUM = sizeof(uint64_t) + sizeof(uint32_t) + sizeof(uint16_t) };

static struct sums *sums_new(struct slabs *memory, size_t n)
{
    size_t bytes = sizeof(struct sums) + n * BYTES_A_SUM;
    struct sums *s = slabs_get(memory, &bytes);
    *s = (struct sums){.cap = (uint32_t)((bytes - sizeof *s) / BYTES_A_SUM)};
    s->w = (uint64_t *)(s + 1);
    s->ids = (uint32_t *)(s->w + s->cap);
    s->times = (uint16_t *)(s->ids + s->cap);
    return s;
}

void sums_free(struct slabs *memory, struct sums *s)
{
    if (s)
        slabs_put(memory, s, sizeof *s + s->cap * BYTES_A_SUM);
}

void sums_ahead(const struct sums *s)
{
    enum { LINE = 64, TERMS = 128 }; /* as many as most events have */
    for (size_t i = 0; s && i < sizeof *s + TERMS * BYTES_A_SUM; i += LINE)
        __builtin_prefetch((const char *)s + i);
}

static struct sums *make_sums_room(struct slabs *memory, struct sums *s, size_t n)
{
    if (s && n <= s->cap)
        return s;
    struct sums *new = sums_new(memory, n);
    if (s) {
        const struct sums head = *new;
        *new = *s;
        new->w = memcpy(head.w, s->w, s->n * sizeof *s->w);
        new->ids = memcpy(head.ids, s->ids, s->n * sizeof *s->ids);
        new->times = memcpy(head.times, s->times, s->n * sizeof *s->times);
        new->cap = head.cap;
        sums_free(memory, s);
    }
    return new;
}

static void move_sum(struct sums *s, size_t to, size_t from)
{
    s->w[to] = s->w[from];
    s->ids[to] = s->ids[from];
    s->times[to] = s->times[from];
}

/* Merges from the back, in place: both sides are sorted and there is room. */
struct sums *sums_add(struct slabs *memory, struct sums *s, const struct vector *v)
{
    size_t n = s ? s->n : 0, new = 0;
    for (size_t i = 0, k = 0; k < v->n; k++) {
        while (i < n && s->ids[i] < v->v[k].id)
            i++;
        new += i == n || s->ids[i] != v->v[k].id;
    }
    s = make_sums_room(memory, s, n + new);
    s->named = false;
    size_t i = n, k = v->n, at = n + new;
    s->n = (uint32_t)at;
    while (k > 0) {
        const struct weight *w = &v->v[k - 1];
        if (i > 0 && s->ids[i - 1] > w->id) {
            move_sum(s, --at, --i);
            continue;
        }
        struct sum old = {0};
        if (i > 0 && s->ids[i - 1] == w->id)
            old = sum_at(s, --i);
        at--;
        s->w[at] = old.w + side_by_side(w);
        s->ids[at] = w->id;
        s->times[at] = (uint16_t)(old.n + 1);
        change_norms(s, old.w, s->w[at]);
        k--;
    }
    return s;
}

void sums_remove(struct sums *s, const struct vector *v)
{
    s->named = false;
    uint32_t kept = 0;
    for (size_t i = 0, k = 0; i < s->n; i++) {
        while (k < v->n && v->v[k].id < s->ids[i])
            k++;
        if (k < v->n && v->v[k].id == s->ids[i]) {
            uint64_t before = s->w[i];
            s->w[i] -= side_by_side(&v->v[k]);
            change_norms(s, before, s->w[i]);
            if (--s->times[i] == 0)
                continue;
        }
        move_sum(s, kept++, i);
    }
    s->n = kept;
}

struct sums *sums_merge(struct slabs *memory, struct sums *s, const struct sums *other)
{
    struct sums *out = sums_new(memory, (size_t)s->n + other->n);
    memcpy(out->norm2, s->norm2, sizeof out->norm2);
    memcpy(out->total, s->total, sizeof out->total);
    for (size_t i = 0, k = 0; i < s->n || k < other->n;) {
        bool own = i < s->n && (k == other->n || s->ids[i] <= other->ids[k]);
        bool others = k < other->n && (i == s->n || other->ids[k] <= s->ids[i]);
        out->ids[out->n] = own ? s->ids[i] : other->ids[k];
        struct sum sum = own ? sum_at(s, i++) : (struct sum){0};
        if (others) {
            struct sum more = sum_at(other, k++);
            change_norms(out, sum.w, sum.w + more.w);
            sum = (struct sum){sum.w + more.w, sum.n + more.n};
        }
        out->w[out->n] = sum.w;
        out->times[out->n++] = (uint16_t)sum.n;
    }
    sums_free(memory, s);
    return out;
}

/* Ids are hashes, so the value predicts the position closely (interpolation search). */
size_t sums_place(const struct sums *s, uint32_t id)
{
    size_t at = (size_t)id * s->n >> 32;
    while (at < s->n && s->ids[at] < id)
        at++;
    while (at > 0 && s->ids[at - 1] >= id)
        at--;
    return at;
}

struct sum sums_find(const struct sums *s, uint32_t id)
{
    size_t at = sums_place(s, id);
    return at < s->n && s->ids[at] == id ? sum_at(s, at) : (struct sum){0};
}

double vector_cosine(const struct vector *a, const struct vector *b, enum view view)
{
    int64_t dot = 0;
    for (size_t i = 0, k = 0; i < a->n && k < b->n;) {
        uint32_t id_a = a->v[i].id, id_b = b->v[k].id;
        if (id_a == id_b)
            dot += a->v[i].w[view] * b->v[k].w[view];
        i += id_a <= id_b; /* no branch, which would be mispredicted */
        k += id_b <= id_a;
    }
    return (double)dot / ((double)VECTOR_ONE * VECTOR_ONE);
}
