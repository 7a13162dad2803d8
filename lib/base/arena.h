/* Allocator for pieces that are freed in roughly the order in which they were allocated. Pieces are
 * laid out one after another in chunks of one huge page; a chunk is reused once all its pieces are
 * freed. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

enum { ARENA_MOST = 1 << 16 }; /* maximum size of a piece, in bytes */

struct arena {
    struct chunk *filling, *spare;
};

void *arena_get(struct arena *a, size_t n) /* not cleared */
    __attribute__((returns_nonnull, warn_unused_result));
void arena_put(struct arena *a, void *piece);
void arena_free(struct arena *a); /* all pieces must have been returned with arena_put() */

#endif
