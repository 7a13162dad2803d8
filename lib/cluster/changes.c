/* The list of changes that the current engine call reports; see changes.h. */
#include "cluster/changes.h"

#include "base/mem.h"

#include <stdlib.h>

void changes_begin(struct engine *e)
{
    for (size_t i = 0; i < e->n_changes; i++)
        free(e->changes[i].articles);
    e->n_changes = 0;
}

struct engine_change *changes_add(struct engine *e, enum engine_change_kind kind, uint64_t event)
{
    MEM_GROW(e->changes, e->n_changes, e->cap_changes);
    struct engine_change *c = &e->changes[e->n_changes++];
    *c = (struct engine_change){.kind = kind, .event = event};
    return c;
}

void changes_copied(void *arg, uint64_t article, uint64_t origin)
{
    struct engine *e = arg;
    struct engine_change *c = changes_add(e, ENGINE_COPIED, 0);
    c->article = article;
    c->origin = origin;
}
