/* Determines the publisher that a feed speaks for. A feed speaks for one publisher, determined from
 * its first documents and the list of feeds; other publishers that its items name are claims
 * (article/article.h). Only a feed that the list declares an aggregator, or that is polled from an
 * address of [aggregators] in config/publishers.conf, speaks for many. So one feed is one source,
 * whatever it contains. */
#ifndef ARTICLE_SPEAKER_H
#define ARTICLE_SPEAKER_H

#include "feed/feed.h"
#include "article/publisher.h"

#include <stdbool.h>
#include <stdint.h>

/* Stored with the subscription, which owns the texts. */
struct feed_speaker {
    char *domain; /* of the publisher; NULL: not yet known, or an aggregator */
    char *by; /* how it was determined: a name of enum speaker_by, speaker_aggregator, or NULL */
    char *formerly; /* its first domain, if its site has moved since; otherwise NULL */
    uint64_t own;   /* number of the publisher's own feed, if that is another one; otherwise 0 */
};

/* Properties of the subscription. All may be NULL except `url`. */
struct feed_origin {
    const char *url;  /* that is polled */
    const char *from; /* address of the last document after redirects; NULL: same as `url` */
    const char *name; /* name set by the user */
    const char *lang; /* language set by the user */
    const char *home; /* address of its site in the list of feeds */
    bool aggregator;
    bool social;    /* it contains posts and speaks for no publisher */
    bool submitted; /* its publisher submits articles by permanent ids of its own */
    const struct feed_speaker *speaker;
};

enum speaker_by {
    SPEAKER_UNKNOWN,
    SPEAKER_ADDRESS, /* the feed's own address, as a last resort */
    SPEAKER_SITE,    /* the site that its documents name */
    SPEAKER_LIST,    /* the site that the list of feeds names */
};
extern const char speaker_aggregator[];          /* value of `by` for a feed that speaks for many */
const char *speaker_by_name(enum speaker_by by); /* "address", "site", "list"; NULL if unknown */
enum speaker_by speaker_by(const struct feed_speaker *s);

/* The publisher that the list names; otherwise the site on which two of these agree: the document's
 * own link, most of its items' links, the feed's address (that of a transport does not count);
 * otherwise the first of the three that names one; otherwise the feed's whole address, which is
 * unique to it. The caller frees it. */
char *speaker_named(const struct publishers *p, const struct feed *feed,
                    const struct feed_origin *origin, enum speaker_by *by);

/* Whether the feed is served from that publisher's site, both the polled address and the one that
 * documents come from. */
bool speaker_is_served(const struct publishers *p, const struct feed_origin *origin,
                       const char *publisher);

/* The publisher that a site has moved to: not yet the feed's publisher, but the feed is served from
 * there, and both the document's own link and most of its items name it. NULL for none. The caller
 * frees it. */
char *speaker_moved(const struct publishers *p, const struct feed *feed,
                    const struct feed_origin *origin);

/* Whether the feed is served from the publisher's site, or the list names that as its site: then no
 * other feed can be preferred as the publisher's own. */
bool speaker_is_own(const struct publishers *p, const struct feed_speaker *s,
                    const struct feed_origin *origin);

/* A key for an account on a platform whose addresses show none, from the name of the feed or
 * author, as in "youtube.com/some-channel". The caller frees it. */
char *speaker_account(const char *platform, const char *name);

void speaker_free(struct feed_speaker *s); /* frees its texts */

#endif
