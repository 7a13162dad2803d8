#include "sketch/weighted.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* -log2 of a uniform 32-bit hash in 8.24 fixed point, by its leading zeros and a table over the
 * next bits. */
enum { TABLE_BITS = 11, FRACTION = 24 };

struct sketcher {
    uint32_t log2_table[1 << TABLE_BITS]; /* log2(1 + i / 2^TABLE_BITS) in 0.24 */
};

/* log2 of a mantissa in [1, 2), by squaring: one bit of the result a step. */
static uint32_t log2_fraction(uint64_t mantissa /* 1.31 */)
{
    uint32_t log = 0;
    for (int bit = FRACTION - 1; bit >= 0; bit--) {
        mantissa = mantissa * mantissa >> 31;
        if (mantissa >> 32) {
            mantissa >>= 1;
            log |= 1u << bit;
        }
    }
    return log;
}

struct sketcher *sketcher_new(void)
{
    struct sketcher *s = mem_alloc(sizeof *s);
    for (uint64_t i = 0; i < 1 << TABLE_BITS; i++)
        s->log2_table[i] = log2_fraction((1ull << 31) + (i << (31 - TABLE_BITS)));
    return s;
}

void sketcher_free(struct sketcher *s)
{
    free(s);
}

/* A finaliser of murmur3's kind: every bit of the input moves every bit of the output. */
static uint32_t mix(uint32_t x)
{
    x ^= x >> 16;
    x *= 0x7feb352dU;
    x ^= x >> 15;
    x *= 0x846ca68bU;
    x ^= x >> 16;
    return x;
}

static uint32_t draw(const struct sketcher *s, uint32_t hash)
{
    if (hash == 0)
        return 32u << FRACTION;
    int zeros = __builtin_clz(hash);
    uint32_t next = hash << zeros << 1 >> (32 - TABLE_BITS);
    return ((uint32_t)zeros + 1) * (1u << FRACTION) - s->log2_table[next];
}

void sketch_weighted(const struct sketcher *s, const struct sketch_term *terms, size_t n,
                     uint32_t out[SKETCH_BANDS])
{
    uint64_t least[SKETCH_BANDS];
    memset(least, 0xff, sizeof least);
    memset(out, 0, SKETCH_BANDS * sizeof *out);
    for (size_t i = 0; i < n; i++) {
        if (terms[i].weight == 0)
            continue;
        uint64_t scale = (1u << 24) / terms[i].weight;
        uint32_t h = mix(terms[i].id);
        for (uint32_t band = 0; band < SKETCH_BANDS; band++) {
            uint64_t d = draw(s, mix(h + band * 0x9e3779b9U)) * scale;
            if (d < least[band]) {
                least[band] = d;
                out[band] = terms[i].id;
            }
        }
    }
}
