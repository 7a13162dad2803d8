#include "sketch/weighted.h"

#include <math.h>
#include <string.h>

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

/* -ln(1 - u) of a uniform u of 24 bits, by its Pade approximant: what wins is small, and there the
 * two are one. */
static float draw(uint32_t hash)
{
    float u = (float)(int32_t)(hash >> 8) * 0x1p-24f;
    return u * (6.0f - 3.0f * u) / (6.0f - u * (6.0f - u));
}

/* No step of the inner loop waits for another, so that the compiler does several bands at once, all
 * the more where the processor has AVX2 or AVX-512. Each is rounded alike there, for none is fused.
 */
#if defined(__x86_64__) && !defined(__clang__)
__attribute__((target_clones("avx512f", "avx2", "default"), optimize("O3", "fp-contract=off")))
#endif
void sketch_weighted(const struct sketch_term *terms, size_t n, uint32_t out[SKETCH_BANDS])
{
    float least[SKETCH_BANDS];
    uint32_t value[SKETCH_BANDS] = {0};
    for (size_t band = 0; band < SKETCH_BANDS; band++)
        least[band] = INFINITY;
    for (size_t i = 0; i < n; i++) {
        if (terms[i].weight == 0)
            continue;
        float scale = 1.0f / (float)terms[i].weight;
        uint32_t id = terms[i].id, h = mix(id);
        for (uint32_t band = 0; band < SKETCH_BANDS; band++) {
            float d = draw(mix(h + band * 0x9e3779b9U)) * scale;
            value[band] = d < least[band] ? id : value[band];
            least[band] = d < least[band] ? d : least[band];
        }
    }
    memcpy(out, value, sizeof value);
}
