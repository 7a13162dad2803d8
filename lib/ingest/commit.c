/* Commits a batch: collects it, writes it while readers continue, then reports the written events.
 * The part of ingest.h behind ingest_commit*(). */
#include "ingest/batch.h"
#include "ingest/ingest.h"
#include "ingest/ingest_state.h"
#include "store/full_text.h"

#include <stdlib.h>

size_t ingest_pending(const struct ingest *in)
{
    return in->pending;
}

uint64_t ingest_articles(const struct ingest *in)
{
    return in->articles;
}

uint64_t ingest_events(const struct ingest *in)
{
    return in->events_made;
}

static int tell_writing(const struct ingest *in)
{
    int error = 0;
    for (size_t i = 0; in->writing && !error && i < in->events.slots; i++)
        if (in->events.v[i].value)
            error = in->writing(in->writing_arg, in->events.v[i].value);
    return error;
}

static int write_events(struct ingest *in)
{
    int error = 0;
    for (size_t i = 0; !error && i < in->events.slots; i++)
        if (in->events.v[i].value)
            error = batch_put_event(in->store, in->events.v[i].value);
    return error;
}

static void free_event(struct event_record *event)
{
    if (event)
        codec_free(&event_table, event);
    free(event);
}

void ingest_forget_events(struct ingest *in)
{
    for (size_t i = 0; i < in->events.slots; i++)
        free_event(in->events.v[i].value);
    map_free(&in->events);
}

static int write_rarity(struct ingest *in)
{
    struct buf b;
    buf_init(&b, SIZE_MAX / 2);
    engine_save_rarity(in->engine, &b);
    int error = store_put(in->store, STORE_RARITY, "day", 3, b.p, b.len);
    buf_free(&b);
    in->day_ended = false;
    return error;
}

static int prune_packed(struct ingest *in)
{
    int error = 0;
    uint64_t needed = engine_oldest(in->engine);
    for (; !error && in->packed_from < needed; in->packed_from++) {
        error = store_delete_u64(in->store, STORE_PACKED, in->packed_from);
        if (error == STORE_NOT_FOUND)
            error = 0;
    }
    return error;
}

/* In limited steps: there may be many when keep_texts was shortened. */
static int prune_texts(struct ingest *in)
{
    enum { STEPS = 2000 };
    uint64_t needed = engine_oldest(in->engine);
    int64_t oldest = engine_clock(in->engine) - in->keep_texts;
    int error = 0;
    for (size_t i = 0; !error && i < STEPS && in->texts_from < needed; i++) {
        struct full_text text;
        error = full_text_get(in->store, in->texts_from, &text);
        if (!error) {
            bool stays = in->keep_texts && text.seen >= oldest;
            free(text.text);
            if (stays)
                return 0;
            error = full_text_drop(in->store, in->texts_from);
        }
        error = error == STORE_NOT_FOUND ? 0 : error;
        in->texts_from += !error;
    }
    return error;
}

void ingest_keep_texts(struct ingest *in, int64_t seconds)
{
    in->keep_texts = seconds;
}

static int write_counters(struct ingest *in)
{
    const struct {
        const char *name;
        uint64_t value;
    } numbers[] = {
        {"seq", in->seq},
        {"clock", (uint64_t)engine_clock(in->engine)},
        {"articles", in->articles},
        {"events", in->events_made},
        {"packed_from", in->packed_from},
        {"texts_from", in->texts_from},
    };
    int error = 0;
    for (size_t i = 0; !error && i < sizeof numbers / sizeof *numbers; i++)
        error = store_set_number(in->store, numbers[i].name, numbers[i].value);
    return error;
}

/* Reads the engine and the batch's events, possibly while other threads read the engine. */
static int write_batch(void *arg)
{
    struct ingest *in = arg;
    int error = write_events(in);
    if (!error && in->day_ended)
        error = write_rarity(in);
    if (!error)
        error = prune_packed(in);
    if (!error)
        error = prune_texts(in);
    return error ? error : write_counters(in);
}

int ingest_commit_start(struct ingest *in)
{
    int error = ingest_commit_end(in);
    if (!error)
        error = tell_writing(in);
    if (!error)
        error = store_commit_start(in->store, write_batch, in);
    in->committing = !error;
    return error;
}

int ingest_commit_next(struct ingest *in, bool *more)
{
    int error = store_commit_end(in->store);
    *more = false;
    if (error || !in->committing)
        return error;
    while (in->told < in->events.slots && !in->events.v[in->told].value)
        in->told++;
    if (in->told < in->events.slots) {
        if (in->written)
            in->written(in->written_arg, in->events.v[in->told].value);
        free_event(in->events.v[in->told].value);
        in->events.v[in->told++].value = NULL;
        *more = true;
        return 0;
    }
    map_free(&in->events);
    in->committing = false;
    in->pending = in->told = 0;
    return 0;
}

int ingest_commit_end(struct ingest *in)
{
    bool more = true;
    int error = 0;
    while (!error && more)
        error = ingest_commit_next(in, &more);
    return error;
}

int ingest_commit(struct ingest *in)
{
    int error = ingest_commit_start(in);
    return error ? error : ingest_commit_end(in);
}

bool ingest_is_committing(const struct ingest *in)
{
    return in->committing;
}

size_t ingest_older(const struct ingest *in)
{
    return in->older;
}
