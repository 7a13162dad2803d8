/* Allocator for pieces of many sizes that are allocated, grown and freed in any order. Sizes are
 * rounded up to one of four size classes for each power of two; pieces of one class are allocated
 * together in huge pages. A freed piece is reused for its size class. */
#ifndef BASE_SLABS_H
#define BASE_SLABS_H

#include <stddef.h>

enum {
    SLABS_LEAST = 256,       /* size of the smallest piece, in bytes */
    SLABS_SIZES = 4 * 8 + 1, /* the largest has 64 KB; larger pieces are allocated separately */
};

struct slabs {
    struct vacant *vacant[SLABS_SIZES];
    char **chunks;
    size_t n_chunks, cap_chunks, left; /* unallocated bytes in the last chunk */
};

/* Returns a piece of at least `*n` bytes and sets `*n` to its size. The piece is not cleared. */
void *slabs_get(struct slabs *s, size_t *n) __attribute__((returns_nonnull, warn_unused_result));
void slabs_put(struct slabs *s, void *piece, size_t n); /* `n` as set by slabs_get() */
void slabs_free(struct slabs *s);                       /* all large pieces must have been freed */

#endif
