/* Allocator for pieces of one size that are allocated and freed in any order; it keeps them close
 * together. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>
#include <stdint.h>

enum { POOL_CHUNK = 1 << 15 }; /* pieces */

/* Pieces have numbers from 0 on. A new piece reuses the number of a freed one if there is one. */
struct pool {
    size_t size; /* of a piece, at least that of struct pool_vacant; set by the caller */
    char **chunks;
    size_t n_chunks, cap_chunks;
    uint32_t given; /* numbers assigned so far */
    struct pool_vacant *vacant;
};

struct pool_vacant { /* the contents of a freed piece */
    struct pool_vacant *next;
    uint32_t number;
};

/* The piece is not cleared. */
void *pool_get(struct pool *p, uint32_t *number)
    __attribute__((returns_nonnull, warn_unused_result));
void pool_put(struct pool *p, uint32_t number);
void pool_free(struct pool *p);

static inline void *pool_at(const struct pool *p, uint32_t number)
{
    return p->chunks[number / POOL_CHUNK] + number % POOL_CHUNK * p->size;
}

#endif
