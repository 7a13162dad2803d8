#include "event/search.h"

#include "event/window.h"

#include <stdlib.h>
#include <string.h>

static bool languages_meet(const struct engine *e, const char a[4], const char b[4])
{
    return !*a || !*b || !memcmp(a, b, 4) || e->params.mix_languages > 0;
}

static bool may_meet(const struct engine *e, const struct news_event *one,
                     const struct news_event *event)
{
    int64_t window = window_seconds(e);
    return languages_meet(e, event->lang, one->lang) && one->first - event->last <= window &&
           event->first - one->last <= window;
}

static int by_probability(const void *x, const void *y)
{
    const struct candidate *a = x, *b = y;
    if (a->score.probability < b->score.probability)
        return 1;
    if (a->score.probability > b->score.probability)
        return -1;
    return a->event->number > b->event->number ? 1 : -1;
}

/* Leaves the events of the articles that the index finds in e->found. They lie anywhere in memory,
 * so all are asked for before the first is read. */
static void find_events(struct engine *e)
{
    uint32_t numbers[INDEX_FOUND];
    size_t n = index_find(e->index, e->sketch, (uint32_t)(e->first + e->gone), numbers);
    for (size_t i = 0; i < n; i++)
        __builtin_prefetch(&e->homes[numbers[i] - e->first]);
    struct found *f = &e->found;
    found_begin(f);
    for (size_t i = 0; i < n; i++)
        found_note(f, (uint32_t)e->next_event - e->homes[numbers[i] - e->first]);
}

/* Of the events found the MAX_SCORED that come first of those that the article may meet; how many.
 */
static size_t choose_events(struct engine *e, const struct news_event *one,
                            struct news_event *out[MAX_SCORED])
{
    struct found *f = &e->found;
    uint64_t numbers[MAX_SCORED];
    size_t n = 0;
    for (size_t from = 0; from < f->n && n < MAX_SCORED;) {
        size_t left = f->n - from, take = left < MAX_SCORED - n ? left : MAX_SCORED - n;
        found_choose(f->rank + from, left, take);
        for (size_t i = 0; i < take; i++) {
            numbers[i] = e->next_event - found_age(f->rank[from + i]);
            map_ahead(&e->events, numbers[i]);
        }
        struct news_event **events = out + n;
        for (size_t i = 0; i < take; i++) {
            events[i] = map_get(&e->events, numbers[i]);
            __builtin_prefetch(events[i]);
        }
        for (size_t i = 0; i < take; i++) {
            out[n] = events[i];
            n += may_meet(e, one, out[n]);
        }
        from += take;
    }
    return n;
}

void search_events(struct engine *e, const struct news_event *one)
{
    struct news_event *events[MAX_SCORED];
    find_events(e);
    size_t n = choose_events(e, one, events);
    for (size_t i = 0; i < n; i++)
        glance_ahead(events[i]);
    glance_set(&e->glance, &one->members[0]->vector);
    size_t begun = 0, alike = 0;
    for (size_t i = 0; i < n; i++)
        if (glance_begins(&e->glance, events[i]) || e->params.glance <= 0)
            events[begun++] = events[i];
    for (size_t i = 0; i < begun; i++)
        if (glance_passes(&e->glance, events[i], e->params.glance, e->params.min_shared)) {
            score_ahead(events[i]);
            events[alike++] = events[i];
        }
    e->n_candidates = 0;
    for (size_t i = 0; i < alike; i++) {
        struct candidate *c = &e->candidates[e->n_candidates];
        c->event = events[i];
        if (!score_features(one, c->event, e->rarity, e->params.min_shared, &c->score))
            continue;
        c->score.probability = score_model(&e->join, c->score.f);
        if (e->watch)
            e->watch(e->watch_arg, false, one, c->event, &c->score);
        e->n_candidates++;
    }
    qsort(e->candidates, e->n_candidates, sizeof *e->candidates, by_probability);
}
