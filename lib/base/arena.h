/* Memory for pieces of any size that go in about the order in which they came: they are laid one
 * behind the other into chunks of a huge page, and a chunk is free again when its last piece is. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

enum { ARENA_MOST = 1 << 16 }; /* bytes of one piece */

struct arena {
    struct chunk *filling, *spare;
};

void *arena_get(struct arena *a, size_t n) /* not cleared */
    __attribute__((returns_nonnull, warn_unused_result));
void arena_put(struct arena *a, void *piece);
void arena_free(struct arena *a); /* after the last piece was put back */

#endif
