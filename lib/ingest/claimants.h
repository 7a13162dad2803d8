/* Which feed speaks for which publisher. Where two feeds claim one publisher, the one that is
 * served from its site, or that the list of feeds gives that site, is the publisher's own; else the
 * one that was subscribed first. Kept in memory, read from the feeds' records at start. */
#ifndef INGEST_CLAIMANTS_H
#define INGEST_CLAIMANTS_H

#include "article/publisher.h"
#include "article/speaker.h"
#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

struct claims;

/* 0, or an error of store_strerror(). */
int claims_open(struct store *s, const struct publishers *p, struct claims **out);
void claims_free(struct claims *c);

/* Settles whom a feed speaks for, before its document is taken: as it was, but that the list's word
 * goes first, and that its site may have moved (speaker_moved()). Then what other
 * feeds say of that publisher. What changed is in the feed's record, if it has one, before any
 * article of the document is stored. */
int claims_settle(struct claims *c, uint64_t number, const struct feed *feed,
                  const struct feed_origin *origin, struct feed_speaker *speaker);

/* What other feeds say now of the publisher that a feed speaks for: sets `own`. */
int claims_look(struct claims *c, uint64_t number, const struct feed_origin *origin,
                struct feed_speaker *speaker);

/* The domain that a publisher is counted by since its site moved, or NULL. */
const char *claims_formerly(const struct claims *c, const char *domain);

/* By what right a feed has an article at an address of that publisher. The higher one has it; of
 * two feeds that only claim the publisher, the one subscribed first. */
enum claims_right { CLAIMS_NONE, CLAIMS_AGGREGATOR, CLAIMS_CLAIMANT, CLAIMS_OWN };
enum claims_right claims_right(const struct claims *c, const struct feed_origin *origin,
                               const char *publisher);

#endif
