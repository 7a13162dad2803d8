/* The records of the batch in hand, for what else than feeds changes events. Errors are those of
 * store_strerror(); after one the batch must not be committed. */
#ifndef INGEST_BATCH_H
#define INGEST_BATCH_H

#include "cluster/engine.h"
#include "store/store.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ingest;
struct publishers;
struct taste;
struct tones;

/* An article, an event or a decision, whole also where an older version wrote it. */
int batch_get(struct store *s, enum store_db db, uint64_t key, json_t **out);
int batch_put(struct store *s, enum store_db db, uint64_t key, const json_t *record);

/* The record of an event, the batch's: what is changed in it is written with the batch. */
int batch_event(struct ingest *in, uint64_t number, json_t **out);

/* One more change; takes `more`, fields of the change. */
int batch_log(struct ingest *in, const char *kind, uint64_t event, json_t *more);

/* The same at that time; a change is one of the history of each event that it names. */
int batch_log_at(struct ingest *in, int64_t time, const char *kind, uint64_t event, json_t *more);
int batch_remember(struct store *s, uint64_t seq, const json_t *change);

/* Counts what the event's articles give anew. */
int batch_count(struct ingest *in, json_t *event, const uint64_t *articles, size_t n);

/* The event stands at the last change in events_by_update. */
int batch_touch(struct ingest *in, json_t *event);

/* What the batch is of. */
struct store *batch_store(const struct ingest *in);
struct engine *batch_engine(const struct ingest *in);
const struct publishers *batch_publishers(const struct ingest *in);
struct taste *batch_taste(const struct ingest *in);
const struct tones *batch_tones(const struct ingest *in);

#endif
