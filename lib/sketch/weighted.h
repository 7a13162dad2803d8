/* Weighted MinHash (P-MinHash: Moulton & Jiang, "Maximally Consistent Sampling and the Jaccard
 * Index of Probability Distributions", 2018). For each of SKETCH_BANDS values every term draws from
 * an exponential distribution whose rate is its weight; the term with the smallest draw is the
 * value. The probability that two texts agree in a value grows with the weight of the terms they
 * share.
 *
 * The logarithms of the draws are in a table, built once: a term's draws are consecutive entries
 * from an index derived from its id, minus the logarithm of its weight. Only integers are compared,
 * so the same terms give the same sketch on every machine.
 *
 * Format version 8: changes to the table, the number of bands or the arithmetic require a new
 * version. */
#ifndef SKETCH_WEIGHTED_H
#define SKETCH_WEIGHTED_H

#include <stddef.h>
#include <stdint.h>

enum { SKETCH_BANDS = 24, SKETCH_VERSION = 8, SKETCH_DRAWS = 1 << 13, SKETCH_WEIGHT_MOST = 255 };

struct sketch_table {
    int16_t draws[SKETCH_DRAWS + SKETCH_BANDS]; /* logarithms, in 1/512 of a doubling */
    int16_t weights[SKETCH_WEIGHT_MOST + 1];
};
void sketch_table_make(struct sketch_table *t);

struct sketch_term {
    uint32_t id;
    uint8_t weight; /* a term of weight 0 is ignored */
};

/* Values are ids of terms; all are 0 when no term has weight. At most 32767 terms. */
void sketch_weighted(const struct sketch_table *t, const struct sketch_term *terms, size_t n,
                     uint32_t out[SKETCH_BANDS]);

#endif
