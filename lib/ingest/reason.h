/* Why an article is in its event. */
#ifndef INGEST_REASON_H
#define INGEST_REASON_H

#include "store/article_record.h"

#include <stddef.h>
#include <stdint.h>

struct engine;
struct engine_reason;
struct store;

/* The reason in an article's record, malloc'd. */
struct article_reason *reason_new(const struct engine *e, const struct engine_reason *r);

/* The same for a stored article and an event as both are now; NULL when one of them has left the
 * window, or the event holds only this article. 0, or an error of store_strerror(). Reads the whole
 * window from the store. */
int reason_now(struct store *store, const struct article_record *article, uint64_t event,
               struct article_reason **out);
void reason_free(struct article_reason *why); /* NULL is allowed */

/* The contributions of features, largest first; a feature and its products are added up under its
 * description. An unknown feature appears under its name. Strings live as long as `why`. Returns
 * how many there are. */
struct counted {
    const char *words;
    double logits;
};
enum { REASON_COUNTED = 64 };
size_t reason_counted(const struct article_reason *why, struct counted out[REASON_COUNTED]);

#endif
