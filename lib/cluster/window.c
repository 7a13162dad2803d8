/* Maintains the articles of the window, their events and the index; see window.h. Called by all of
 * the engine. Does not decide where an article belongs. */
#include "cluster/window.h"

#include "base/mem.h"
#include "cluster/changes.h"

#include <string.h>

int64_t window_seconds(const struct engine *e)
{
    return (int64_t)(e->params.window * 3600);
}

/* A table of `n` elements enlarged to `more`. */
static void *widened(void *old, size_t n, size_t more, size_t size)
{
    void *new = mem_large(more * size);
    if (n)
        memcpy(new, old, n * size);
    mem_large_free(old, n * size);
    return new;
}

struct news_event *window_begin_event(struct engine *e, uint64_t number)
{
    uint32_t handle;
    struct news_event *event = pool_get(&e->pool, &handle);
    news_event_begin(event, number);
    event->handle = handle;
    return event;
}

void window_end_event(struct engine *e, struct news_event *event)
{
    news_event_end(&e->sums, event);
    pool_put(&e->pool, event->handle);
}

void window_drop_event(struct engine *e, struct news_event *event)
{
    map_remove(&e->events, event->number);
    window_end_event(e, event);
}

/* Prefetches what the next articles to expire will need, one step further for each. */
static void expire_ahead(const struct engine *e)
{
    enum { STEPS = 3 };
    for (size_t i = 0; i < STEPS && e->gone + i < e->n; i++) {
        const struct article *a = e->articles[e->gone + i];
        if (!a)
            continue;
        if (i == 2)
            __builtin_prefetch(a);
        else if (i == 1)
            __builtin_prefetch(a->event);
        else {
            uint64_t keys[MOULDS];
            habits_keys(a->publisher, &a->marks, keys);
            sums_ahead(a->event->sums);
            habits_ahead(&e->habits, keys);
        }
    }
}

void window_expire(struct engine *e)
{
    int64_t oldest = e->clock - window_seconds(e);
    for (; e->gone < e->n; e->gone++) {
        struct article *a = e->articles[e->gone];
        if (a && a->seen >= oldest && a->seen <= e->clock &&
            (double)(e->n - e->gone) < e->params.articles)
            break;
        if (!a)
            continue;
        struct news_event *event = a->event;
        news_event_remove(&e->sums, event, a);
        uint64_t keys[MOULDS];
        habits_keys(a->publisher, &a->marks, keys);
        habits_forget(&e->habits, keys, a->number);
        arena_put(&e->memory, a);
        if (event->n == 0) {
            changes_add(e, ENGINE_EXPIRED, event->number);
            window_drop_event(e, event);
        }
    }
    expire_ahead(e);
    if (e->gone > 1024 && e->gone * 2 > e->n) {
        memmove(e->articles, e->articles + e->gone, (e->n - e->gone) * sizeof *e->articles);
        memmove(e->homes, e->homes + e->gone, (e->n - e->gone) * sizeof *e->homes);
        e->first += e->gone;
        e->n -= e->gone;
        e->gone = 0;
    }
}

struct article *window_article(const struct engine *e, uint64_t number)
{
    if (number < e->first + e->gone || number >= e->first + e->n)
        return NULL;
    return e->articles[number - e->first];
}

const struct article *window_newest(const struct engine *e, size_t mould, uint64_t key)
{
    return window_article(e, habits_newest(&e->habits, mould, key, e->next_article));
}

const struct article *window_before(const struct engine *e, const struct article *a, size_t mould)
{
    return a->before[mould] ? window_article(e, a->number - a->before[mould]) : NULL;
}

void window_make_room(struct engine *e, size_t n)
{
    if (n <= e->cap)
        return;
    size_t more = e->cap ? e->cap * 2 : 1 << 10;
    while (n > more)
        more *= 2;
    e->articles = widened(e->articles, e->cap, more, sizeof *e->articles);
    e->homes = widened(e->homes, e->cap, more, sizeof *e->homes);
    e->cap = more;
}

void window_moved(struct engine *e, const struct article *a)
{
    e->homes[a->number - e->first] = a->event->handle;
}

/* Skipped numbers belong to articles that are not in the window. */
void window_keep(struct engine *e, struct article *a)
{
    size_t at = a->number - e->first;
    window_make_room(e, at + 1);
    while (e->n <= at)
        e->articles[e->n++] = NULL;
    e->articles[at] = a;
    window_moved(e, a);
    uint64_t keys[MOULDS];
    habits_keys(a->publisher, &a->marks, keys);
    habits_note(&e->habits, keys, a->number, a->before);
    window_index(e, a);
}

void window_index(struct engine *e, const struct article *a)
{
    index_put(e->index, e->sketch, (uint32_t)a->number, (uint32_t)(e->first + e->gone));
}
