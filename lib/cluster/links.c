/* Stores editors' links and rejects contradictory ones. Knows articles only by number; bound.c
 * applies links to events. */
#include "cluster/links.h"

#include "base/mem.h"

#include <stdlib.h>

static bool is_link_of(const struct link *link, uint64_t a, uint64_t b)
{
    return (link->a == a && link->b == b) || (link->a == b && link->b == a);
}

bool links_remove(struct links *l, uint64_t a, uint64_t b)
{
    for (size_t i = 0; i < l->n; i++)
        if (is_link_of(&l->v[i], a, b)) {
            l->v[i] = l->v[--l->n];
            return true;
        }
    return false;
}

struct group {
    uint64_t *v;
    size_t n, cap;
};

static bool group_holds(const struct group *g, uint64_t article)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->v[i] == article)
            return true;
    return false;
}

static void add_to_group(struct group *g, uint64_t article)
{
    if (group_holds(g, article))
        return;
    MEM_GROW(g->v, g->n, g->cap);
    g->v[g->n++] = article;
}

/* All articles that must be with `article`, including itself. */
static struct group group_of(const struct links *l, uint64_t article)
{
    struct group g = {0};
    add_to_group(&g, article);
    for (size_t i = 0; i < g.n; i++)
        for (size_t k = 0; k < l->n; k++) {
            if (l->v[k].kind != MUST_LINK)
                continue;
            if (l->v[k].a == g.v[i])
                add_to_group(&g, l->v[k].b);
            else if (l->v[k].b == g.v[i])
                add_to_group(&g, l->v[k].a);
        }
    return g;
}

static bool contradicts(const struct links *l, uint64_t a, uint64_t b, enum link_kind kind)
{
    struct group of_a = group_of(l, a), of_b = group_of(l, b);
    bool found = kind == CANNOT_LINK && group_holds(&of_a, b);
    for (size_t i = 0; !found && kind == MUST_LINK && i < l->n; i++)
        found = l->v[i].kind == CANNOT_LINK &&
                ((group_holds(&of_a, l->v[i].a) && group_holds(&of_b, l->v[i].b)) ||
                 (group_holds(&of_a, l->v[i].b) && group_holds(&of_b, l->v[i].a)));
    free(of_a.v);
    free(of_b.v);
    return found;
}

bool links_set(struct links *l, uint64_t a, uint64_t b, enum link_kind kind)
{
    if (a == b || contradicts(l, a, b, kind))
        return false;
    MEM_GROW(l->v, l->n, l->cap);
    l->v[l->n++] = (struct link){a, b, kind};
    return true;
}

bool links_part(const struct links *l, links_has_fn *has, const void *one, const void *other)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct link *link = &l->v[i];
        if (link->kind == CANNOT_LINK && ((has(one, link->a) && has(other, link->b)) ||
                                          (has(one, link->b) && has(other, link->a))))
            return true;
    }
    return false;
}

void links_free(struct links *l)
{
    free(l->v);
    *l = (struct links){0};
}
