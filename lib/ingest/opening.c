/* Restores the process's state from the store, and frees it. The part of ingest.h behind
 * ingest_open(), ingest_again() and ingest_free(). */
#include "base/mem.h"
#include "ingest/apply.h"
#include "ingest/batch.h"
#include "ingest/ingest.h"
#include "ingest/held.h"
#include "ingest/ingest_state.h"
#include "ingest/retention.h"
#include "ingest/restore.h"
#include "ingest/upgrade.h"
#include "store/record.h"

#include <stdlib.h>
#include <string.h>

/* Closes events that a shorter window no longer holds. */
static int expire_unrestored(struct ingest *in, const struct restored *was)
{
    int error = 0;
    for (size_t i = 0; !error && i < was->n; i++) {
        const struct engine_change c = {.kind = ENGINE_EXPIRED, .event = was->events[i]};
        struct event_record *event;
        if (engine_has_event(in->engine, c.event))
            continue;
        error = batch_event(in, c.event, &event);
        if (!error && !strcmp(event->status, "open"))
            error = apply_changes(in, &c, 1, NULL);
    }
    return error;
}

static int decision_again(void *arg, uint64_t number, struct store_value v)
{
    struct ingest *in = arg;
    struct decision_record d;
    (void)number;
    codec_load(&decision_table, v.p, v.n, &d);
    int error = held_decided(in, d.event);
    if (!error)
        error = held_decided(in, d.into);
    if (!d.undone_by && !strcmp(d.kind, "signal"))
        taste_add(in->taste, &d.features,
                  (int)(json_integer_value(d.after) - json_integer_value(d.before)));
    codec_free(&decision_table, &d);
    return error;
}

/* Restores the state from the store. */
static int read_back(struct ingest *in, restore_set_fn *set, void *arg)
{
    struct store *store = in->store;
    struct restored was = {0};
    in->publishers = publishers_new();
    in->taste = taste_new();
    in->tones = tones_new();
    in->seq = store_number(store, "seq");
    in->articles = store_number(store, "articles");
    in->events_made = store_number(store, "events");
    in->packed_from = store_number(store, "packed_from");
    in->texts_from = store_number(store, "texts_from");
    int error = restore_engine(store, set, arg, &in->engine, &was);
    if (!error)
        in->digester = digester_new(engine_langs(in->engine), engine_rarity(in->engine));
    if (!error)
        error = store_each(store, STORE_DECISIONS, 0, decision_again, in);
    if (!error)
        error = claims_open(store, in->publishers, &in->claims);
    if (!error)
        error = restore_keep(store, &was);
    if (!error)
        error = expire_unrestored(in, &was);
    in->older = was.n_older;
    restore_free(&was);
    return error;
}

static void forget_engine(struct ingest *in)
{
    ingest_forget_events(in);
    digester_free(in->digester);
    in->digester = NULL;
    engine_free(in->engine);
    in->engine = NULL;
    claims_free(in->claims);
    in->claims = NULL;
    publishers_free(in->publishers);
    taste_free(in->taste);
    tones_free(in->tones);
    retention_stop(in->retention);
    map_free(&in->held);
    in->held = (struct map){0};
}

int ingest_open(struct store *store, restore_set_fn *set, void *arg, struct ingest **out)
{
    struct ingest *in = mem_zero(sizeof *in);
    in->store = store;
    in->retention = retention_new();
    int error = upgrade_store(store, NULL, NULL);
    if (!error)
        error = read_back(in, set, arg);
    if (error) {
        ingest_free(in);
        return error;
    }
    *out = in;
    return 0;
}

struct ingest *ingest_idle(struct store *store)
{
    struct ingest *in = mem_zero(sizeof *in);
    in->store = store;
    in->retention = retention_new();
    in->engine = engine_new(1, 1);
    in->publishers = publishers_new();
    in->taste = taste_new();
    in->tones = tones_new();
    in->digester = digester_new(engine_langs(in->engine), engine_rarity(in->engine));
    return in;
}

int ingest_again(struct ingest *in, restore_set_fn *set, void *arg)
{
    forget_engine(in);
    in->committing = in->day_ended = false;
    in->pending = in->told = 0;
    return read_back(in, set, arg);
}

void ingest_free(struct ingest *in)
{
    if (!in)
        return;
    forget_engine(in);
    store_close(in->store);
    retention_free(in->retention);
    free(in);
}

struct store *ingest_store(struct ingest *in)
{
    return in->store;
}

const struct engine *ingest_engine(const struct ingest *in)
{
    return in->engine;
}

void ingest_on_news(struct ingest *in, void (*fn)(void *, const struct ingest_news *), void *arg)
{
    in->news = fn;
    in->news_arg = arg;
}

void ingest_on_writing(struct ingest *in, int (*fn)(void *, const struct event_record *event),
                       void *arg)
{
    in->writing = fn;
    in->writing_arg = arg;
}

void ingest_on_written(struct ingest *in, void (*fn)(void *, const struct event_record *event),
                       void *arg)
{
    in->written = fn;
    in->written_arg = arg;
}
