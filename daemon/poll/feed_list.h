/* The feed list, applied at start and at each reload. */
#ifndef POLL_FEED_LIST_H
#define POLL_FEED_LIST_H

#include "base/buf.h"
#include "feed/opml.h"

#include <stdbool.h>
#include <stdint.h>

struct config;
struct feed_state;
struct poll;

bool list_read(const char *path, struct opml *out, struct buf *error);
void list_warn(const char *path, const struct opml *list);
/* Whether the list is at an address of which there is no copy yet. */
bool list_is_awaited(const struct config *c);
/* Checks the feed list; with `addresses` also whether each of its feeds can be polled. */
bool list_check(const struct config *c, bool addresses, size_t *n_feeds, struct buf *error);
/* How many feeds are subscribed, and how many of them are not in the list. Returns 0, or an error
 * of the store. */
int list_compare(const struct poll *p, const struct opml *list, size_t *subscribed,
                 size_t *missing);

int list_take_feed(struct poll *p, const struct opml_feed *listed, int64_t now);
int list_drop_unlisted(struct poll *p);
void list_drop_feed(struct poll *p, struct feed_state *f);

#endif
