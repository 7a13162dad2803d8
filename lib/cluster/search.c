/* Finds the candidate events of an article through the index and scores them. Called by engine.c,
 * nearest.c and renew.c. Does not choose among them. */
#include "cluster/search.h"

#include "cluster/window.h"

#include <stdlib.h>
#include <string.h>

static bool languages_meet(const struct engine *e, const char a[4], const char b[4])
{
    return !*a || !*b || !memcmp(a, b, 4) || e->params.mix_languages > 0;
}

static bool events_may_meet(const struct engine *e, const struct news_event *one,
                            const struct news_event *event)
{
    int64_t window = window_seconds(e);
    return event != one && languages_meet(e, event->lang, one->lang) &&
           one->first - event->last <= window && event->first - one->last <= window;
}

static int by_candidate_probability(const void *x, const void *y)
{
    const struct candidate *a = x, *b = y;
    if (a->score.probability < b->score.probability)
        return 1;
    if (a->score.probability > b->score.probability)
        return -1;
    return a->event->number > b->event->number ? 1 : -1;
}

/* Collects the events of the articles found by the index in e->found. They are scattered in memory,
 * so all are prefetched before the first is read. */
static void find_events(struct engine *e)
{
    uint32_t numbers[INDEX_FOUND + 1];
    size_t n = index_find(e->index, e->sketch, (uint32_t)(e->first + e->gone), numbers);
    for (size_t i = 0; i < n; i++)
        __builtin_prefetch(&e->homes[numbers[i] - e->first]);
    struct found *f = &e->found;
    found_begin(f);
    for (size_t i = 0; i < n; i++)
        found_note(f, e->homes[numbers[i] - e->first], numbers[i]);
}

/* Marks the article's terms by the low bits of their ids. Collisions are rare and cost only a
 * comparison. */
static void mark_terms(struct engine *e, const struct vector *v)
{
    for (size_t i = 0; i < v->n; i++)
        e->marks[v->v[i].id % SEARCH_MARKS / 64] |= UINT64_C(1) << v->v[i].id % 64;
}

static void unmark_terms(struct engine *e, const struct vector *v)
{
    for (size_t i = 0; i < v->n; i++)
        e->marks[v->v[i].id % SEARCH_MARKS / 64] = 0;
}

/* True when the article has more than min_shared of the event's heaviest terms, or the heaviest
 * one. An event with less in common is seldom the right one, and a full comparison is slow. */
static bool shares_tops(struct engine *e, const struct vector *v, struct news_event *event)
{
    unsigned shared = 0;
    news_event_sum_up(&e->sums, event);
    news_event_ready(event);
    for (size_t i = 0; i < event->n_tops; i++) {
        shared +=
            (unsigned)(e->marks[event->tops[i] % SEARCH_MARKS / 64] >> event->tops[i] % 64) & 1;
        if (shared > e->params.min_shared || (shared && i == 0))
            return true;
    }
    return shared >= v->n;
}

/* Takes the MAX_FOUND highest-ranked events that the article may join and keeps those that share
 * enough of their heaviest terms; returns how many. */
static size_t choose_events(struct engine *e, const struct news_event *one,
                            struct news_event *out[MAX_FOUND])
{
    struct found *f = &e->found;
    size_t n = 0, met = 0;
    for (size_t from = 0; from < f->n && met < MAX_FOUND;) {
        size_t left = f->n - from, take = left < MAX_FOUND - met ? left : MAX_FOUND - met;
        struct news_event *events[MAX_FOUND];
        found_choose(f->rank + from, left, take);
        for (size_t i = 0; i < take; i++) {
            events[i] = pool_at(&e->pool, found_event(f, f->rank[from + i]));
            __builtin_prefetch(events[i]);
            __builtin_prefetch(events[i]->tops);
        }
        for (size_t i = 0; i < take; i++) {
            if (!events_may_meet(e, one, events[i]))
                continue;
            met++;
            if (shares_tops(e, &one->members[0]->vector, events[i]))
                out[n++] = events[i];
        }
        from += take;
    }
    return n;
}

void search_events(struct engine *e, struct news_event *one)
{
    struct news_event *events[MAX_FOUND];
    const struct vector *v = &one->members[0]->vector;
    find_events(e);
    mark_terms(e, v);
    size_t n = choose_events(e, one, events);
    unmark_terms(e, v);
    for (size_t i = 0; i < n; i++)
        score_ahead(events[i]);
    e->n_candidates = 0;
    for (size_t i = 0; i < n; i++) {
        struct candidate *c = &e->candidates[e->n_candidates];
        c->event = events[i];
        if (!score_features(one, c->event, e->rarity, e->params.min_shared, &c->score))
            continue;
        c->score.probability = score_model(&e->join, c->score.f);
        if (e->watch)
            e->watch(e->watch_arg, false, one, c->event, &c->score);
        e->n_candidates++;
    }
    search_order(e);
}

void search_ask(struct engine *e, struct news_event *one, struct news_event *event)
{
    struct candidate asked = {.event = event};
    size_t at = 0;
    while (at < e->n_candidates && e->candidates[at].event != event)
        at++;
    if (at == MAX_FOUND)
        at--;
    else if (at == e->n_candidates)
        e->n_candidates++;
    if (score_features(one, event, e->rarity, e->params.min_shared, &asked.score))
        asked.score.probability = score_model(&e->join, asked.score.f);
    memmove(&e->candidates[1], e->candidates, at * sizeof *e->candidates);
    e->candidates[0] = asked;
}

void search_order(struct engine *e)
{
    qsort(e->candidates, e->n_candidates, sizeof *e->candidates, by_candidate_probability);
}
