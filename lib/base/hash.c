/* Wraps XXH3; see hash.h. Used throughout lib and daemon. */
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL /* inputs are short: a call costs as much as the hash */
#include <xxhash.h>

uint64_t hash64(const void *bytes, size_t n, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes, n, seed);
}

void hash128(const void *bytes, size_t n, unsigned char out[HASH128])
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes, n));
    memcpy(out, canonical.digest, HASH128);
}

/* XXH3's state type stays private to this file. */
struct hash_state *hash_begin(uint64_t seed)
{
    XXH3_state_t *state = XXH3_createState();
    if (!state || XXH3_64bits_reset_withSeed(state, seed) != XXH_OK)
        abort(); /* out of memory */
    return (struct hash_state *)state;
}

void hash_more(struct hash_state *h, const void *bytes, size_t n)
{
    if (n)
        XXH3_64bits_update((XXH3_state_t *)h, bytes, n);
}

uint64_t hash_sofar(const struct hash_state *h)
{
    return XXH3_64bits_digest((const XXH3_state_t *)h);
}

void hash_end(struct hash_state *h)
{
    XXH3_freeState((XXH3_state_t *)h);
}

uint64_t hash_pair(uint64_t a, uint64_t b)
{
    uint64_t both[2] = {a, b};
    return XXH3_64bits_withSeed(both, sizeof both, 0);
}
