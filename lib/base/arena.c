/* Chunk allocator; see arena.h. Used by lib/cluster for the articles in the window. */
#define _DEFAULT_SOURCE /* madvise */
#include "base/arena.h"

#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { CHUNK = MEM_HUGE, ALIGN = 16 };

/* Chunks are aligned to their size, so a piece's address gives its chunk. */
struct chunk {
    size_t used, pieces;
};

static struct chunk *chunk_new(void)
{
    struct chunk *c = aligned_alloc(CHUNK, CHUNK);
    if (!c)
        abort();
    madvise(c, CHUNK, MADV_HUGEPAGE);
    return c;
}

static void begin_chunk(struct arena *a)
{
    struct chunk *c = a->spare ? a->spare : chunk_new();
    a->spare = NULL;
    a->filling = c;
    *c = (struct chunk){.used = ALIGN};
}

static void drop_chunk(struct arena *a, struct chunk *c)
{
    if (a->spare)
        free(c);
    else
        a->spare = c;
}

void *arena_get(struct arena *a, size_t n)
{
    _Static_assert(sizeof(struct chunk) <= ALIGN, "pieces begin behind the head");
    n = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (n > ARENA_MOST)
        abort();
    if (!a->filling || a->filling->used + n > CHUNK) {
        if (a->filling && a->filling->pieces == 0)
            drop_chunk(a, a->filling);
        begin_chunk(a);
    }
    void *piece = (char *)a->filling + a->filling->used;
    a->filling->used += n;
    a->filling->pieces++;
    return piece;
}

void arena_put(struct arena *a, void *piece)
{
    struct chunk *c = (struct chunk *)((uintptr_t)piece & ~(uintptr_t)(CHUNK - 1));
    if (--c->pieces > 0)
        return;
    if (c == a->filling)
        c->used = ALIGN; /* reuse it from the start */
    else
        drop_chunk(a, c);
}

void arena_free(struct arena *a)
{
    free(a->filling);
    free(a->spare);
    *a = (struct arena){0};
}
