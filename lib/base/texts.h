/* Allocator for strings that are freed together: one block of memory holds many. */
#ifndef BASE_TEXTS_H
#define BASE_TEXTS_H

#include <stddef.h>

struct texts {
    struct texts_block *last; /* NULL while empty */
};

char *texts_add(struct texts *t, const char *s) __attribute__((returns_nonnull));
char *texts_addn(struct texts *t, const char *s, size_t n) __attribute__((returns_nonnull));
void texts_free(struct texts *t);

#endif
