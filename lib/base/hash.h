/* XXH3 with fixed seeds: the same bytes give the same value on every machine and in every version.
 * Values are stored, so neither the function nor the seeds may change without a new store
 * format. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t hash64(const void *bytes, size_t n, uint64_t seed);

/* XXH3 of 128 bits, in its canonical form: big-endian. */
enum { HASH128 = 16 };
void hash128(const void *bytes, size_t n, unsigned char out[HASH128]);

/* Incremental hashing: hash_sofar() equals hash64() of all bytes added so far. */
struct hash_state;
struct hash_state *hash_begin(uint64_t seed);
void hash_more(struct hash_state *h, const void *bytes, size_t n);
uint64_t hash_sofar(const struct hash_state *h);
void hash_end(struct hash_state *h);

/* Combines two values into one, for compound keys. */
uint64_t hash_pair(uint64_t a, uint64_t b);

#endif
