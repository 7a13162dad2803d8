/* Makes a post of an item of a social feed: its author, its text, and the addresses in it. Supports
 * Mastodon, Bluesky, Reddit, Hacker News, Lemmy, and others that offer posts as a feed. A post is
 * not an article and counts for no publisher. */
#ifndef ARTICLE_POST_H
#define ARTICLE_POST_H

#include "feed/feed.h"
#include "article/speaker.h"

#include <stddef.h>
#include <stdint.h>

enum {
    POST_MAX_TEXT = 2000, /* bytes; longer texts are cut at a character */
    POST_MAX_NAME = 200,
    POST_MAX_BIO = 500,
    POST_MAX_LINKS = 32, /* maximum number of addresses that are used */
};

/* The post owns all texts; they are plain UTF-8 in NFC. NULL if unknown, except for `text`, `url`
 * and `id`, which are at least "". */
struct feed_post {
    char *id;              /* unique within its feed: its guid, else its address, else its text */
    char *title;           /* of the item, in addition to its text */
    char *text;            /* title and text, on separate lines */
    char *url;             /* its own */
    char *author, *handle; /* a name, and the account: @name@host, @name, /u/name, name */
    char *bio;             /* the account's description of itself, if the feed is of one account */
    char *lang;
    int64_t time;                /* or FEED_NO_TIME */
    char *links[POST_MAX_LINKS]; /* http addresses, including the item's own */
    size_t n_links;
};

void feed_post_make(const struct feed *feed, const struct feed_item *item,
                    const struct feed_origin *origin, struct feed_post *out);
void feed_post_free(struct feed_post *p);

#endif
