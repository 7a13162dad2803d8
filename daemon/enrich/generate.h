/* An event of the store <-> a model: the prompt of its articles as they are now, and what an answer
 * to it leaves in its record. Errors are those of store_strerror(). Neither may be called while a
 * batch is being written. */
#ifndef ENRICH_GENERATE_H
#define ENRICH_GENERATE_H

#include "digest/cited.h"
#include "ingest/ingest.h"

#include <jansson.h>

/* Of an event's articles those that a prompt is made of. `out` is the caller's: prompt_free(). */
int generate_prompt(struct ingest *in, const json_t *event, struct prompt *out);

/* What the event says from now on: `said`, of the model of that name, which was asked when the
 * event had so many sources. What has lost its ground since is left out: articles that are another
 * event's now, sentences that are no more. `kept`: how many statements stand. */
int generate_apply(struct ingest *in, uint64_t event, const struct digest *said, const char *model,
                   uint64_t sources, int64_t now, size_t *kept);

#endif
