#include "cluster/regroup.h"

#include "base/mem.h"
#include "cluster/changes.h"
#include "cluster/copies.h"
#include "cluster/join.h"
#include "cluster/split.h"
#include "cluster/window.h"

#include <stdlib.h>

enum { MAX_NEIGHBOURS = 12 /* likeliest first, the events that one is compared with to merge */ };

/* ---- links ----------------------------------------------------------------------------------- */

static bool event_has(const void *event, uint64_t article)
{
    return news_event_holds(event, article);
}

bool regroup_forbidden(const struct engine *e, const struct news_event *a,
                       const struct news_event *b)
{
    return links_part(&e->links, event_has, a, b);
}

struct news_event *regroup_wanted(const struct engine *e, uint64_t article)
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

bool regroup_held(const struct engine *e, const struct news_event *event, uint64_t article)
{
    for (size_t i = 0; i < e->links.n; i++) {
        const struct link *link = &e->links.v[i];
        if (link->kind == MUST_LINK && (link->a == article || link->b == article) &&
            news_event_holds(event, link->a == article ? link->b : link->a))
            return true;
    }
    return false;
}

/* ---- merging -------------------------------------------------------------------------------- */

/* `from` is empty after. */
static void take_in(struct engine *e, struct news_event *into, struct news_event *from)
{
    for (size_t i = 0; i < from->n; i++)
        e->homes[from->members[i]->number - e->first] = into->handle;
    news_event_merge(&e->sums, into, from);
}

struct news_event *regroup_join(struct engine *e, struct news_event *a, struct news_event *b,
                                double probability, double threshold)
{
    bool a_stays = a->n > b->n || (a->n == b->n && a->number < b->number);
    struct news_event *into = a_stays ? a : b, *from = a_stays ? b : a;
    struct engine_change *c = changes_add(e, ENGINE_MERGED, into->number);
    c->from = from->number;
    c->probability = probability;
    c->threshold = threshold;
    copies_meet(into, from, &e->params, changes_copied, e);
    take_in(e, into, from);
    for (size_t i = 0; i < e->n_candidates; i++)
        if (e->candidates[i].event == from)
            e->candidates[i].event = into;
    window_drop_event(e, from);
    return into;
}

struct news_event *regroup_merge(struct engine *e, struct news_event *changed)
{
    struct news_event *near[MAX_NEIGHBOURS];
    size_t n = 0;
    for (size_t i = 0; i < e->n_candidates && n < MAX_NEIGHBOURS; i++)
        if (e->candidates[i].event != changed &&
            e->candidates[i].score.probability >= e->params.neighbour)
            near[n++] = e->candidates[i].event;
    for (;;) {
        struct score best = {.probability = -1};
        size_t at = 0;
        for (size_t i = 0; i < n; i++) {
            struct news_event *a = changed, *b = near[i];
            if (a->n > b->n || (a->n == b->n && a->number < b->number)) {
                a = near[i];
                b = changed;
            }
            struct score s;
            if (!score_features(a, b, e->rarity, e->params.min_shared, &s))
                continue;
            s.probability = score_model(&e->merge, s.f);
            if (e->watch)
                e->watch(e->watch_arg, true, a, b, &s);
            if (s.probability > best.probability &&
                !join_guard(e, a, b, &s, e->params.merge_threshold)) {
                best = s;
                at = i;
            }
        }
        if (best.probability < 0)
            return changed;
        changed = regroup_join(e, changed, near[at], best.probability, e->params.merge_threshold);
        near[at] = near[--n];
    }
}

/* ---- splitting ------------------------------------------------------------------------------ */

static void move_members(struct engine *e, struct news_event *from, struct news_event *into,
                         const bool *moves)
{
    for (size_t i = from->n; i-- > 0;) {
        struct article *a = from->members[i];
        if (!moves[i])
            continue;
        news_event_remove(&e->sums, from, a);
        news_event_add(&e->sums, into, a);
        window_moved(e, a);
    }
}

