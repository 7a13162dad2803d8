/* Reads and writes records of the current batch and logs changes; see batch.h. Called by all of
 * ingest. commit.c writes the batch to the store. */
#include "ingest/batch.h"

#include "base/mem.h"
#include "ingest/ingest_state.h"

#include <stdlib.h>
#include <string.h>

static int read_typed(struct store *s, enum store_db db, uint64_t key,
                      const struct codec_table *table, void *out)
{
    struct store_value v;
    int error = store_get_u64(s, db, key, &v);
    memset(out, 0, table->size);
    if (error || codec_load(table, v.p, v.n, out))
        return error;
    codec_free(table, out);
    return STORE_CORRUPT;
}

static int write_typed(struct store *s, enum store_db db, uint64_t key,
                       const struct codec_table *table, const void *of)
{
    char *text = codec_dump(table, of);
    int error = store_put_u64(s, db, key, text, strlen(text));
    free(text);
    return error;
}

int batch_decision(struct store *s, uint64_t number, struct decision_record *out)
{
    return read_typed(s, STORE_DECISIONS, number, &decision_table, out);
}

int batch_put_decision(struct store *s, const struct decision_record *decision)
{
    return write_typed(s, STORE_DECISIONS, decision->number, &decision_table, decision);
}

int batch_stored_event(struct store *s, uint64_t number, struct event_record *out)
{
    return read_typed(s, STORE_EVENTS, number, &event_table, out);
}

int batch_put_event(struct store *s, const struct event_record *event)
{
    return write_typed(s, STORE_EVENTS, event->number, event_table_of(event), event);
}

int batch_article(struct store *s, uint64_t number, struct article_record *out)
{
    return read_typed(s, STORE_ARTICLES, number, &article_table, out);
}

int batch_put_article(struct store *s, const struct article_record *article)
{
    return write_typed(s, STORE_ARTICLES, article->number, &article_table, article);
}

int batch_put_tombstone(struct store *s, const struct tombstone_record *tombstone)
{
    return write_typed(s, STORE_TOMBSTONES, tombstone->event, &tombstone_table, tombstone);
}

int batch_page(struct store *s, uint64_t article, struct page_record *out)
{
    return read_typed(s, STORE_PAGES, article, &page_record_table, out);
}

int batch_put_page(struct store *s, const struct page_record *page)
{
    return write_typed(s, STORE_PAGES, page->article, &page_record_table, page);
}

int batch_post(struct store *s, uint64_t number, struct post_record *out)
{
    return read_typed(s, STORE_POSTS, number, &post_table, out);
}

int batch_put_post(struct store *s, const struct post_record *post)
{
    return write_typed(s, STORE_POSTS, post->number, &post_table, post);
}

int batch_count(struct store *s, struct event_record *event, const uint64_t *articles, size_t n,
                int64_t updated)
{
    int error = 0;
    event_record_clear(event);
    for (size_t i = 0; !error && i < n; i++) {
        struct article_record article;
        error = batch_article(s, articles[i], &article);
        if (!error)
            event_record_join(event, &article, updated);
        codec_free(&article_table, &article);
    }
    return error;
}

int batch_lead(struct store *s, struct event_record *event, uint64_t article)
{
    struct article_record record;
    int error = batch_article(s, article, &record);
    if (!error)
        event_record_lead(event, &record);
    codec_free(&article_table, &record);
    return error;
}

/* Converts an event of a store that counted each article as a report. */
static int count_reports(struct ingest *in, struct event_record *event)
{
    uint64_t *articles = NULL;
    size_t n = 0;
    int error = store_linked(in->store, event->number, &articles, &n);
    if (!error)
        error = batch_count(in->store, event, articles, n, event->updated);
    free(articles);
    return error;
}

/* The record of an event, kept until the batch is written. */
int batch_event(struct ingest *in, uint64_t number, struct event_record **out)
{
    *out = map_get(&in->events, number);
    if (*out)
        return 0;
    struct event_record *event = mem_alloc(sizeof *event);
    int error = batch_stored_event(in->store, number, event);
    if (!error && !event_counts_reports(event))
        error = count_reports(in, event);
    if (error) {
        codec_free(&event_table, event);
        free(event);
        return error;
    }
    map_put(&in->events, number, *out = event);
    return 0;
}

struct event_record *batch_new_event(struct ingest *in, uint64_t number)
{
    struct event_record *event = mem_alloc(sizeof *event);
    *event = event_record_new(number);
    map_put(&in->events, number, event);
    in->events_made++;
    return event;
}

/* A change also belongs to the history of the other events that it names. */
int batch_remember(struct store *s, const struct change_record *change)
{
    const uint64_t events[] = {change->event, change->from, change->into};
    int error = 0;
    for (size_t i = 0; !error && i < sizeof events / sizeof *events; i++)
        error = events[i] ? store_remember(s, events[i], change->seq) : 0;
    return error;
}

int batch_log_at(struct ingest *in, int64_t time, const char *kind, uint64_t event,
                 const struct change_record *more)
{
    struct change_record c = *more;
    c.seq = ++in->seq;
    c.time = time;
    c.kind = mem_str(kind);
    c.event = event;
    int error = write_typed(in->store, STORE_CHANGES, c.seq,
                            c.scored ? &change_scored_table : &change_table, &c);
    if (!error)
        error = batch_remember(in->store, &c);
    free(c.kind);
    return error;
}

int batch_log(struct ingest *in, const char *kind, uint64_t event, const struct change_record *more)
{
    return batch_log_at(in, engine_clock(in->engine), kind, event, more);
}

/* Moves the event to its last change in events_by_update, unless it is archived. */
int batch_touch(struct ingest *in, struct event_record *event)
{
    uint64_t before = event->seq;
    event->seq = in->seq;
    if (!strcmp(event->status, "archived"))
        return 0;
    int error = before ? store_delete_u64(in->store, STORE_EVENTS_BY_UPDATE, before) : 0;
    unsigned char number[8];
    store_u64(event->number, number);
    return error ? error
                 : store_put_u64(in->store, STORE_EVENTS_BY_UPDATE, in->seq, number, sizeof number);
}

struct store *batch_store(const struct ingest *in)
{
    return in->store;
}

struct engine *batch_engine(const struct ingest *in)
{
    return in->engine;
}

const struct publishers *batch_publishers(const struct ingest *in)
{
    return in->publishers;
}

struct taste *batch_taste(const struct ingest *in)
{
    return in->taste;
}

const struct tones *batch_tones(const struct ingest *in)
{
    return in->tones;
}
