/* Which feed represents which publisher. When two feeds claim one publisher, the publisher's own is
 * the one that is served from its site or that the feed list assigns to that site; otherwise the
 * one subscribed first. Kept in memory, loaded from the feeds' records at start. */
#ifndef INGEST_CLAIMANTS_H
#define INGEST_CLAIMANTS_H

#include "article/publisher.h"
#include "article/speaker.h"
#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

struct claimants;

/* 0, or an error of store_strerror(). */
int claims_open(struct store *s, const struct publishers *p, struct claimants **out);
void claims_free(struct claimants *c);

/* Determines the publisher of a feed before its document is processed. It stays as it was, except
 * that the list's assignment takes precedence and that its site may have moved (speaker_moved()).
 * Then compares it with other feeds' claims to that publisher. Changes are in the feed's record, if
 * it has one, before any article of the document is stored. */
int claims_settle(struct claimants *c, uint64_t number, const struct feed *feed,
                  const struct feed_origin *origin, struct feed_speaker *speaker);

/* Compares with other feeds' present claims to the feed's publisher: sets `own`. */
int claims_look(struct claimants *c, uint64_t number, const struct feed_origin *origin,
                struct feed_speaker *speaker);

/* The name that a publisher is shown with, freed by the caller: the one in the title of its feed,
 * as the list or the document gives it (source_name.h). Of several feeds, preferably of its own,
 * then of one whose title names the domain, then of the one subscribed first; without a feed, the
 * one in `said`, an item's name for it. Of publishers with one name, all but one are shown with
 * their domain after it: the one whose domain it names keeps it alone. */
char *claims_name(struct claimants *c, const char *domain, const char *said);

/* The domain by which a publisher is counted since its site moved, or NULL. */
const char *claims_formerly(const struct claimants *c, const char *domain);

/* The right of a feed to an article at an address of that publisher. The higher right wins; of two
 * feeds that only claim the publisher, the one subscribed first. */
enum claims_right { CLAIMS_NONE, CLAIMS_AGGREGATOR, CLAIMS_CLAIMANT, CLAIMS_OWN };
enum claims_right claims_right(const struct claimants *c, const struct feed_origin *origin,
                               const char *publisher);

#endif
