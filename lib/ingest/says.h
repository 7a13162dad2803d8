/* Updates the digest of an event's articles in its record (digest/digest.h). */
#ifndef INGEST_SAYS_H
#define INGEST_SAYS_H

#include "digest/digest.h"
#include "store/event_record.h"
#include "store/store.h"

#include <stddef.h>
#include <stdint.h>

/* The articles that were used, in order of number, and for each the share of its title that the
 * others contain (digest_make()). Owned by the caller, says_free(). */
struct says_told {
    uint64_t *articles;
    double *told;
    size_t n;
};
void says_free(struct says_told *told);

/* Makes the digest from the articles that the store links to the event. `in_hand`: one of them that
 * the store may not have yet, or NULL. `told` may be NULL; it is set even after an error of
 * store_strerror(), which is returned. */
int says_refresh(struct digester *d, struct store *s, struct event_record *event,
                 const struct article_record *in_hand, struct says_told *told);

#endif
