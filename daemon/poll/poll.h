/* The subscribed feeds and the asking of them: takes the feed list, asks each feed when it is due,
 * and hands what comes to the ingest step. */
#ifndef POLL_POLL_H
#define POLL_POLL_H

#include "base/buf.h"
#include "config.h"
#include "ingest.h"

#include <stdbool.h>
#include <stddef.h>

struct event_base;
struct poll;

/* `wrote` is called after anything was put into the store's batch; with an error when the store
 * failed: nothing may be written after that. */
struct poll *poll_new(struct event_base *base, struct ingest *ingest,
                      void (*wrote)(void *, int error), void *arg);
void poll_free(struct poll *p);

/* Takes over the configuration and the feeds of its list, at start and at each reload. The
 * configuration must outlive this poll, or the next call. False with `error` set, and all as it
 * was, when the list cannot be read. */
bool poll_configure(struct poll *p, const struct config *config, struct buf *error);

/* Whether a list could be taken over. */
bool poll_check_list(const char *path, size_t *n_feeds, struct buf *error);

size_t poll_feeds(const struct poll *p);

#endif
