/* XXH3 with fixed seeds: the same bytes give the same value on every machine and in every version.
 * Values are stored, so neither the function nor the seeds may change without a new format. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t hash64(const void *bytes, size_t n, uint64_t seed);

/* Mixes two values into one, for keys made of parts. */
uint64_t hash_pair(uint64_t a, uint64_t b);

#endif
