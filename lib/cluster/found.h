/* Events found through their articles. Those found in most bands come first; at equal counts, the
 * one with the newer article. */
#ifndef CLUSTER_FOUND_H
#define CLUSTER_FOUND_H

#include "sketch/index.h"

#include <stddef.h>
#include <stdint.h>

enum { FOUND_PLACES = 1 << 9 };

struct found {
    uint64_t rank[INDEX_FOUND];   /* bands, newest article and index into events[], from high to low
                                     bits */
    uint32_t events[INDEX_FOUND]; /* the engine's handles of the events */
    size_t n;
    uint16_t places[FOUND_PLACES]; /* hash table by event: index of its rank plus 1; 0: empty */
};

void found_begin(struct found *f);
void found_note(struct found *f, uint32_t event, uint32_t article);

/* Moves the `most` greatest values to the front, in no order. */
void found_choose(uint64_t *v, size_t n, size_t most);

uint32_t found_event(const struct found *f, uint64_t rank);

#endif
