/* Hash map from numbers to pointers; see map.h. Used throughout lib and daemon. */
#include "base/map.h"

#include "base/mem.h"

#include <stdlib.h>

static size_t home(uint64_t key, size_t slots)
{
    uint64_t h = key * 0x9e3779b97f4a7c15ull;
    return (h ^ h >> 32) & (slots - 1);
}

static struct map_slot *find_slot(struct map_slot *v, size_t slots, uint64_t key)
{
    size_t i = home(key, slots);
    while (v[i].key && v[i].key != key)
        i = (i + 1) & (slots - 1);
    return &v[i];
}

void *map_get(const struct map *m, uint64_t key)
{
    return m->n ? find_slot(m->v, m->slots, key)->value : NULL;
}

void map_ahead(const struct map *m, uint64_t key)
{
    if (m->n)
        __builtin_prefetch(&m->v[home(key, m->slots)]);
}

void map_put(struct map *m, uint64_t key, void *value)
{
    if ((m->n + 1) * 4 > m->slots * 3) {
        size_t slots = m->slots ? m->slots * 2 : 64;
        struct map_slot *new = mem_large(slots * sizeof *new);
        for (size_t i = 0; i < m->slots; i++)
            if (m->v[i].key)
                *find_slot(new, slots, m->v[i].key) = m->v[i];
        mem_large_free(m->v, m->slots * sizeof *m->v);
        m->v = new;
        m->slots = slots;
    }
    struct map_slot *s = find_slot(m->v, m->slots, key);
    m->n += s->key == 0;
    *s = (struct map_slot){key, value};
}

void map_remove(struct map *m, uint64_t key)
{
    if (!m->n)
        return;
    struct map_slot *gap = find_slot(m->v, m->slots, key);
    if (!gap->key)
        return;
    m->n--;
    size_t at = (size_t)(gap - m->v), mask = m->slots - 1;
    for (size_t i = (at + 1) & mask; m->v[i].key; i = (i + 1) & mask) {
        size_t from = home(m->v[i].key, m->slots);
        if (((i - from) & mask) >= ((i - at) & mask)) {
            m->v[at] = m->v[i];
            at = i;
        }
    }
    m->v[at] = (struct map_slot){0, NULL};
}

void map_free(struct map *m)
{
    mem_large_free(m->v, m->slots * sizeof *m->v);
    *m = (struct map){0};
}
