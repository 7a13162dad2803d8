/* Memory for pieces of one size that come and go in any order, close together. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>
#include <stdint.h>

enum { POOL_CHUNK = 1 << 15 }; /* pieces */

/* Pieces have numbers, from 0 on, that a new piece takes over from one that was put back. */
struct pool {
    size_t size; /* of a piece, which can hold struct pool_vacant; the caller sets it */
    char **chunks;
    size_t n_chunks, cap_chunks;
    uint32_t given; /* pieces that have a number */
    struct pool_vacant *vacant;
};

struct pool_vacant { /* what stands in a piece that was put back */
    struct pool_vacant *next;
    uint32_t number;
};

/* Not cleared. */
void *pool_get(struct pool *p, uint32_t *number)
    __attribute__((returns_nonnull, warn_unused_result));
void pool_put(struct pool *p, uint32_t number);
void pool_free(struct pool *p);

static inline void *pool_at(const struct pool *p, uint32_t number)
{
    return p->chunks[number / POOL_CHUNK] + number % POOL_CHUNK * p->size;
}

#endif
