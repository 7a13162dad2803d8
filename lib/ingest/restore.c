/* Rebuilds the engine from the store; see restore.h. Called by opening.c and reason.c. */
#include "ingest/restore.h"

#include "base/mem.h"
#include "store/record.h"

#include <stdlib.h>
#include <string.h>

struct restoring {
    struct engine *engine;
    uint64_t articles, events; /* the highest numbers in use */
    struct restored was;
};

static int restore_article(void *arg, uint64_t number, struct store_value v)
{
    struct restoring *r = arg;
    uint64_t event;
    if (v.n < sizeof event)
        return STORE_CORRUPT;
    memcpy(&event, v.p, sizeof event);
    if (number == 0 || number > r->articles || event == 0 || event > r->events)
        return STORE_CORRUPT;
    MEM_GROW(r->was.events, r->was.n, r->was.cap);
    r->was.events[r->was.n++] = event;
    const char *packed = (const char *)v.p + sizeof event;
    size_t n = v.n - sizeof event;
    bool older = engine_packed_before(packed, n);
    r->was.older += older;
    return older || engine_restore(r->engine, number, event, packed, n) ? 0 : STORE_CORRUPT;
}

void restore_links(struct engine *engine, const json_t *links)
{
    size_t i;
    json_t *link;
    json_array_foreach(links, i, link)
        engine_link(engine, record_number(link, "a"), record_number(link, "b"),
                    !strcmp(record_text(link, "kind"), "must") ? MUST_LINK : CANNOT_LINK);
}

static int restore_decision(void *arg, uint64_t number, struct store_value v)
{
    struct restoring *r = arg;
    json_t *decision = json_loadb(v.p, v.n, 0, NULL);
    (void)number;
    if (!decision)
        return STORE_CORRUPT;
    if (!record_number(decision, "undone_by"))
        restore_links(r->engine, json_object_get(decision, "links"));
    json_decref(decision);
    return 0;
}

static int restore_all(struct store *store, struct restoring *r)
{
    struct store_value rarity;
    engine_set_clock(r->engine, (int64_t)store_number(store, "clock"));
    int error = store_get(store, STORE_RARITY, "day", 3, &rarity);
    if (!error && !engine_restore_rarity(r->engine, rarity.p, rarity.n))
        return STORE_CORRUPT;
    if (error && error != STORE_NOT_FOUND)
        return error;
    error = store_each(store, STORE_DECISIONS, 0, restore_decision, r);
    return error ? error : store_each(store, STORE_PACKED, 0, restore_article, r);
}

int restore_engine(struct store *store, restore_set_fn *set, void *arg, struct engine **out,
                   struct restored *was)
{
    struct restoring r = {.articles = store_number(store, "articles"),
                          .events = store_number(store, "events")};
    r.engine = engine_new(r.articles + 1, r.events + 1);
    if (set)
        set(arg, r.engine);
    int error = restore_all(store, &r);
    if (!error && was)
        *was = r.was;
    else
        free(r.was.events);
    if (error)
        engine_free(r.engine);
    else
        *out = r.engine;
    return error;
}