/* The larger part keeps the number; of two that are equal, the one with the earliest article. */
static void larger_stays(bool *moves, size_t n)
{
    size_t moving = 0;
    for (size_t i = 0; i < n; i++)
        moving += moves[i];
    if (moving * 2 < n || (moving * 2 == n && !moves[0]))
        return;
    for (size_t i = 0; i < n; i++)
        moves[i] = !moves[i];
}

/* A must-link whose articles would be in different parts; NULL when there is none. */
static const struct link *torn_link(const struct engine *e, const struct news_event *event,
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

/* What must be with an article goes where it goes. */
static void heed_links(const struct engine *e, const struct news_event *event, bool *moves)
{
    const struct link *torn;
    while ((torn = torn_link(e, event, moves)))
        moves[news_event_place(event, torn->a)] = moves[news_event_place(event, torn->b)] = true;
}

static bool parts_it(const bool *moves, size_t n)
{
    size_t moving = 0;
    for (size_t i = 0; i < n; i++)
        moving += moves[i];
    return moving > 0 && moving < n;
}

void regroup_part(struct engine *e, struct news_event *event, struct news_event *part,
                  double probability, double threshold)
{
    e->next_event++;
    map_put(&e->events, part->number, part);
    copies_part(event, part, changes_copied, e);
    struct engine_change *c = changes_add(e, ENGINE_SPLIT, part->number);
    c->from = event->number;
    c->probability = probability;
    c->threshold = threshold;
    c->n_articles = part->n;
    c->articles = mem_alloc(part->n * sizeof *c->articles);
    for (size_t i = 0; i < part->n; i++)
        c->articles[i] = part->members[i]->number;
}

/* Two stories: the parts are split_apart(), and as events they would be far from merging. */
static bool two_stories(const struct engine *e, struct news_event *part, struct news_event *rest,
                        double *probability)
{
    struct score s = {0};
    if (score_features(part, rest, e->rarity, e->params.min_shared, &s))
        s.probability = score_model(&e->merge, s.f);
    *probability = s.probability;
    return split_apart(s.f[FEATURE_mean_all], news_event_mean_cosine(rest, VIEW_ALL),
                       news_event_mean_cosine(part, VIEW_ALL)) &&
           (s.probability < e->params.split_threshold ||
            join_far_apart(&e->params, part, rest, &s));
}

void regroup_split(struct engine *e, struct news_event *event, bool changed)
{
    if (!split_due(event->n) && !(changed && split_cheap(event->n)))
        return;
    bool *moves = mem_alloc(event->n * sizeof *moves);
    bool parts = split_members(event, e->params.min_shared, moves);
    if (parts)
        heed_links(e, event, moves);
    if (parts && parts_it(moves, event->n)) {
        larger_stays(moves, event->n);
        struct news_event *part = window_begin_event(e, e->next_event);
        move_members(e, event, part, moves);
        double probability;
        if (two_stories(e, part, event, &probability)) {
            regroup_part(e, event, part, probability, e->params.split_threshold);
        } else {
            take_in(e, event, part);
            window_end_event(e, part);
        }
    }
    free(moves);
}

/* ---- what editors decide -------------------------------------------------------------------- */

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
    if (!a || !b || a == b || regroup_forbidden(e, a, b) || a->n + b->n > EVENT_MOST)
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
    uint64_t part_number = torn_link(e, event, moves) ? 0 : e->next_event;
    if (part_number && moving == 0) {
        e->next_event++;
    } else if (part_number) {
        struct news_event *part = window_begin_event(e, part_number);
        move_members(e, event, part, moves);
        regroup_part(e, event, part, 0, 0);
        if (event->n == 0) {
            changes_add(e, ENGINE_EXPIRED, number);
            window_drop_event(e, event);
        }
    }
    free(moves);
    return part_number;
}
