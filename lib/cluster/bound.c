/* Looks up editors' links for events and articles of the window. Links themselves live in links.c.
 * Called by engine.c, editors.c, join.c, regroup.c and renew.c. */
#include "cluster/bound.h"

#include "cluster/window.h"

static bool event_has(const void *event, uint64_t article)
{
    return news_event_holds(event, article);
}

bool bound_apart(const struct engine *e, const struct news_event *a, const struct news_event *b)
{
    return links_part(&e->links, event_has, a, b);
}

struct news_event *bound_wanted(const struct engine *e, uint64_t article)
{
    for (size_t i = 0; i < e->links.n; i++) {
        const struct link *link = &e->links.v[i];
        if (link->kind != MUST_LINK || (link->a != article && link->b != article))
            continue;
        const struct article *other = window_article(e, link->a == article ? link->b : link->a);
        if (other)
            return other->event;
    }
    return NULL;
}

bool bound_held(const struct engine *e, const struct news_event *event, uint64_t article)
{
    for (size_t i = 0; i < e->links.n; i++) {
        const struct link *link = &e->links.v[i];
        if (link->kind == MUST_LINK && (link->a == article || link->b == article) &&
            news_event_holds(event, link->a == article ? link->b : link->a))
            return true;
    }
    return false;
}

const struct link *bound_torn(const struct engine *e, const struct news_event *event,
                              const bool *moves)
{
    for (size_t i = 0; i < e->links.n; i++) {
        const struct link *link = &e->links.v[i];
        size_t a = news_event_place(event, link->a), b = news_event_place(event, link->b);
        if (link->kind == MUST_LINK && a < event->n && b < event->n && moves[a] != moves[b])
            return link;
    }
    return NULL;
}
