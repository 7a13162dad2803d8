/* Partitions the members of an event by bisecting k-means; see split.h. Called by regroup.c, which
 * decides whether the parts become two events. */
#include "cluster/split.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SMALLEST = 4, CHEAP = 64, ROUNDS = 8 };

bool split_due(size_t n)
{
    size_t step = SMALLEST / 2;
    while (step * 4 <= n)
        step *= 2;
    return n >= SMALLEST && n % step == 0;
}

bool split_cheap(size_t n)
{
    return n >= SMALLEST && n <= CHEAP;
}

/* An event divided in two. Only one part is summed, over all terms; subtracting it from the event's
 * sums gives the other. */
struct halves {
    const struct news_event *event;
    bool *second;       /* for each member, whether it is in the second part */
    bool kept;          /* the value of `second` for the members that are summed */
    size_t n;           /* how many are summed */
    uint32_t *places;   /* for each term of each member, its index in the event's sums */
    uint32_t *begins;   /* for each member, where its own begin in `places` */
    int32_t *part;      /* the sums of the part, by those indices, */
    int32_t *times;     /* and how many articles contain the term */
    int64_t norm2;      /* squared length of the part */
    int64_t with_whole; /* dot product of the part with the event's sums */
    int64_t *whole;     /* for each member, its dot product with the event's sums */
    int64_t *dots;      /* the same with other sums */
};

static void find_places(struct halves *h)
{
    uint32_t *at = h->places;
    for (size_t i = 0; i < h->event->n; i++) {
        const struct vector *v = &h->event->members[i]->vector;
        h->begins[i] = (uint32_t)(at - h->places);
        for (size_t k = 0; k < v->n; k++)
            *at++ = (uint32_t)sums_place(h->event->sums, v->v[k].id);
    }
}

static void multiply(const struct halves *h, const int32_t *with, int64_t *out)
{
    const uint32_t *at = h->places;
    for (size_t i = 0; i < h->event->n; i++) {
        const struct vector *v = &h->event->members[i]->vector;
        out[i] = 0;
        for (size_t k = 0; k < v->n; k++)
            out[i] += (int64_t)v->v[k].w[VIEW_ALL] * with[*at++];
    }
}

/* The member with the smallest dot product. */
static size_t farthest(const struct news_event *e, const int64_t *dots)
{
    size_t at = 0;
    for (size_t i = 1; i < e->n; i++)
        if (dots[i] < dots[at])
            at = i;
    return at;
}

static double cosine_of(int64_t dot, int64_t norm2)
{
    return norm2 > 0 ? (double)dot / sqrt((double)norm2) : 0;
}

/* Adds a member to the part, or removes it (-1). */
static void change_part(struct halves *h, size_t member, int32_t sign)
{
    const struct vector *v = &h->event->members[member]->vector;
    const uint32_t *at = h->places + h->begins[member];
    for (size_t k = 0; k < v->n; k++) {
        int32_t *sum = &h->part[at[k]], change = sign * v->v[k].w[VIEW_ALL];
        h->norm2 += (2 * (int64_t)*sum + change) * change;
        *sum += change;
        h->times[at[k]] += sign;
    }
}

static void sum_up_member(struct halves *h, size_t member)
{
    bool comes = h->second[member] == h->kept;
    change_part(h, member, comes ? 1 : -1);
    h->with_whole += comes ? h->whole[member] : -h->whole[member];
    h->n += comes ? 1 : (size_t)-1;
}

/* Multiplies all members with one; returns its squared length. */
static int64_t multiply_one(struct halves *h, size_t member, int64_t *out)
{
    change_part(h, member, 1);
    int64_t norm2 = h->norm2;
    multiply(h, h->part, out);
    change_part(h, member, -1);
    return norm2;
}

