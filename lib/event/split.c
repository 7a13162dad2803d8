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

static double cosine_with(const struct vector *v, const struct sums *s)
{
    return s->norm2[VIEW_ALL] > 0 ? (double)sums_dot(s, v) / sqrt((double)s->norm2[VIEW_ALL]) : 0;
}

/* The member that resembles `s` least. */
static size_t farthest(const struct news_event *e, const struct sums *s)
{
    size_t at = 0;
    double least = INFINITY;
    for (size_t i = 0; i < e->n; i++) {
        double cosine = cosine_with(&e->members[i]->vector, s);
        if (cosine < least) {
            least = cosine;
            at = i;
        }
    }
    return at;
}

/* Moves each member to the part it resembles more; how many moved. */
static size_t assign(const struct news_event *e, const struct sums parts[2], bool *second)
{
    size_t moved = 0;
    for (size_t i = 0; i < e->n; i++) {
        const struct vector *v = &e->members[i]->vector;
        bool nearer = cosine_with(v, &parts[1]) > cosine_with(v, &parts[0]);
        moved += nearer != second[i];
        second[i] = nearer;
    }
    return moved;
}

static void sum_up(const struct news_event *e, const bool *second, struct sums parts[2])
{
    for (int side = 0; side < 2; side++)
        sums_free(&parts[side]);
    for (size_t i = 0; i < e->n; i++)
        sums_add(&parts[second[i]], &e->members[i]->vector);
}

bool split_members(const struct news_event *e, bool *second)
{
    struct sums parts[2] = {{0}, {0}};
    sums_add(&parts[0], &e->members[farthest(e, e->sums)]->vector);
    sums_add(&parts[1], &e->members[farthest(e, &parts[0])]->vector);
    size_t rounds = 0, n_second = 0;
    for (size_t i = 0; i < e->n; i++)
        second[i] = false;
    while (assign(e, parts, second) && ++rounds < ROUNDS)
        sum_up(e, second, parts);
    for (int side = 0; side < 2; side++)
        sums_free(&parts[side]);
    for (size_t i = 0; i < e->n; i++)
        n_second += second[i];
    return n_second > 0 && n_second < e->n;
}
