/* Memory for pieces of one size that come and go in any order, each known by a number of 32 bits.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>
#include <stdint.h>

enum { POOL_CHUNK = 1 << 15 }; /* pieces */

struct pool {
    size_t size; /* of a piece; the caller sets it */
    char **chunks;
    size_t n_chunks, cap_chunks;
    uint32_t *vacant; /* numbers that were put back, the last one on top */
    size_t n_vacant, cap_vacant;
    uint32_t n; /* numbers ever given */
};

uint32_t pool_get(struct pool *p); /* the piece is not cleared */
void pool_put(struct pool *p, uint32_t number);
void pool_free(struct pool *p);

static inline void *pool_at(const struct pool *p, uint32_t number)
{
    return p->chunks[number / POOL_CHUNK] + number % POOL_CHUNK * p->size;
}

#endif
