/* Size-class allocator; see slabs.h. Used by lib/cluster for the term sums of events. */
#include "base/slabs.h"

#include "base/mem.h"

#include <stdlib.h>

struct vacant {
    struct vacant *next;
};

/* Pieces are cut from spans, so that a rarely used size class wastes little memory. */
enum { SPAN = 1 << 16 };

/* Finds the smallest size class of at least `*n` bytes and sets `*n` to its size. */
static size_t size_class(size_t *n)
{
    size_t size = 0, bytes = SLABS_LEAST, step = SLABS_LEAST / 4;
    while (bytes < *n) {
        bytes += step;
        if (++size % 4 == 0)
            step *= 2;
    }
    *n = bytes;
    return size;
}

static char *new_span(struct slabs *s)
{
    if (!s->left) {
        MEM_GROW(s->chunks, s->n_chunks, s->cap_chunks);
        s->chunks[s->n_chunks++] = mem_large(MEM_HUGE);
        s->left = MEM_HUGE;
    }
    s->left -= SPAN;
    return s->chunks[s->n_chunks - 1] + s->left;
}

void *slabs_get(struct slabs *s, size_t *n)
{
    size_t size = size_class(n);
    if (size >= SLABS_SIZES)
        return mem_alloc(*n);
    if (!s->vacant[size]) {
        char *span = new_span(s);
        for (size_t at = 0; at + *n <= SPAN; at += *n) {
            struct vacant *v = (struct vacant *)(void *)(span + at);
            v->next = s->vacant[size];
            s->vacant[size] = v;
        }
    }
    struct vacant *piece = s->vacant[size];
    s->vacant[size] = piece->next;
    return piece;
}

void slabs_put(struct slabs *s, void *piece, size_t n)
{
    size_t size = size_class(&n);
    if (size >= SLABS_SIZES) {
        free(piece);
        return;
    }
    struct vacant *v = piece;
    v->next = s->vacant[size];
    s->vacant[size] = v;
}

void slabs_free(struct slabs *s)
{
    for (size_t i = 0; i < s->n_chunks; i++)
        mem_large_free(s->chunks[i], MEM_HUGE);
    free(s->chunks);
    *s = (struct slabs){0};
}
