/* The LSH index over weighted sketches: (band, value) -> the newest articles that have it. Each
 * band has a table of values, each with its INDEX_NEWEST newest articles. So a query costs the same
 * however common a value is, and the result does not depend on the order of insertion. */
#ifndef SKETCH_INDEX_H
#define SKETCH_INDEX_H

#include "sketch/weighted.h"

#include <stddef.h>
#include <stdint.h>

enum { INDEX_NEWEST = 7, INDEX_FOUND = SKETCH_BANDS * INDEX_NEWEST };

struct index;

struct index *index_new(void);
void index_free(struct index *x);

/* Reserves room for so many articles, before the first is added. */
void index_expect(struct index *x, size_t articles);

/* Article numbers are below 2^31. Articles below `oldest`, which must not decrease, are forgotten.
 * An article may be added several times and is found by all its sketches. */
void index_put(struct index *x, const uint32_t sketch[SKETCH_BANDS], uint32_t article,
               uint32_t oldest);

/* Prefetches the slots of the values for a query or index_put() soon after. */
void index_ahead(const struct index *x, const uint32_t sketch[SKETCH_BANDS]);

/* Writes the articles found, each once for every shared band, in no order; returns how many. `out`
 * has one spare element that is used as scratch space. */
size_t index_find(const struct index *x, const uint32_t sketch[SKETCH_BANDS], uint32_t oldest,
                  uint32_t out[INDEX_FOUND + 1]);

#endif
