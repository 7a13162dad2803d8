/* Memory for pieces of one size that come and go in any order, close together. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>

enum { POOL_CHUNK = 1 << 15 }; /* pieces */

struct pool {
    size_t size; /* of a piece, which can hold a pointer; the caller sets it */
    char **chunks;
    size_t n_chunks, cap_chunks, given; /* pieces of the last chunk */
    void *vacant;                       /* the pieces that were put back, each points to the next */
};

void *pool_get(struct pool *p) /* not cleared */
    __attribute__((returns_nonnull, warn_unused_result));
void pool_put(struct pool *p, void *piece);
void pool_free(struct pool *p);

#endif
