/* Plain MinHash of word shingles, for finding copies: one-permutation hashing (Li, Owen & Zhang,
 * "One Permutation Hashing", 2012) with optimal densification (Shrivastava, 2017). */
#ifndef SKETCH_SHINGLES_H
#define SKETCH_SHINGLES_H

#include <stddef.h>
#include <stdint.h>

enum { SHINGLE_WORDS = 4, SHINGLE_BITS = 6, SHINGLE_VALUES = 1 << SHINGLE_BITS };

struct shingles {
    uint16_t n; /* shingles of the text; 0 for a text of fewer than SHINGLE_WORDS words */
    uint8_t values[SHINGLE_VALUES]; /* eight bits of each value: some agree by chance */
};

/* `words` are hashes of the words in text order. */
void shingles_of(const uint32_t *words, size_t n, struct shingles *out);

/* Estimates the share of the smaller text that is contained in the other, 0 to 1; 0 when either has
 * no shingles. */
double shingles_contained(const struct shingles *a, const struct shingles *b);

#endif
