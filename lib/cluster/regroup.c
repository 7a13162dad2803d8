/* Merges and splits events after one has changed. Called by engine.c, editors.c and renew.c. The
 * tests for merging are in join.c and score.c, the partition in split.c. */
#include "cluster/regroup.h"

#include "base/mem.h"
#include "cluster/bound.h"
#include "cluster/changes.h"
#include "cluster/copies.h"
#include "cluster/join.h"
#include "cluster/split.h"
#include "cluster/window.h"

#include <stdlib.h>

enum { MAX_NEIGHBOURS = 12 /* events compared for a merge, most probable first */ };

/* ---- merging --------------------------------------------------------------------------------- */

/* `from` is empty afterwards. */
static void take_event_in(struct engine *e, struct news_event *into, struct news_event *from)
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
    take_event_in(e, into, from);
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

/* ---- splitting ------------------------------------------------------------------------------- */

void regroup_move(struct engine *e, struct news_event *from, struct news_event *into,
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

/* The larger part keeps the number; of two equal parts, the one with the earliest article. */
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

/* Articles tied by a must-link move together. */
static void heed_links(const struct engine *e, const struct news_event *event, bool *moves)
{
    const struct link *torn;
    while ((torn = bound_torn(e, event, moves)))
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

/* True when the parts are two stories: split_apart(), and as events far from merging. */
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
        regroup_move(e, event, part, moves);
        double probability;
        if (two_stories(e, part, event, &probability)) {
            regroup_part(e, event, part, probability, e->params.split_threshold);
        } else {
            take_event_in(e, event, part);
            window_end_event(e, part);
        }
    }
    free(moves);
}
