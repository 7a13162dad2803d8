/* Records of the current batch, for callers that change events other than by feed documents. Errors
 * are those of store_strerror(); after one the batch must not be committed. */
#ifndef INGEST_BATCH_H
#define INGEST_BATCH_H

#include "store/article_record.h"
#include "store/change_record.h"
#include "store/decision_record.h"
#include "store/event_record.h"
#include "store/page_record.h"
#include "store/post_record.h"
#include "store/store.h"
#include "store/tombstone_record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct engine;
struct ingest;
struct publishers;
struct taste;
struct tones;

/* Reads a record, which the caller frees by codec_free(), and writes it under its number. After an
 * error the struct is all zero. */
int batch_stored_event(struct store *s, uint64_t number, struct event_record *out);
int batch_put_event(struct store *s, const struct event_record *event);
int batch_article(struct store *s, uint64_t number, struct article_record *out);
int batch_put_article(struct store *s, const struct article_record *article);
int batch_decision(struct store *s, uint64_t number, struct decision_record *out);
int batch_put_decision(struct store *s, const struct decision_record *decision);
int batch_put_tombstone(struct store *s, const struct tombstone_record *tombstone);
int batch_page(struct store *s, uint64_t article, struct page_record *out);
int batch_put_page(struct store *s, const struct page_record *page);
int batch_post(struct store *s, uint64_t number, struct post_record *out);
int batch_put_post(struct store *s, const struct post_record *post);

/* The record of an event, owned by the batch: changes to it are written with the batch. Valid until
 * then. */
int batch_event(struct ingest *in, uint64_t number, struct event_record **out);

/* Logs a change; `more` has the members after `event`, and stays the caller's. */
int batch_log(struct ingest *in, const char *kind, uint64_t event,
              const struct change_record *more);

/* The same with a given time. batch_remember() adds a change to the history of each event that it
 * names. */
int batch_log_at(struct ingest *in, int64_t time, const char *kind, uint64_t event,
                 const struct change_record *more);
int batch_remember(struct store *s, const struct change_record *change);

/* Recounts what the event's articles contribute, at the time `updated`. */
int batch_count(struct store *s, struct event_record *event, const uint64_t *articles, size_t n,
                int64_t updated);

/* Makes an article the lead of the event. */
int batch_lead(struct store *s, struct event_record *event, uint64_t article);

/* Moves the event to the last change in events_by_update. */
int batch_touch(struct ingest *in, struct event_record *event);

/* Makes a new event part of the batch. */
struct event_record *batch_new_event(struct ingest *in, uint64_t number);

/* The parts that the batch works on. */
struct store *batch_store(const struct ingest *in);
struct engine *batch_engine(const struct ingest *in);
const struct publishers *batch_publishers(const struct ingest *in);
struct taste *batch_taste(const struct ingest *in);
const struct tones *batch_tones(const struct ingest *in);

#endif
