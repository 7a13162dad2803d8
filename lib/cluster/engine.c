/* Creates and configures the engine, adds articles and answers queries about the window. Searching,
 * scoring, merging, splitting, editing and persistence are in the other files of this folder.
 * Called by ingest, storyctl and tests/eval. */
#include "cluster/bound.h"
#include "cluster/engine.h"

#include "base/hash.h"

#include "base/mem.h"
#include "cluster/changes.h"
#include "cluster/copies.h"
#include "cluster/describe.h"
#include "cluster/expect.h"
#include "cluster/join.h"
#include "cluster/regroup.h"
#include "cluster/search.h"
#include "cluster/window.h"

#include <stdlib.h>
#include <string.h>

#include "engine_table.h" /* generated from config/engine.conf */

/* ---- creation and settings ------------------------------------------------------------------- */

struct engine *engine_new(uint64_t next_article, uint64_t next_event)
{
    struct engine *e = mem_zero(sizeof *e);
#define P(name, standard, least, most, help) e->params.name = standard;
    ENGINE_PARAMS(P)
#undef P
    e->langs = langs_new();
    e->rarity = rarity_new(e->langs, e->params.half_life, e->params.background);
    for (size_t i = 0; i < sizeof engine_table / sizeof *engine_table; i++)
        if (!engine_set(e, engine_table[i].section, engine_table[i].name, engine_table[i].value))
            abort(); /* a row of the built-in table has an unknown name */
    e->index = index_new();
    habits_init(&e->habits);
    sketch_table_make(&e->sketching);
    e->pool.size = sizeof(struct news_event);
    buf_init(&e->text, 1 << 16);
    e->next_article = next_article;
    e->first = next_article;
    e->next_event = next_event;
    return e;
}

void engine_free(struct engine *e)
{
    if (!e)
        return;
    for (size_t i = 0; i < e->events.slots; i++)
        if (e->events.v[i].value)
            news_event_end(&e->sums, e->events.v[i].value);
    map_free(&e->events);
    for (size_t i = e->gone; i < e->n; i++)
        if (e->articles[i])
            arena_put(&e->memory, e->articles[i]);
    arena_free(&e->memory);
    slabs_free(&e->sums);
    pool_free(&e->pool);
    mem_large_free(e->articles, e->cap * sizeof *e->articles);
    mem_large_free(e->homes, e->cap * sizeof *e->homes);
    index_free(e->index);
    rarity_free(e->rarity);
    langs_free(e->langs);
    terms_free(&e->terms);
    buf_free(&e->text);
    changes_begin(e);
    free(e->changes);
    habits_free(&e->habits);
    expect_end(e);
    links_free(&e->links);
    free(e);
}

