/* The subscribed feeds and the asking of them: takes the feed list, asks each feed when it is due,
 * and hands what comes to the ingest step. */
#ifndef POLL_POLL_H
#define POLL_POLL_H

#include "base/buf.h"
#include "config.h"
#include "ingest/ingest.h"
#include "net/fetch.h"
#include "poll/hosts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct poll;

/* `wrote` is called after anything was put into the store's batch, or is to be; with an error when
 * the store failed: nothing may be written after that. */
struct poll *poll_new(struct event_base *base, struct ingest *ingest,
                      void (*wrote)(void *, int error), void *arg);
void poll_free(struct poll *p);

/* Takes over the configuration and the feeds of its list, at start and at each reload. The
 * configuration must outlive this poll, or the next call. False with `error` set, and all as it
 * was, when the list cannot be read. */
bool poll_configure(struct poll *p, const struct config *config, struct buf *error);

/* The store failed, or cannot be written: nobody is asked any more, and what comes still is
 * dropped, until poll_configure(), which then reads all feeds from the store anew. */
void poll_stop(struct poll *p);

/* Puts the feeds' records into the batch that is about to be written. */
int poll_save(struct poll *p);

/* While a batch is being written, no documents are taken; now it is. */
void poll_go_on(struct poll *p);

/* Others than feeds are asked for here, too: each waits for its turn at its server among the feeds,
 * with `turn->ask` set, and ends it once it has its answer, or waits no longer. `pause`: what the
 * server wants between two requests, in milliseconds; -1: it does not say. */
void poll_wait_turn(struct poll *p, struct hosts_entry *turn, const char *url, int64_t pause);
void poll_end_turn(struct poll *p, struct hosts_entry *turn);
struct fetcher *poll_fetcher(struct poll *p);

/* What the list says of a feed; "" where it does not, or has no such feed. */
const char *poll_attribute(const struct poll *p, uint64_t feed, const char *name);
bool poll_has_attribute(const struct poll *p, const char *name); /* of any feed */

/* Did the server ask for the feed, and so for what it links to, to wait? */
bool poll_is_told_to_wait(const struct poll *p, uint64_t feed, int64_t now);

size_t poll_feeds(const struct poll *p);

/* How asking keeps up with what is due. */
struct poll_lag {
    size_t failing, due; /* feeds whose last request failed; that wait to be asked now */
    int64_t longest_due; /* seconds that one of them has waited */
};
void poll_lag(const struct poll *p, int64_t now, struct poll_lag *out);

#endif
