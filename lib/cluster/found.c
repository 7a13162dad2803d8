/* Collects and ranks the events whose articles the index found; see found.h. Called by search.c and
 * similar.c. */
#include "cluster/found.h"

#include <string.h>

void found_begin(struct found *f)
{
    f->n = 0;
    memset(f->places, 0, sizeof f->places);
}

enum { WHICH_BITS = 8, ARTICLE_BITS = 32 };
#define A_BAND (UINT64_C(1) << (WHICH_BITS + ARTICLE_BITS))

void found_note(struct found *f, uint32_t event, uint32_t article)
{
    _Static_assert((int)INDEX_FOUND < (int)FOUND_PLACES / 2, "a free slot is found quickly");
    _Static_assert((int)INDEX_FOUND <= 1 << WHICH_BITS, "a rank identifies the event");
    const uint64_t tail = A_BAND - 1;
    size_t place = event * 2654435769u % FOUND_PLACES;
    for (; f->places[place]; place = (place + 1) % FOUND_PLACES) {
        size_t which = f->places[place] - 1u;
        if (f->events[which] != event)
            continue;
        uint64_t before = f->rank[which], own = (uint64_t)article << WHICH_BITS | which;
        uint64_t newest = own > (before & tail) ? own : before & tail;
        f->rank[which] = ((before & ~tail) + A_BAND) | newest;
        return;
    }
    f->events[f->n] = event;
    f->rank[f->n] = A_BAND | (uint64_t)article << WHICH_BITS | f->n;
    f->places[place] = (uint16_t)++f->n;
}

uint32_t found_event(const struct found *f, uint64_t rank)
{
    return f->events[rank % (1 << WHICH_BITS)];
}

/* Quickselect without a branch on the comparison, which the processor could not predict. */
void found_choose(uint64_t *v, size_t n, size_t most)
{
    while (most > 0 && n > most) {
        uint64_t pivot = v[n / 2];
        size_t greater = 0; /* v[0..greater) are greater than the pivot */
        v[n / 2] = v[n - 1];
        for (size_t i = 0; i + 1 < n; i++) {
            uint64_t other = v[i];
            v[i] = v[greater];
            v[greater] = other;
            greater += other > pivot;
        }
        v[n - 1] = v[greater];
        v[greater++] = pivot;
        if (greater <= most) {
            v += greater;
            n -= greater;
            most -= greater;
        } else {
            n = greater - 1;
        }
    }
}