bool engine_set(struct engine *e, const char *section, const char *name, double value)
{
    if (!strcmp(section, "join"))
        return model_add(&e->join, name, value);
    if (!strcmp(section, "merge"))
        return model_add(&e->merge, name, value);
    if (strcmp(section, "engine") != 0)
        return false;
#define P(param, standard, least, most, help)                                                      \
    if (!strcmp(name, #param) && value >= (least) && value <= (most)) {                            \
        e->params.param = value;                                                                   \
        rarity_tune(e->rarity, e->params.half_life, e->params.background);                         \
        return true;                                                                               \
    }
    ENGINE_PARAMS(P)
#undef P
    return false;
}

void engine_clear_model(struct engine *e, const char *section)
{
    (!strcmp(section, "join") ? &e->join : &e->merge)->n = 0;
}

const struct engine_params *engine_params(const struct engine *e)
{
    return &e->params;
}

const struct model *engine_join_model(const struct engine *e)
{
    return &e->join;
}

void engine_watch(struct engine *e, engine_watch_fn *fn, void *arg)
{
    e->watch = fn;
    e->watch_arg = arg;
}

/* ---- adding ---------------------------------------------------------------------------------- */

bool engine_tick(struct engine *e, int64_t now)
{
    changes_begin(e);
    if (now > e->clock || now < e->clock - window_seconds(e))
        e->clock = now;
    bool day_ended = rarity_day(e->rarity, e->clock / SECONDS_A_DAY);
    if (day_ended)
        e->first_today = e->next_article;
    window_expire(e);
    return day_ended;
}

/* An article older than the window gets an event of its own outside the window: it revives no
 * event, and its words do not count in today's rarity. */
static void archive(struct engine *e, struct article *a, struct engine_result *out)
{
    out->article = a->number;
    out->event = e->next_event++;
    memcpy(out->lang, a->lang, sizeof out->lang);
    struct engine_change *c = changes_add(e, ENGINE_CREATED, out->event);
    c->article = a->number;
    c->archived = true;
    arena_put(&e->memory, a);
}

static void place(struct engine *e, struct article *a, struct engine_result *out)
{
    struct news_event *one = window_begin_event(e, e->next_event);
    struct sums_of_one room;
    describe_count(e, &a->vector);
    news_event_add(&e->sums, one, a);
    one->sums = sums_of_vector(&a->vector, &room); /* computed once for all comparisons */
    search_events(e, one);

    size_t chosen = e->n_candidates;
    const char *refused = NULL;
    for (size_t i = 0; i < e->n_candidates && chosen == e->n_candidates; i++) {
        const struct candidate *c = &e->candidates[i];
        const char *against = join_guard(e, one, c->event, &c->score, e->params.join_threshold);
        if (!against)
            chosen = i;
        else if (i == 0)
            refused = against;
    }
    struct news_event *event = chosen < e->n_candidates ? e->candidates[chosen].event : NULL;
    struct news_event *wanted = bound_wanted(e, a->number);
    join_explain(e, a, event ? chosen : 0, event ? NULL : refused, &out->reason);
    one->sums = NULL;
    window_keep(e, a);
    if (wanted)
        event = wanted;
    if (event) {
        struct engine_change *c = changes_add(e, ENGINE_JOINED, event->number);
        c->article = a->number;
        c->probability = out->reason.probability;
        c->threshold = out->reason.threshold;
        window_end_event(e, one);
        out->copy_of = a->copy_of = copies_origin(event, a, &e->params);
        news_event_add(&e->sums, event, a);
        window_moved(e, a);
        regroup_split(e, regroup_merge(e, event), false);
    } else {
        e->next_event++;
        map_put(&e->events, one->number, one);
        changes_add(e, ENGINE_CREATED, one->number)->article = a->number;
    }
    news_event_ready(a->event);
    out->article = a->number;
    out->event = a->event->number;
    memcpy(out->lang, a->lang, sizeof out->lang);
}

/* The next article, described and numbered. */
static struct article *next_article(struct engine *e, const struct engine_article *in)
{
    uint64_t publisher = hash64(in->publisher, strlen(in->publisher), 0);
    const struct lang *lang;
    if (!expect_take(e, in, &lang))
        lang = describe_read(e, in, publisher);
    struct article *a = describe_read_one(e, in, publisher, lang);
    index_ahead(e->index, e->sketch);
    e->next_article++;
    return a;
}

void engine_add(struct engine *e, const struct engine_article *in, struct engine_result *out)
{
    *out = (struct engine_result){0};
    out->day_ended = engine_tick(e, in->seen);
    struct article *a = next_article(e, in);
    if (a->published < e->clock - window_seconds(e) && !bound_wanted(e, a->number))
        archive(e, a, out);
    else
        place(e, a, out);
    out->changes = e->changes;
    out->n_changes = e->n_changes;
}

bool engine_why(struct engine *e, uint64_t number, uint64_t event_number, const char *title,
                const char *body, struct engine_reason *out)
{
    struct article *a = window_article(e, number);
    struct news_event *event = map_get(&e->events, event_number);
    if (!a || !event || (event == a->event && event->n == 1))
        return false;
    news_event_sum_up(&e->sums, event);
    struct news_event *home = a->event, *one = window_begin_event(e, 0);
    news_event_remove(&e->sums, home, a);
    news_event_add(&e->sums, one, a);
    window_moved(e, a);
    terms_extract(langs_get(e->langs, a->lang), title, body, &e->terms);
    describe_sketch(e, a);
    search_events(e, one); /* other candidates are needed to recognise a series */
    search_ask(e, one, event);
    const char *against =
        join_guard(e, one, event, &e->candidates[0].score, e->params.join_threshold);
    join_explain(e, a, 0, against, out);
    news_event_remove(&e->sums, one, a);
    window_end_event(e, one);
    news_event_add(&e->sums, home, a);
    window_moved(e, a);
    return true;
}

size_t engine_changes(const struct engine *e, const struct engine_change **out)
{
    *out = e->changes;
    return e->n_changes;
}

void engine_expect(struct engine *e, const struct engine_article *in)
{
    expect_add(e, in);
}

size_t engine_articles(const struct engine *e)
{
    return e->n - e->gone;
}

size_t engine_events(const struct engine *e)
{
    return e->events.n;
}

size_t engine_like_written(const struct engine *e, uint64_t article, uint64_t *out, size_t most)
{
    static const size_t moulds[] = {MOULD_ENDING, MOULD_LONG};
    size_t n = 0;
    for (size_t i = 0; i < sizeof moulds / sizeof *moulds; i++) {
        const struct article *a = window_article(e, article);
        while (n < most && a && (a = window_before(e, a, moulds[i]))) {
            size_t k = 0;
            while (k < n && out[k] != a->number)
                k++;
            if (k == n)
                out[n++] = a->number;
        }
    }
    return n;
}

bool engine_has_event(const struct engine *e, uint64_t number)
{
    return map_get(&e->events, number) != NULL;
}

const struct news_event *engine_event(struct engine *e, uint64_t number)
{
    struct news_event *event = map_get(&e->events, number);
    if (event)
        news_event_sum_up(&e->sums, event);
    return event;
}

uint64_t engine_oldest(const struct engine *e)
{
    uint64_t in_window = e->first + e->gone;
    return e->first_today && e->first_today < in_window ? e->first_today : in_window;
}

const struct article *engine_article(const struct engine *e, uint64_t number)
{
    return window_article(e, number);
}

struct langs *engine_langs(const struct engine *e)
{
    return e->langs;
}

const struct rarity *engine_rarity(const struct engine *e)
{
    return e->rarity;
}
