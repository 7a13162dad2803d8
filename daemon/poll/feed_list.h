/* The feed list, applied at start and at each reload. */
#ifndef POLL_FEED_LIST_H
#define POLL_FEED_LIST_H

#include "base/buf.h"
#include "feed/opml.h"

#include <stdbool.h>
#include <stdint.h>

struct feed_state;
struct poll;

bool list_read(const char *path, struct opml *out, struct buf *error);
void list_warn(const char *path, const struct opml *list);
/* Checks a feed list; with `addresses` also whether each of its feeds can be polled. */
bool list_check(const char *path, bool addresses, size_t *n_feeds, struct buf *error);

int list_take_feed(struct poll *p, const struct opml_feed *listed, int64_t now);
int list_drop_unlisted(struct poll *p);
void list_drop_feed(struct poll *p, struct feed_state *f);

#endif