/* The two members that are farthest apart attract the others. False when all go to one. */
static bool begin_halves(struct halves *h)
{
    const struct news_event *e = h->event;
    size_t n_second = 0;
    find_places(h);
    for (size_t i = 0; i < e->sums->n; i++)
        h->part[i] = (int32_t)sum_of(e->sums->w[i], VIEW_ALL);
    multiply(h, h->part, h->whole);
    memset(h->part, 0, e->sums->n * sizeof *h->part);
    int64_t *dots = mem_alloc(e->n * sizeof *dots);
    int64_t norm2_first = multiply_one(h, farthest(e, h->whole), h->dots);
    int64_t norm2 = multiply_one(h, farthest(e, h->dots), dots);
    for (size_t i = 0; i < e->n; i++) {
        h->second[i] = cosine_of(dots[i], norm2) > cosine_of(h->dots[i], norm2_first);
        n_second += h->second[i];
    }
    free(dots);
    h->kept = n_second * 2 < e->n;
    for (size_t i = 0; i < e->n; i++)
        if (h->second[i] == h->kept)
            sum_up_member(h, i);
    return n_second > 0;
}

/* Squared length of the sums over the part that is not summed. */
static int64_t other_norm2(const struct halves *h)
{
    return h->event->sums->norm2[VIEW_ALL] - 2 * h->with_whole + h->norm2;
}

/* Moves each member to the part that it resembles more; true when any moved. */
static bool assign(struct halves *h)
{
    bool moved = false;
    int64_t norm2 = h->norm2, other = other_norm2(h);
    multiply(h, h->part, h->dots);
    for (size_t i = 0; i < h->event->n; i++) {
        double here = cosine_of(h->dots[i], norm2);
        double there = cosine_of(h->whole[i] - h->dots[i], other);
        bool second = h->kept ? here > there : there > here;
        if (second == h->second[i])
            continue;
        h->second[i] = second;
        sum_up_member(h, i);
        moved = true;
    }
    return moved;
}

/* True when the parts share as many terms as two events must to be compared. */
static bool comparable(const struct halves *h, double min_shared)
{
    const struct sums *all = h->event->sums;
    size_t shared = 0;
    for (size_t i = 0; i < all->n && (double)shared < min_shared; i++) {
        uint32_t n = (uint32_t)h->times[i];
        struct sum here = {(uint64_t)h->part[i], n};
        struct sum there = {(uint64_t)(sum_of(all->w[i], VIEW_ALL) - h->part[i]),
                            all->times[i] - n};
        shared +=
            here.n > 0 && there.n > 0 && !sum_weighs_nothing(here) && !sum_weighs_nothing(there);
    }
    return (double)shared >= min_shared;
}

bool split_apart(double between, double within, double within_other)
{
    static const double nearer = 1.3;
    return between * nearer < fmin(within, within_other);
}

static bool too_alike(const struct halves *h, double min_shared)
{
    size_t n = h->n, others = h->event->n - n;
    double pairs = (double)n * (double)others * VECTOR_ONE * VECTOR_ONE;
    return !split_apart((double)(h->with_whole - h->norm2) / pairs, mean_cosine(h->norm2, n),
                        mean_cosine(other_norm2(h), others)) &&
           comparable(h, min_shared);
}

bool split_members(const struct news_event *e, double min_shared, bool *second)
{
    size_t terms = 0;
    for (size_t i = 0; i < e->n; i++)
        terms += e->members[i]->vector.n;
    struct halves h = {.event = e,
                       .second = second,
                       .places = mem_alloc(terms * sizeof *h.places),
                       .begins = mem_alloc(e->n * sizeof *h.begins),
                       .part = mem_zero(e->sums->n * sizeof *h.part),
                       .times = mem_zero(e->sums->n * sizeof *h.times),
                       .whole = mem_alloc(e->n * sizeof *h.whole),
                       .dots = mem_alloc(e->n * sizeof *h.dots)};
    bool moved = begin_halves(&h);
    for (size_t round = 1; moved && round < ROUNDS; round++)
        moved = assign(&h);
    bool parts = h.n > 0 && h.n < e->n && !too_alike(&h, min_shared);
    free(h.places);
    free(h.begins);
    free(h.part);
    free(h.times);
    free(h.whole);
    free(h.dots);
    return parts;
}
