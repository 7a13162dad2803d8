/* The engine calls behind editors' decisions (link, merge, split) and behind articles that share an
 * address (unite). Called by ingest; the engine's own joins, merges and splits are in engine.c and
 * regroup.c. */
#include "base/mem.h"
#include "cluster/bound.h"
#include "cluster/changes.h"
#include "cluster/copies.h"
#include "cluster/engine.h"
#include "cluster/regroup.h"
#include "cluster/window.h"

#include <stdlib.h>

bool engine_link(struct engine *e, uint64_t a, uint64_t b, enum link_kind kind)
{
    return links_set(&e->links, a, b, kind);
}

bool engine_unlink(struct engine *e, uint64_t a, uint64_t b)
{
    return links_remove(&e->links, a, b);
}

struct list {
    const uint64_t *articles;
    size_t n;
};

static bool list_has(const void *set, uint64_t article)
{
    const struct list *l = set;
    for (size_t i = 0; i < l->n; i++)
        if (l->articles[i] == article)
            return true;
    return false;
}

bool engine_kept_apart(const struct engine *e, const uint64_t *articles, size_t n,
                       const uint64_t *others, size_t n_others)
{
    const struct list one = {articles, n}, other = {others, n_others};
    return links_part(&e->links, list_has, &one, &other);
}

bool engine_merge(struct engine *e, uint64_t one, uint64_t other)
{
    changes_begin(e);
    struct news_event *a = map_get(&e->events, one), *b = map_get(&e->events, other);
    if (!a || !b || a == b || bound_apart(e, a, b) || a->n + b->n > EVENT_MOST)
        return false;
    regroup_join(e, a, b, 1, e->params.merge_threshold);
    return true;
}

bool engine_unite(struct engine *e, uint64_t one, uint64_t other)
{
    struct article *a = window_article(e, one), *b = window_article(e, other);
    changes_begin(e);
    if (!a || !b || a == b ||
        (a->event != b->event && !engine_merge(e, a->event->number, b->event->number)))
        return false;
    copies_unite(a->event, a, b, changes_copied, e);
    return true;
}

uint64_t engine_split(struct engine *e, uint64_t number, const uint64_t *articles, size_t n)
{
    changes_begin(e);
    struct news_event *event = map_get(&e->events, number);
    if (!event)
        return e->next_event++;
    bool *moves = mem_zero(event->n * sizeof *moves);
    size_t moving = 0;
    for (size_t i = 0; i < n; i++) {
        size_t at = news_event_place(event, articles[i]);
        if (at < event->n && !moves[at]) {
            moves[at] = true;
            moving++;
        }
    }
    uint64_t part_number = bound_torn(e, event, moves) ? 0 : e->next_event;
    if (part_number && moving == 0) {
        e->next_event++;
    } else if (part_number) {
        struct news_event *part = window_begin_event(e, part_number);
        regroup_move(e, event, part, moves);
        regroup_part(e, event, part, 0, 0);
        if (event->n == 0) {
            changes_add(e, ENGINE_EXPIRED, number);
            window_drop_event(e, event);
        }
    }
    free(moves);
    return part_number;
}
