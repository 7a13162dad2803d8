#include "event/split.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

enum { SMALLEST = 4, ROUNDS = 8 };

bool split_due(size_t n)
{
    size_t step = SMALLEST / 2;
    while (step * 4 <= n)
        step *= 2;
    return n >= SMALLEST && n % step == 0;
}

/* An event parted in two. Only one part is summed up: what the event's own sums have more than that
 * is the other's. */
struct halves {
    const struct news_event *event;
    bool *second; /* of each member: is it in the second part? */
    bool kept;    /* what `second` is of those summed up */
    struct slabs *memory;
    struct sums *sums; /* of them */
    size_t n;
    int64_t with_whole; /* product of these sums with the event's */
    int64_t *whole;     /* of each member, the product with the event's sums */
    int64_t *dots;      /* with other sums */
};

static void multiply(const struct news_event *e, const struct sums *s, int64_t *out)
{
    for (size_t i = 0; i < e->n; i++)
        out[i] = sums_dot(s, &e->members[i]->vector);
}

/* The member that resembles least what all were multiplied with. */
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

static void sum_up(struct halves *h, size_t member)
{
    const struct vector *v = &h->event->members[member]->vector;
    if (h->second[member] == h->kept) {
        h->sums = sums_add(h->memory, h->sums, v);
        h->with_whole += h->whole[member];
        h->n++;
    } else {
        sums_remove(h->sums, v);
        h->with_whole -= h->whole[member];
        h->n--;
    }
}

/* The two members that are farthest apart draw the others to them. False when all are drawn to one.
 */
static bool begin(struct halves *h)
{
    const struct news_event *e = h->event;
    struct sums_of_one room;
    size_t n_second = 0;
    multiply(e, e->sums, h->whole);
    const struct sums *seed = sums_of_vector(&e->members[farthest(e, h->whole)]->vector, &room);
    int64_t norm2 = seed->norm2[VIEW_ALL];
    multiply(e, seed, h->dots);
    seed = sums_of_vector(&e->members[farthest(e, h->dots)]->vector, &room);
    for (size_t i = 0; i < e->n; i++) {
        int64_t dot = sums_dot(seed, &e->members[i]->vector);
        h->second[i] = cosine_of(dot, seed->norm2[VIEW_ALL]) > cosine_of(h->dots[i], norm2);
        n_second += h->second[i];
    }
    h->kept = n_second * 2 < e->n;
    for (size_t i = 0; i < e->n; i++)
        if (h->second[i] == h->kept)
            sum_up(h, i);
    return n_second > 0;
}

/* Squared length of the sums over the part that is not summed up. */
static int64_t other_norm2(const struct halves *h)
{
    return h->event->sums->norm2[VIEW_ALL] - 2 * h->with_whole + h->sums->norm2[VIEW_ALL];
}

/* Moves each member to the part it resembles more; did any move? */
static bool assign(struct halves *h)
{
    bool moved = false;
    int64_t norm2 = h->sums->norm2[VIEW_ALL], other = other_norm2(h);
    multiply(h->event, h->sums, h->dots);
    for (size_t i = 0; i < h->event->n; i++) {
        double here = cosine_of(h->dots[i], norm2);
        double there = cosine_of(h->whole[i] - h->dots[i], other);
        bool second = h->kept ? here > there : there > here;
        if (second == h->second[i])
            continue;
        h->second[i] = second;
        sum_up(h, i);
        moved = true;
    }
    return moved;
}

/* Do the parts share as many terms as two events must to be compared? */
static bool comparable(const struct halves *h, double min_shared)
{
    const struct sums *all = h->event->sums;
    size_t shared = 0;
    for (size_t i = 0, k = 0; k < h->sums->n && (double)shared < min_shared; i++) {
        if (all->ids[i] != h->sums->ids[k])
            continue;
        struct sum both = sum_at(all, i), here = sum_at(h->sums, k++);
        struct sum there = {both.w - here.w, both.n - here.n};
        shared += there.n > 0 && !sum_weighs_nothing(here) && !sum_weighs_nothing(there);
    }
    return (double)shared >= min_shared;
}

bool split_apart(double between, double within, double within_other)
{
    return between * 2 < fmin(within, within_other);
}

static bool too_alike(const struct halves *h, double min_shared)
{
    size_t n = h->n, others = h->event->n - n;
    int64_t norm2 = h->sums->norm2[VIEW_ALL];
    double pairs = (double)n * (double)others * VECTOR_ONE * VECTOR_ONE;
    return !split_apart((double)(h->with_whole - norm2) / pairs, mean_cosine(norm2, n),
                        mean_cosine(other_norm2(h), others)) &&
           comparable(h, min_shared);
}

bool split_members(struct slabs *memory, const struct news_event *e, double min_shared,
                   bool *second)
{
    const struct vector none = {0};
    struct halves h = {.event = e,
                       .memory = memory,
                       .sums = sums_add(memory, NULL, &none),
                       .second = second,
                       .whole = mem_alloc(e->n * sizeof *h.whole),
                       .dots = mem_alloc(e->n * sizeof *h.dots)};
    bool moved = begin(&h);
    for (size_t round = 1; moved && round < ROUNDS; round++)
        moved = assign(&h);
    bool parts = h.n > 0 && h.n < e->n && !too_alike(&h, min_shared);
    sums_free(memory, h.sums);
    free(h.whole);
    free(h.dots);
    return parts;
}
