/* Allocator for numbered pieces of one size; see pool.h. Used by lib/cluster for events. */
#include "base/pool.h"

#include "base/mem.h"

#include <stdlib.h>

void *pool_get(struct pool *p, uint32_t *number)
{
    if (p->vacant) {
        struct pool_vacant *piece = p->vacant;
        p->vacant = piece->next;
        *number = piece->number;
        return piece;
    }
    if (p->given % POOL_CHUNK == 0) {
        MEM_GROW(p->chunks, p->n_chunks, p->cap_chunks);
        p->chunks[p->n_chunks++] = mem_large(POOL_CHUNK * p->size);
    }
    *number = p->given++;
    return pool_at(p, *number);
}

void pool_put(struct pool *p, uint32_t number)
{
    struct pool_vacant *piece = pool_at(p, number);
    *piece = (struct pool_vacant){p->vacant, number};
    p->vacant = piece;
}

void pool_free(struct pool *p)
{
    for (size_t i = 0; i < p->n_chunks; i++)
        mem_large_free(p->chunks[i], POOL_CHUNK * p->size);
    free(p->chunks);
    *p = (struct pool){.size = p->size};
}
