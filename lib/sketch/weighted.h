/* Weighted MinHash (P-MinHash: Moulton & Jiang, "Maximally Consistent Sampling and the Jaccard
 * Index of Probability Distributions", 2018). For each of SKETCH_BANDS values every term draws an
 * exponential of rate its weight; the term with the least draw is the value. Two texts agree in a
 * value with a probability that grows with the weight of the terms they share.
 *
 * The draws are kept as logarithms in a table, made once: a term's are those that stand one after
 * another from a place that its id tells, less the logarithm of its weight. Only integers are
 * compared: the same terms give the same sketch on every machine.
 *
 * Format version 8: changes to the table, the count or the arithmetic need a new one. */
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
    uint8_t weight; /* a term of weight 0 is left out */
};

/* Values are ids of terms, of which there are less than 32768; all 0 when no term has weight. */
void sketch_weighted(const struct sketch_table *t, const struct sketch_term *terms, size_t n,
                     uint32_t out[SKETCH_BANDS]);

#endif
