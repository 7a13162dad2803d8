/* Why an article is in its event, as JSON. */
#ifndef INGEST_REASON_H
#define INGEST_REASON_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct engine;
struct engine_reason;
struct store;

/* The field why of an article's record. */
json_t *reason_json(const struct engine *e, const struct engine_reason *r);

/* The same for a stored article and an event as both are now; NULL when one of them has left the
 * window, or the event holds only this article. 0, or an error of store_strerror(). Reads the whole
 * window from the store. */
int reason_now(struct store *store, const json_t *article, uint64_t event, json_t **out);

/* The contributions of features, largest first; a feature and its products are added up under its
 * description. An unknown feature appears under its name. Strings live as long as `why`. Returns
 * how many there are. */
struct counted {
    const char *words;
    double logits;
};
enum { REASON_COUNTED = 64 };
size_t reason_counted(const json_t *why, struct counted out[REASON_COUNTED]);

#endif
