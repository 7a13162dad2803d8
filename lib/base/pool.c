#include "base/pool.h"

#include "base/mem.h"

#include <stdlib.h>

uint32_t pool_get(struct pool *p)
{
    if (p->n_vacant)
        return p->vacant[--p->n_vacant];
    if (p->n == p->n_chunks * POOL_CHUNK) {
        MEM_GROW(p->chunks, p->n_chunks, p->cap_chunks);
        p->chunks[p->n_chunks++] = mem_large(POOL_CHUNK * p->size);
    }
    return p->n++;
}

void pool_put(struct pool *p, uint32_t number)
{
    MEM_GROW(p->vacant, p->n_vacant, p->cap_vacant);
    p->vacant[p->n_vacant++] = number;
}

void pool_free(struct pool *p)
{
    for (size_t i = 0; i < p->n_chunks; i++)
        mem_large_free(p->chunks[i], POOL_CHUNK * p->size);
    free(p->chunks);
    free(p->vacant);
    *p = (struct pool){.size = p->size};
}
