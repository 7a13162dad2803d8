/* WebSub: subscriptions to hubs, and the requests of hubs. */
#ifndef POLL_HUB_H
#define POLL_HUB_H

#include "feed/feed.h"
#include "ingest/subscription.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct feed_state;
struct poll;

int hub_read_key(struct poll *p);
void hub_take(struct feed_state *f,
              const struct feed *feed); /* adopts the hub named by a document */
void hub_ask(struct feed_state *f);     /* subscribes, or renews */
bool hub_is_active(const struct feed_record *sub);

/* A hub's verification request to a feed's callback address. */
struct hub_call {
    const char *mode, *topic;
    const char *reason; /* or NULL */
    int64_t lease;      /* seconds; 0: not given */
};

/* Whether to confirm it. */
bool hub_verify(struct poll *p, uint64_t feed, const char *token, const struct hub_call *call);

/* Processes a document that a hub pushes. */
enum hub_reply {
    HUB_TAKEN,
    HUB_IGNORED, /* invalid signature, or no active subscription */
    HUB_BUSY,    /* retry later */
    HUB_GONE,    /* no longer subscribed */
    HUB_UNKNOWN, /* invalid callback address */
};
enum hub_reply hub_deliver(struct poll *p, uint64_t feed, const char *token, const char *signature,
                           const char *type, const void *body, size_t n);

#endif
