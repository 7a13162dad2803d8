/* Weighted MinHash (P-MinHash: Moulton & Jiang, "Maximally Consistent Sampling and the Jaccard
 * Index of Probability Distributions", 2018). For each of SKETCH_BANDS values every term draws an
 * exponential of rate its weight, from a hash of (term, value); the term with the least draw is the
 * value. Two texts agree in a value with a probability that grows with the weight of the terms they
 * share. Only operations that IEEE 754 rounds in one way: the same terms give the same sketch on
 * every machine.
 *
 * Format version 1: changes to the hash, the count or the arithmetic need a new one. */
#ifndef SKETCH_WEIGHTED_H
#define SKETCH_WEIGHTED_H

#include <stddef.h>
#include <stdint.h>

enum { SKETCH_BANDS = 24, SKETCH_VERSION = 7 };

struct sketch_term {
    uint32_t id;
    uint16_t weight; /* a term of weight 0 is left out */
};

/* Values are ids of terms; all 0 when no term has weight. */
void sketch_weighted(const struct sketch_term *terms, size_t n, uint32_t out[SKETCH_BANDS]);

#endif
