/* What the engine did, in the records of the batch in hand. Errors are those of store_strerror();
 * after one the batch must not be committed. */
#ifndef INGEST_APPLY_H
#define INGEST_APPLY_H

#include "cluster/engine.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ingest;

/* `article` is the record of the one that came or changed, in hand; NULL when none did. */
int apply_changes(struct ingest *in, const struct engine_change *changes, size_t n,
                  json_t *article);

/* What follows from the event's other fields: its score; call before it is written. */
void apply_finish(struct ingest *in, json_t *event);

/* What follows from the event's articles: lead, what it says, score. */
int apply_refresh(struct ingest *in, json_t *event);

/* The same, and their counts: some went, or count for another publisher. */
int apply_recount(struct ingest *in, json_t *event);

/* An article has another text (`body`), which its record may have or not: it is kept, and where it
 * belongs is decided anew. `dated`: when it was published is known now. */
int apply_renew(struct ingest *in, json_t *article, const char *body, bool dated, int64_t now);

/* Two articles turn out to be one: `article`, in hand, and another one. */
int apply_unite(struct ingest *in, json_t *article, uint64_t other);

/* The engine's part of an article that has just come; of one that was packed before. */
int apply_pack(struct ingest *in, uint64_t article, uint64_t event);
int apply_pack_again(struct ingest *in, uint64_t article, uint64_t event);

#endif
