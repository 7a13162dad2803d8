/* Polls the subscribed feeds: applies the feed list, requests each feed when it is due, and passes
 * the documents to the ingest step. */
#ifndef POLL_POLL_H
#define POLL_POLL_H

#include "base/buf.h"
#include "config.h"
#include "ingest/ingest.h"
#include "ingest/subscription.h"
#include "net/fetch.h"
#include "poll/hosts.h"
#include "poll/poll_counts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct poll;

/* `wrote` is called after changes to the store's batch or to a record that poll_save() will write;
 * with an error if the store failed, after which nothing may be written. */
struct poll *poll_new(struct event_base *base, struct ingest *ingest,
                      void (*wrote)(void *, int error), void *arg);
void poll_free(struct poll *p);

/* Applies the configuration and the feed list, at start and at each reload. `config` must stay
 * valid until poll_free() or the next call. Returns false with `error` set, and changes nothing, if
 * the list or the logins cannot be read. */
bool poll_configure(struct poll *p, const struct config *config, struct buf *error);

/* The same without the feed list, where feeds are told by apart.h. */
bool poll_set_options(struct poll *p, const struct config *config, struct buf *error);

/* Call when the store failed or is full: no requests are started, and responses are dropped, until
 * poll_configure(), which reads all feeds from the store again. */
void poll_stop(struct poll *p);

/* Adds changed feed records to the batch, before a commit. Returns an error of the store, or 0. */
int poll_save(struct poll *p);

/* Call after a commit: continues to process documents, which stops while a batch is written. */
void poll_go_on(struct poll *p);

/* Requests of others (pages/) share the limits of feeds. Set turn->ask, queue the turn, and end it
 * after the response or to cancel it. `pause`: the host's own minimum pause between requests, in
 * milliseconds; -1: none given. */
void poll_wait_turn(struct poll *p, struct hosts_entry *turn, const char *url, int64_t pause);
void poll_end_turn(struct poll *p, struct hosts_entry *turn);
struct fetcher *poll_fetcher(struct poll *p);

/* The value of a feed's attribute in the list; "" if the attribute or the feed is not there. */
const char *poll_attribute(const struct poll *p, uint64_t feed, const char *name);
bool poll_has_attribute(const struct poll *p, const char *name); /* whether any feed has it */

/* Whether the server told us to wait (429, 503); applies to the feed and its article pages. */
bool poll_is_told_to_wait(const struct poll *p, uint64_t feed, int64_t now);

size_t poll_feeds(const struct poll *p);

/* The subscribed feeds by state, and the backlog of polling. */
struct poll_lag {
    size_t by_state[SUBSCRIPTION_STATES];
    size_t due;          /* feeds that are due */
    int64_t longest_due; /* longest wait of a due feed, in seconds */
};
void poll_lag(const struct poll *p, int64_t now, struct poll_lag *out);

const struct poll_counts *poll_counts(const struct poll *p);

#endif
