/* Events found by the numbers of their articles, each by how many events have begun since it did:
 * those found in most bands come first, of two found as often the newer one. */
#ifndef EVENT_FOUND_H
#define EVENT_FOUND_H

#include "sketch/index.h"

#include <stddef.h>
#include <stdint.h>

enum { FOUND_PLACES = 1 << 9 };
#define FOUND_HIT (UINT64_C(1) << 32)

struct found {
    uint64_t rank[INDEX_FOUND]; /* FOUND_HIT times the bands, less the age */
    size_t n;
    uint16_t places[FOUND_PLACES]; /* by age: where its rank stands, plus 1; 0 is empty */
};

void found_begin(struct found *f);
void found_note(struct found *f, uint32_t age);

static inline uint32_t found_age(uint64_t rank)
{
    return (uint32_t)-rank;
}

/* Moves the `most` greatest to the front, in no order. */
void found_choose(uint64_t *v, size_t n, size_t most);

#endif
