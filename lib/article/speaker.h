/* Whom a feed speaks for. A feed speaks for one publisher, which its first documents and the list
 * of feeds tell; what it says of others is a claim (article/article.h). Only a feed that the list
 * declares an aggregator, or that is polled from an address of [aggregators] of
 * config/publishers.conf, speaks for many. So one feed makes one source, whatever it contains. */
#ifndef ARTICLE_SPEAKER_H
#define ARTICLE_SPEAKER_H

#include "feed/feed.h"
#include "article/publisher.h"

#include <stdbool.h>
#include <stdint.h>

/* Kept with the subscription; the texts are its own. */
struct feed_speaker {
    char *domain;   /* of the publisher; NULL: not known yet, or an aggregator */
    char *by;       /* what told it: a name of enum speaker_by, or speaker_aggregator; or NULL */
    char *formerly; /* the first domain it had, where its site has moved since; else NULL */
    uint64_t own;   /* number of the publisher's own feed, where this one is not; else 0 */
};

/* What the subscription knows. All may be NULL but `url`. */
struct feed_origin {
    const char *url;  /* that is polled */
    const char *from; /* where its last document came from, after redirects; NULL: from `url` */
    const char *name; /* that people gave it */
    const char *lang; /* that they say it has */
    const char *home; /* address of its site as the list of feeds has it */
    bool aggregator;
    bool social; /* it gives posts, and speaks for nobody */
    const struct feed_speaker *speaker;
};

enum speaker_by {
    SPEAKER_UNKNOWN,
    SPEAKER_ADDRESS, /* the feed's own address, for lack of better */
    SPEAKER_SITE,    /* the site that its documents name */
    SPEAKER_LIST,    /* the site that the list of feeds names */
};
extern const char speaker_aggregator[];          /* what `by` is of one that speaks for many */
const char *speaker_by_name(enum speaker_by by); /* "address", "site", "list"; NULL for unknown */
enum speaker_by speaker_by(const struct feed_speaker *s);

/* The publisher that the list or a document names. The site that two of these name: the document's
 * own link, most of its items' links, the feed's address (that of a transport names none); else the
 * first of the three that names one; else the feed's whole address, which no other feed has. To be
 * freed by the caller. */
char *speaker_named(const struct publishers *p, const struct feed *feed,
                    const struct feed_origin *origin, enum speaker_by *by);

/* True when the feed is served from that publisher's site, where it is asked and where its
 * documents come from. */
bool speaker_is_served(const struct publishers *p, const struct feed_origin *origin,
                       const char *publisher);

/* The publisher that a site has moved to: not the feed's as yet, served from there, and both the
 * document's own link and most of its items name it. NULL for none. To be freed by the caller. */
char *speaker_moved(const struct publishers *p, const struct feed *feed,
                    const struct feed_origin *origin);

/* True when the feed is served from the publisher's site, or the list names that as its site: no
 * other feed can be more the publisher's own. */
bool speaker_is_own(const struct publishers *p, const struct feed_speaker *s,
                    const struct feed_origin *origin);

/* What stands for an account on a platform that no address shows: the name of the feed or author,
 * as in "youtube.com/some-channel". To be freed by the caller. */
char *speaker_account(const char *platform, const char *name);

void speaker_free(struct feed_speaker *s); /* its texts */

#endif
