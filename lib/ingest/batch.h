/* The records of the batch in hand, for what else than feeds changes events. Errors are those of
 * store_strerror(); after one the batch must not be committed. */
#ifndef INGEST_BATCH_H
#define INGEST_BATCH_H

#include "cluster/engine.h"
#include "ingest/ingest.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An article, an event or a decision, whole also where an older version wrote it. */
int batch_get(struct store *s, enum store_db db, uint64_t key, json_t **out);
int batch_put(struct store *s, enum store_db db, uint64_t key, const json_t *record);

/* The record of an event, the batch's: what is changed in it is written with the batch. */
int batch_event(struct ingest *in, uint64_t number, json_t **out);

/* One more change; takes `more`, fields of the change. */
int batch_log(struct ingest *in, const char *kind, uint64_t event, json_t *more);

/* The event stands at the last change in events_by_update. */
int batch_touch(struct ingest *in, json_t *event);

/* What follows from the event's other fields: its score; call before it is written. */
void batch_finish(struct ingest *in, json_t *event);

/* What follows from the event's articles: lead, what it says, score. */
int batch_refresh(struct ingest *in, json_t *event);

/* Records what the engine did when no article came. */
int batch_apply(struct ingest *in, const struct engine_change *changes, size_t n);

/* An article has another text (`body`), which its record may have or not: it is kept, and where it
 * belongs is decided anew. `dated`: when it was published is known now. */
int batch_renew(struct ingest *in, json_t *article, const char *body, bool dated, int64_t now);

/* Two articles turn out to be one: `article`, in hand, and another one. */
int batch_unite(struct ingest *in, json_t *article, uint64_t other);

struct engine *batch_engine(struct ingest *in);
const struct publishers *batch_publishers(const struct ingest *in);
struct taste *batch_taste(struct ingest *in);
const struct tones *batch_tones(const struct ingest *in);

#endif
