/* The LSH index over weighted sketches: (band, value) -> the newest articles that have it.
 * For each band a table of the values, each with its INDEX_NEWEST newest articles: a query costs
 * the same however common a value is; what it finds is a function of what was put in, in whatever
 * order. */
#ifndef SKETCH_INDEX_H
#define SKETCH_INDEX_H

#include "sketch/weighted.h"

#include <stddef.h>
#include <stdint.h>

enum { INDEX_NEWEST = 7, INDEX_FOUND = SKETCH_BANDS * INDEX_NEWEST };

struct index;

struct index *index_new(void);
void index_free(struct index *x);

/* Makes room for so many articles at once, before the first. */
void index_expect(struct index *x, size_t articles);

/* Article numbers are under 2^31; articles below `oldest`, which must grow, are forgotten. An
 * article may be put in several times, and is found by all its sketches. */
void index_put(struct index *x, const uint32_t sketch[SKETCH_BANDS], uint32_t article,
               uint32_t oldest);

/* Asks the memory for where the values stand, so that a query or index_put() soon after has them.
 */
void index_ahead(const struct index *x, const uint32_t sketch[SKETCH_BANDS]);

/* The articles found, each once for every band that it shares, in no order; how many. There is room
 * for one more. */
size_t index_find(const struct index *x, const uint32_t sketch[SKETCH_BANDS], uint32_t oldest,
                  uint32_t out[INDEX_FOUND + 1]);

#endif
