/* Computes weighted MinHash sketches; see weighted.h. Called by cluster/describe.c and similar.c.
 */
#include "sketch/weighted.h"

#include "base/hash.h"

#include <string.h>

enum { FRACTION_BITS = 9, DRAW_BITS = 24 };

/* log2(x / 2^32) with FRACTION_BITS; each squaring yields one more bit. x is not 0. */
static int16_t log2_of(uint64_t x)
{
    int whole = 63 - __builtin_clzll(x), log = (whole - 32) * (1 << FRACTION_BITS);
    uint64_t part = whole > 31 ? x >> (whole - 31) : x << (31 - whole); /* 1 to 2, times 2^31 */
    for (int bit = FRACTION_BITS - 1; bit >= 0; bit--) {
        part = part * part >> 31;
        if (part >> 32) {
            log += 1 << bit;
            part >>= 1;
        }
    }
    return (int16_t)log;
}

/* -ln(1 - u) of a uniform u, by its Pade approximant: winning draws are small, where the two agree.
 * In units of 2^-32, at least one. */
static uint64_t exponential(uint32_t draw)
{
    double u = draw * (1.0 / (1 << DRAW_BITS));
    double e = u * (6.0 - 3.0 * u) / (6.0 - u * (6.0 - u));
    return (uint64_t)(e * 4294967296.0) + 1;
}

void sketch_table_make(struct sketch_table *t)
{
    for (uint64_t i = 0; i < SKETCH_DRAWS + SKETCH_BANDS; i++)
        t->draws[i] =
            log2_of(exponential((uint32_t)(hash_pair(i, SKETCH_VERSION) >> (64 - DRAW_BITS))));
    t->weights[0] = 0;
    for (uint64_t weight = 1; weight <= SKETCH_WEIGHT_MOST; weight++)
        t->weights[weight] = log2_of(weight << 32);
}

/* The iterations of the inner loop are independent and use small integers, so the compiler
 * vectorises over bands. */
#ifndef __clang__
__attribute__((optimize("O3")))
#endif
void sketch_weighted(const struct sketch_table *t, const struct sketch_term *terms, size_t n,
                     uint32_t out[SKETCH_BANDS])
{
    int16_t least[SKETCH_BANDS], which[SKETCH_BANDS];
    memset(which, 0xff, sizeof which); /* -1: none */
    for (size_t band = 0; band < SKETCH_BANDS; band++)
        least[band] = INT16_MAX;
    for (size_t i = 0; i < n; i++) {
        if (terms[i].weight == 0)
            continue;
        const int16_t *draws = t->draws + (terms[i].id * 2654435769u >> 16) % SKETCH_DRAWS;
        int16_t weight = t->weights[terms[i].weight];
        for (size_t band = 0; band < SKETCH_BANDS; band++) {
            int16_t draw = (int16_t)(draws[band] - weight);
            which[band] = draw < least[band] ? (int16_t)i : which[band];
            least[band] = draw < least[band] ? draw : least[band];
        }
    }
    for (size_t band = 0; band < SKETCH_BANDS; band++)
        out[band] = which[band] < 0 ? 0 : terms[which[band]].id;
}
