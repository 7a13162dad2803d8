/* Finds out whether an address is a feed, or a page that links to one. Synchronous: for storyctl,
 * not for the daemon's loop. */
#ifndef POLL_PROBE_H
#define POLL_PROBE_H

#include "base/buf.h"
#include "config.h"
#include "feed/discover.h"

#include <stdbool.h>

enum probe_result {
    PROBE_FEED,      /* `url` is a feed */
    PROBE_NO_FEED,   /* it responds, but no feed was found */
    PROBE_NO_ANSWER, /* no usable response; see `error` */
};

struct probe {
    char *url;                /* of the feed: the address itself, or one that its page links to */
    bool comments;            /* it is a feed of readers' comments, since no other was found */
    struct discovered others; /* other feeds that the page links to */
    struct buf answer;        /* the response or error of `url`, in the format of poll/handover.h */
    struct buf error;
};

/* Applies the configured limits: addresses, timeouts, length, proxy. Uses a login in `url`, or a
 * configured one that the caller may read; the addresses in the result contain no login. */
enum probe_result probe_find(const struct config *config, const char *url, struct probe *out);

/* Only lists the feeds that the page at an address links to. Returns PROBE_NO_FEED for a page,
 * PROBE_FEED if the address is a feed itself, PROBE_NO_ANSWER with `error` set otherwise. */
enum probe_result probe_links(const struct config *config, const char *url,
                              struct discovered *links, struct buf *error);

void probe_free(struct probe *p);

#endif
