#include "base/pool.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

void *pool_get(struct pool *p)
{
    void *piece = p->vacant;
    if (piece) {
        memcpy(&p->vacant, piece, sizeof p->vacant);
        return piece;
    }
    if (!p->n_chunks || p->given == POOL_CHUNK) {
        MEM_GROW(p->chunks, p->n_chunks, p->cap_chunks);
        p->chunks[p->n_chunks++] = mem_large(POOL_CHUNK * p->size);
        p->given = 0;
    }
    return p->chunks[p->n_chunks - 1] + p->given++ * p->size;
}

void pool_put(struct pool *p, void *piece)
{
    memcpy(piece, &p->vacant, sizeof p->vacant);
    p->vacant = piece;
}

void pool_free(struct pool *p)
{
    for (size_t i = 0; i < p->n_chunks; i++)
        mem_large_free(p->chunks[i], POOL_CHUNK * p->size);
    free(p->chunks);
    *p = (struct pool){.size = p->size};
}
