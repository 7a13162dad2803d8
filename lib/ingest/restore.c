/* Rebuilds the engine from the store; see restore.h. Called by opening.c and reason.c. */
#include "ingest/restore.h"

#include "base/mem.h"
#include "store/full_text.h"
#include "ingest/batch.h"
#include "text/title_faults.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_PACKED = 1 << 20 };

struct restoring {
    struct store *store;
    struct engine *engine;
    uint64_t articles, events; /* the highest numbers in use */
    struct restored was;
};

static int rebuild_article(struct restoring *r, const struct article_record *record,
                           const char *page)
{
    const uint64_t number = record->number, event = record->event;
    const struct engine_article what = {.title = record->title,
                                        .body = page ? page : article_body(record),
                                        .lang = codec_text(record->lang),
                                        .publisher = article_first_domain(&record->source),
                                        .agency = record->agency,
                                        .title_faults = headline_faults(record->title),
                                        .published = record->published,
                                        .seen = record->seen};
    MEM_GROW(r->was.older, r->was.n_older, r->was.cap_older);
    struct restored_article *kept = &r->was.older[r->was.n_older++];
    kept->number = number;
    buf_init(&kept->packed, MOST_PACKED);
    buf_add(&kept->packed, &event, sizeof event);
    engine_rebuild(r->engine, number, event, record->copy_of, &what, &kept->packed);
    return 0;
}

/* What an older version packed is made anew of the article's texts. */
static int restore_older(struct restoring *r, uint64_t number)
{
    struct article_record record;
    struct full_text full = {.text = NULL};
    int error = batch_article(r->store, number, &record);
    if (error == STORE_NOT_FOUND)
        error = STORE_CORRUPT;
    if (!error && (error = full_text_get(r->store, number, &full)) == STORE_NOT_FOUND)
        error = 0;
    if (!error)
        error = rebuild_article(r, &record, full.text);
    free(full.text);
    codec_free(&article_table, &record);
    return error;
}

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
    if (engine_packed_before(packed, n))
        return restore_older(r, number);
    return engine_restore(r->engine, number, event, packed, n) ? 0 : STORE_CORRUPT;
}

void restore_links(struct engine *engine, const struct decision_record *decision)
{
    const struct decision_link *links = decision->links.v;
    for (size_t i = 0; i < decision->links.n; i++)
        engine_link(engine, links[i].a, links[i].b,
                    !strcmp(links[i].kind, "must") ? MUST_LINK : CANNOT_LINK);
}

static int restore_decision(void *arg, uint64_t number, struct store_value v)
{
    struct restoring *r = arg;
    struct decision_record decision;
    (void)number;
    bool is = codec_load(&decision_table, v.p, v.n, &decision);
    if (!decision.undone_by)
        restore_links(r->engine, &decision);
    codec_free(&decision_table, &decision);
    return is ? 0 : STORE_CORRUPT;
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
    struct restoring r = {.store = store,
                          .articles = store_number(store, "articles"),
                          .events = store_number(store, "events")};
    r.engine = engine_new(r.articles + 1, r.events + 1);
    if (set)
        set(arg, r.engine);
    int error = restore_all(store, &r);
    if (!error && was)
        *was = r.was;
    else
        restore_free(&r.was);
    if (error)
        engine_free(r.engine);
    else
        *out = r.engine;
    return error;
}

int restore_keep(struct store *store, const struct restored *was)
{
    int error = 0;
    for (size_t i = 0; !error && i < was->n_older; i++)
        error = store_put_u64(store, STORE_PACKED, was->older[i].number, was->older[i].packed.p,
                              was->older[i].packed.len);
    return error;
}

void restore_free(struct restored *was)
{
    for (size_t i = 0; i < was->n_older; i++)
        buf_free(&was->older[i].packed);
    free(was->older);
    free(was->events);
    *was = (struct restored){0};
}
