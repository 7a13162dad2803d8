/* One item of a social feed -> a post: who wrote it, what it says, and the addresses it names.
 * Mastodon, Bluesky, Reddit, Hacker News, Lemmy, and what else gives its posts as a feed. A post is
 * no article: it counts for nobody. */
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
    POST_MAX_LINKS = 32, /* addresses that are looked at */
};

/* All texts are the post's, plain UTF-8 in NFC; NULL where nothing is known, but for `text`, `url`
 * and `id`, which are at least "". */
struct feed_post {
    char *id; /* what it is known by within its feed: its guid, else its address, else its text */
    char *title;           /* that the item has besides its text */
    char *text;            /* title and text, a line each */
    char *url;             /* its own */
    char *author, *handle; /* a name, and the account: @name@host, @name, /u/name, name */
    char *bio;             /* what the account says of itself, where the feed is of one account */
    char *lang;
    int64_t time;                /* or FEED_NO_TIME */
    char *links[POST_MAX_LINKS]; /* http addresses, the item's own among them */
    size_t n_links;
};

void feed_post_make(const struct feed *feed, const struct feed_item *item,
                    const struct feed_origin *origin, struct feed_post *out);
void feed_post_free(struct feed_post *p);

#endif
