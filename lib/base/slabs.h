/* Memory for pieces of many sizes that come, grow and go in any order: sizes are rounded up to one
 * of four for each power of two, and pieces of one size lie together in huge pages. What is put
 * back is given again to who wants that size. */
#ifndef BASE_SLABS_H
#define BASE_SLABS_H

#include <stddef.h>

enum {
    SLABS_LEAST = 256,       /* bytes of the smallest piece */
    SLABS_SIZES = 4 * 8 + 1, /* the largest has 64 KB; what is larger is allocated by itself */
};

struct slabs {
    struct vacant *vacant[SLABS_SIZES];
    char **chunks;
    size_t n_chunks, cap_chunks, left; /* bytes not yet given of the last chunk */
};

/* A piece of `*n` bytes at least, as many as it says then; it is not cleared. */
void *slabs_get(struct slabs *s, size_t *n) __attribute__((returns_nonnull, warn_unused_result));
void slabs_put(struct slabs *s, void *piece, size_t n); /* with what slabs_get() said */
void slabs_free(struct slabs *s); /* after the last large piece was put back */

#endif
