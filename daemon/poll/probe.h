/* Looks at an address, once and by itself: is it a feed, or a page that names one? For a person who
 * waits, not for the loop of the daemon. */
#ifndef POLL_PROBE_H
#define POLL_PROBE_H

#include "base/buf.h"
#include "config.h"
#include "feed/discover.h"

#include <stdbool.h>

enum probe_result {
    PROBE_FEED,      /* `url` is one */
    PROBE_NO_FEED,   /* it answers, but neither is a feed nor names or hides one */
    PROBE_NO_ANSWER, /* nothing can be said; `error` tells why */
};

struct probe {
    char *url;                /* of the feed: the address itself, or one that its page names */
    bool comments;            /* it brings readers' comments; nothing else was found */
    struct discovered others; /* what else the page names */
    struct buf answer;        /* what came from `url`, or that nothing did, as in poll/handed.h */
    struct buf error;
};

/* Asks within the configuration's limits: addresses, time, length, proxy. A login in `url`, or one
 * of the configuration's that the caller may read, goes along; no address of the outcome has one.
 */
enum probe_result probe_find(const struct config *config, const char *url, struct probe *out);

/* The links of a page alone, at an address; PROBE_NO_ANSWER with `error` set, or PROBE_FEED when
 * the address is a feed itself (then `links` has it alone), else PROBE_NO_FEED. */
enum probe_result probe_links(const struct config *config, const char *url,
                              struct discovered *links, struct buf *error);

void probe_free(struct probe *p);

#endif
