/* Computes and compares MinHash values of word shingles; see shingles.h. Called by
 * cluster/describe.c and copies.c. */
#include "sketch/shingles.h"

#include <string.h>

#define EMPTY UINT32_MAX

/* Spreads the entropy to the high bits. */
static uint64_t mix(uint64_t x)
{
    x *= 0x9e3779b97f4a7c15u;
    return (x ^ x >> 29) * 0xd6e8feb86659fd93u;
}

/* An empty value is copied from another, chosen by a hash of its position: the same for every text,
 * so equal texts stay equal. */
static void densify(const uint32_t least[SHINGLE_VALUES], uint8_t out[SHINGLE_VALUES])
{
    for (uint64_t i = 0; i < SHINGLE_VALUES; i++) {
        uint64_t from = i;
        for (uint64_t attempt = 1; least[from] == EMPTY; attempt++)
            from = mix(i << 32 | attempt) >> (64 - SHINGLE_BITS);
        out[i] = (uint8_t)least[from];
    }
}

/* The words are already hashes: combining them is enough, provided that the high bits are well
 * mixed. */
static uint64_t shingle(const uint32_t words[SHINGLE_WORDS])
{
    uint64_t h = 0;
    for (size_t i = 0; i < SHINGLE_WORDS; i++)
        h = (h + words[i]) * 0x9e3779b97f4a7c15u;
    return mix(h);
}

void shingles_of(const uint32_t *words, size_t n, struct shingles *out)
{
    memset(out, 0, sizeof *out);
    if (n < SHINGLE_WORDS)
        return;
    uint32_t least[SHINGLE_VALUES];
    memset(least, 0xff, sizeof least);
    size_t count = n - SHINGLE_WORDS + 1;
    for (size_t i = 0; i < count; i++) {
        uint64_t h = shingle(words + i);
        size_t place = h >> (64 - SHINGLE_BITS);
        uint32_t value = (uint32_t)(h >> 27) & 0x7fffffff, sofar = least[place];
        least[place] = value < sofar ? value : sofar;
    }
    densify(least, out->values);
    out->n = (uint16_t)(count > UINT16_MAX ? UINT16_MAX : count);
}

double shingles_contained(const struct shingles *a, const struct shingles *b)
{
    if (!a->n || !b->n)
        return 0;
    unsigned same = 0;
    for (size_t i = 0; i < SHINGLE_VALUES; i++)
        same += a->values[i] == b->values[i];
    double by_chance = 1.0 / 256, agree = (double)same / SHINGLE_VALUES;
    double jaccard = agree > by_chance ? (agree - by_chance) / (1 - by_chance) : 0;
    double smaller = a->n < b->n ? a->n : b->n;
    double contained = jaccard / (1 + jaccard) * (a->n + b->n) / smaller;
    return contained < 1 ? contained : 1;
}
