#include "sketch/index.h"

#include "base/mem.h"

#include <stdlib.h>

struct bucket {
    uint32_t value;
    uint16_t band;             /* + 1; 0 is an empty bucket */
    uint16_t newest;           /* where the newest article stands in the ring */
    uint32_t ring[INDEX_RING]; /* article numbers, 0 none */
};
_Static_assert(sizeof(struct bucket) == 64, "a bucket is one cache line");

struct index {
    struct bucket *v;
    size_t n, slots;
};

enum { FIRST_SLOTS = 1 << 12 };

static struct bucket *bucket_of(struct bucket *v, size_t slots, uint32_t band, uint32_t value)
{
    uint64_t h = (value * 0x9e3779b97f4a7c15ull) ^ (band * 0xc2b2ae3d27d4eb4full);
    size_t i = (h ^ h >> 29) & (slots - 1);
    while (v[i].band && (v[i].band != band + 1 || v[i].value != value))
        i = (i + 1) & (slots - 1);
    return &v[i];
}

struct index *index_new(void)
{
    struct index *x = mem_zero(sizeof *x);
    x->slots = FIRST_SLOTS;
    x->v = mem_zero(x->slots * sizeof *x->v);
    return x;
}

void index_free(struct index *x)
{
    if (!x)
        return;
    free(x->v);
    free(x);
}

/* Drops the buckets that hold old articles alone, then grows if it is still more than half full. */
static void make_room(struct index *x, uint32_t oldest)
{
    size_t live = 0;
    for (size_t i = 0; i < x->slots; i++)
        live += x->v[i].band && x->v[i].ring[x->v[i].newest] >= oldest;
    size_t slots = x->slots;
    while (live * 2 > slots)
        slots *= 2;
    struct bucket *new = mem_zero(slots * sizeof *new);
    for (size_t i = 0; i < x->slots; i++) {
        const struct bucket *b = &x->v[i];
        if (b->band && b->ring[b->newest] >= oldest)
            *bucket_of(new, slots, b->band - 1u, b->value) = *b;
    }
    free(x->v);
    x->v = new;
    x->slots = slots;
    x->n = live;
}

void index_put(struct index *x, const uint32_t sketch[SKETCH_BANDS], uint32_t article,
               uint32_t oldest)
{
    if ((x->n + SKETCH_BANDS) * 4 > x->slots * 3)
        make_room(x, oldest);
    for (uint32_t band = 0; band < SKETCH_BANDS; band++) {
        if (!sketch[band])
            continue;
        struct bucket *b = bucket_of(x->v, x->slots, band, sketch[band]);
        if (!b->band) {
            b->band = (uint16_t)(band + 1);
            b->value = sketch[band];
            x->n++;
        }
        b->newest = (uint16_t)((b->newest + 1) % INDEX_RING);
        b->ring[b->newest] = article;
    }
}

void index_find(const struct index *x, const uint32_t sketch[SKETCH_BANDS], uint32_t oldest,
                void (*found)(void *, uint32_t), void *arg)
{
    for (uint32_t band = 0; band < SKETCH_BANDS; band++) {
        if (!sketch[band])
            continue;
        const struct bucket *b = bucket_of(x->v, x->slots, band, sketch[band]);
        for (size_t k = 0; b->band && k < INDEX_RING; k++) {
            uint32_t article = b->ring[(b->newest + INDEX_RING - k) % INDEX_RING];
            if (article < oldest || !article)
                break;
            found(arg, article);
        }
    }
}
