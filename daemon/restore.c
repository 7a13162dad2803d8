#include "restore.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct restoring {
    struct engine *engine;
    struct restored was;
};

static int restore_article(void *arg, uint64_t number, struct store_value v)
{
    struct restoring *r = arg;
    uint64_t event;
    if (v.n < sizeof event)
        return STORE_CORRUPT;
    memcpy(&event, v.p, sizeof event);
    MEM_GROW(r->was.events, r->was.n, r->was.cap);
    r->was.events[r->was.n++] = event;
    return engine_restore(r->engine, number, event, (const char *)v.p + sizeof event,
                          v.n - sizeof event)
               ? 0
               : STORE_CORRUPT;
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
    return store_each(store, STORE_PACKED, 0, restore_article, r);
}

int restore_engine(struct store *store, restore_set_fn *set, void *arg, struct engine **out,
                   struct restored *was)
{
    struct restoring r = {.engine = engine_new(store_number(store, "articles") + 1,
                                               store_number(store, "events") + 1)};
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
