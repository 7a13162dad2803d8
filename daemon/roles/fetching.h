/* A fetcher: polls the feeds of the hosts that are its own among all fetchers, and sends what it
 * finds to the engine. It has no events; its store keeps the outbox, the feeds' validators, and
 * which items it has sent.
 *
 * What the feeds are, and which fetchers there are, is in the cluster's STATE stream: feed.NUMBER,
 * a feed's record, written by the engine; and alive.MEMBER, written by each fetcher every two
 * seconds. Two fetchers may believe for a moment that a host is theirs; permits.h keeps them from
 * requesting the same feed. */
#ifndef ROLES_FETCHING_H
#define ROLES_FETCHING_H

#include "base/buf.h"

#include <jansson.h>
#include <stdbool.h>

struct bus;
struct config;
struct event_base;
struct fetching;
struct poll;
struct store;

/* Takes over `poll` and the store, whose writer thread's descriptor is `written`. `failed` is
 * called when it cannot go on, for a reason that was logged. NULL, with the reason in `error`, when
 * the configuration or the store cannot be used. */
struct fetching *fetching_new(struct event_base *base, struct bus *b, const struct config *config,
                              struct store *s, struct poll *poll, int written,
                              void (*failed)(void *), void *arg, struct buf *error);
void fetching_free(struct fetching *f); /* writes what is pending; before the poll is freed */

/* The configuration has changed; false, with the reason in `error`: the old one stays. */
bool fetching_configure(struct fetching *f, const struct config *config, struct buf *error);
void fetching_wrote(struct fetching *f, int error); /* the callback of poll_new() */

/* The member `fetcher` of the description of a process in a cluster. */
json_t *fetching_describe(const struct fetching *f);

#endif
