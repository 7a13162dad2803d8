#include "event/vector.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

/* How much of a name a term is, 0 to 1. */
static double nameness(const struct term *t, const struct rarity *rarity)
{
    if (t->number)
        return 1;
    if (t->capital > t->lower)
        return 1;
    return t->opens && !t->lower ? rarity_name(rarity, t->id) : 0;
}

void vector_make(const struct terms *terms, const struct rarity *rarity,
                 const struct engine_params *params, struct vector *out)
{
    double(*raw)[VIEWS] = mem_alloc((terms->n ? terms->n : 1) * sizeof *raw);
    double norm2[VIEWS] = {0};
    for (size_t i = 0; i < terms->n; i++) {
        const struct term *t = &terms->v[i];
        double idf = rarity_idf(rarity, t->id), name = nameness(t, rarity);
        double often =
            (t->in_title ? params->title_weight : 0) + params->body_weight * log1p(t->in_body);
        raw[i][VIEW_ALL] = idf * often * (1 + params->name_weight * name);
        raw[i][VIEW_TITLE] = t->in_title ? idf : 0;
        raw[i][VIEW_NAME] = idf * name * often;
        for (int view = 0; view < VIEWS; view++)
            norm2[view] += raw[i][view] * raw[i][view];
    }
    out->v = mem_alloc((terms->n ? terms->n : 1) * sizeof *out->v);
    out->n = terms->n;
    for (size_t i = 0; i < terms->n; i++) {
        const struct term *t = &terms->v[i];
        struct weight *w = &out->v[i];
        *w = (struct weight){.id = t->id};
        w->flags = (uint16_t)((t->capital ? WEIGHT_CAPITAL : 0) | (t->lower ? WEIGHT_LOWER : 0));
        for (int view = 0; view < VIEWS; view++)
            if (norm2[view] > 0)
                w->w[view] = (uint16_t)lround(raw[i][view] / sqrt(norm2[view]) * VECTOR_ONE);
    }
    free(raw);
}

void vector_free(struct vector *v)
{
    free(v->v);
    *v = (struct vector){0};
}

static void refresh_norms(struct sums *s)
{
    for (int view = 0; view < VIEWS; view++)
        s->norm2[view] = 0;
    for (size_t i = 0; i < s->n; i++)
        for (int view = 0; view < VIEWS; view++)
            s->norm2[view] += (int64_t)s->v[i].w[view] * s->v[i].w[view];
}

static void make_room(struct sums *s, size_t n)
{
    if (n <= s->cap)
        return;
    s->cap = n + n / 4;
    s->v = mem_resize(s->v, s->cap * sizeof *s->v);
}

/* Merges from the back, in place: both sides are ordered and the room is there. */
void sums_add(struct sums *s, const struct vector *v)
{
    size_t new = 0;
    for (size_t i = 0, k = 0; k < v->n; k++) {
        while (i < s->n && s->v[i].id < v->v[k].id)
            i++;
        new += i == s->n || s->v[i].id != v->v[k].id;
    }
    make_room(s, s->n + new);
    size_t i = s->n, k = v->n, at = s->n + new;
    s->n = at;
    while (k > 0) {
        const struct weight *w = &v->v[k - 1];
        if (i > 0 && s->v[i - 1].id > w->id) {
            s->v[--at] = s->v[--i];
            continue;
        }
        struct sum old = {.id = w->id};
        if (i > 0 && s->v[i - 1].id == w->id)
            old = s->v[--i];
        old.n++;
        for (int view = 0; view < VIEWS; view++)
            old.w[view] += w->w[view];
        s->v[--at] = old;
        k--;
    }
    refresh_norms(s);
}

void sums_remove(struct sums *s, const struct vector *v)
{
    size_t kept = 0;
    for (size_t i = 0, k = 0; i < s->n; i++) {
        struct sum sum = s->v[i];
        while (k < v->n && v->v[k].id < sum.id)
            k++;
        if (k < v->n && v->v[k].id == sum.id) {
            if (--sum.n == 0)
                continue;
            for (int view = 0; view < VIEWS; view++)
                sum.w[view] -= v->v[k].w[view];
        }
        s->v[kept++] = sum;
    }
    s->n = kept;
    refresh_norms(s);
}

void sums_merge(struct sums *s, const struct sums *other)
{
    struct sums out = {0};
    make_room(&out, s->n + other->n);
    for (size_t i = 0, k = 0; i < s->n || k < other->n;) {
        if (k == other->n || (i < s->n && s->v[i].id < other->v[k].id)) {
            out.v[out.n++] = s->v[i++];
        } else if (i == s->n || other->v[k].id < s->v[i].id) {
            out.v[out.n++] = other->v[k++];
        } else {
            struct sum sum = s->v[i++];
            sum.n += other->v[k].n;
            for (int view = 0; view < VIEWS; view++)
                sum.w[view] += other->v[k].w[view];
            out.v[out.n++] = sum;
            k++;
        }
    }
    refresh_norms(&out);
    sums_free(s);
    *s = out;
}

void sums_free(struct sums *s)
{
    free(s->v);
    *s = (struct sums){0};
}

const struct sum *sums_find(const struct sums *s, uint32_t id)
{
    size_t low = 0, high = s->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->v[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < s->n && s->v[low].id == id ? &s->v[low] : NULL;
}

void vector_cosines(const struct vector *a, const struct vector *b, double out[VIEWS])
{
    int64_t dot[VIEWS] = {0};
    for (size_t i = 0, k = 0; i < a->n && k < b->n;) {
        uint32_t id_a = a->v[i].id, id_b = b->v[k].id;
        if (id_a == id_b)
            for (int view = 0; view < VIEWS; view++)
                dot[view] += (int64_t)a->v[i].w[view] * b->v[k].w[view];
        i += id_a <= id_b; /* no branch: which of the two steps cannot be foretold */
        k += id_b <= id_a;
    }
    for (int view = 0; view < VIEWS; view++)
        out[view] = (double)dot[view] / ((double)VECTOR_ONE * VECTOR_ONE);
}
