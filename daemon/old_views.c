/* Tracks store views of readers that are behind the newest commit, and decides when to warn about
 * them. Called by upkeep.c; does no I/O. */
#include "old_views.h"

/* State numbers are unique, and a new view is always of the newest state. So an entry that is
 * behind and has the same process and state is the same view as before. */
static const struct old_view *find_view(const struct old_view *v, size_t n,
                                        const struct readers_view *r)
{
    for (size_t i = 0; i < n; i++)
        if (v[i].view.pid == r->pid && v[i].view.state == r->state)
            return &v[i];
    return NULL;
}

void old_views_take(struct old_views *o, const struct readers_view *open, size_t n, int64_t now,
                    void (*old)(void *, const struct old_view *),
                    void (*ended)(void *, const struct old_view *), void *arg)
{
    struct old_views next = {.n = 0};
    for (size_t i = 0; i < n && next.n < READERS_MOST; i++) {
        if (!open[i].behind || find_view(next.v, next.n, &open[i]))
            continue;
        const struct old_view *before = find_view(o->v, o->n, &open[i]);
        struct old_view *v = &next.v[next.n++];
        *v = before ? *before : (struct old_view){.since = now, .warn = OLD_VIEW};
        v->view = open[i];
        if (now - v->since < v->warn)
            continue;
        v->told = true;
        while (v->warn <= now - v->since)
            v->warn *= 2;
        old(arg, v);
    }
    for (size_t i = 0; i < o->n; i++)
        if (o->v[i].told && !find_view(next.v, next.n, &o->v[i].view))
            ended(arg, &o->v[i]);
    *o = next;
}

const struct old_view *old_views_oldest(const struct old_views *o)
{
    const struct old_view *oldest = o->n ? o->v : NULL;
    for (size_t i = 1; i < o->n; i++)
        if (o->v[i].view.state < oldest->view.state)
            oldest = &o->v[i];
    return oldest;
}
