/* The LSH index over weighted sketches: (band, value) -> the newest articles that have it.
 * A bucket remembers INDEX_RING articles; the oldest gives way. So a query costs the same however
 * common a value is, and the index is a function of the articles put in, in order. */
#ifndef SKETCH_INDEX_H
#define SKETCH_INDEX_H

#include "sketch/weighted.h"

#include <stdint.h>

enum { INDEX_RING = 14 };

struct index;

struct index *index_new(void);
void index_free(struct index *x);

/* Article numbers must grow; articles below `oldest` are forgotten when room is needed. */
void index_put(struct index *x, const uint32_t sketch[SKETCH_BANDS], uint32_t article,
               uint32_t oldest);

/* Calls back for each article found, once for every band that it shares. */
void index_find(const struct index *x, const uint32_t sketch[SKETCH_BANDS], uint32_t oldest,
                void (*found)(void *, uint32_t article), void *arg);

#endif
