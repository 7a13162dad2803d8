/* Applies the engine's changes to the records of the current batch. Errors are those of
 * store_strerror(); after one the batch must not be committed. */
#ifndef INGEST_APPLY_H
#define INGEST_APPLY_H

#include "cluster/engine.h"
#include "store/article_record.h"
#include "store/event_record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ingest;

/* `article` is the record of the new or changed article; NULL when there is none. */
int apply_changes(struct ingest *in, const struct engine_change *changes, size_t n,
                  struct article_record *article);

/* Computes what depends on the event's other fields, its score; call before the event is written.
 */
void apply_finish(struct ingest *in, struct event_record *event);

/* Recomputes what depends on the event's articles: lead, digest, score. */
int apply_refresh(struct ingest *in, struct event_record *event);

/* The same, including the counts: articles were removed, or count for another publisher. */
int apply_recount(struct ingest *in, struct event_record *event);

/* An article has a new text (`body`), which its record may contain or not: stores the article and
 * decides anew which event it belongs to. `dated`: its publication time has become known. */
int apply_renew(struct ingest *in, struct article_record *article, const char *body, bool dated,
                int64_t now);

/* Two articles turn out to be one: `article`, whose record the caller holds, and `other`. */
int apply_unite(struct ingest *in, struct article_record *article, uint64_t other);

/* Stores the engine's packed form of a new article; apply_pack_again() of one that was packed
 * before. */
int apply_pack(struct ingest *in, uint64_t article, uint64_t event);
int apply_pack_again(struct ingest *in, uint64_t article, uint64_t event);

#endif
