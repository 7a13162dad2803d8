/* Builds the prompt for an event from its current articles, and stores a response in its record.
 * Both return errors of store_strerror(), and must not be called while a batch is being written. */
#ifndef ENRICH_GENERATE_H
#define ENRICH_GENERATE_H

#include "digest/cited.h"
#include "ingest/ingest.h"

#include <jansson.h>

/* Builds a prompt from an event's articles. The caller frees `out` with prompt_free(). */
int generate_prompt(struct ingest *in, const struct event_record *event, struct prompt *out);

/* Stores the statements `said` of `model` in the event's record, with its number of sources at the
 * time of the request. Drops statements whose basis is gone: articles that moved to another event,
 * or sentences that were edited away. `kept`: the number of remaining statements. */
int generate_apply(struct ingest *in, uint64_t event, const struct digest *said, const char *model,
                   uint64_t sources, int64_t now, size_t *kept);

#endif
