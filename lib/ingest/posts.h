/* Posts of social feeds (storyd:social): which event each is of, and what they say of it together.
 * A post is never a source, a report or an article, and moves no event: it changes the event's
 * `post_count` and `sentiment` alone. Errors are those of store_strerror(). */
#ifndef INGEST_POSTS_H
#define INGEST_POSTS_H

#include "feed/feed.h"
#include "article/speaker.h"

#include <stdint.h>

struct ingest;

enum {
    POSTS_MOST = 2000, /* of an event; those that come then are left out */
    POSTS_FRESH = 100, /* up to so many, what they say is made anew with each, */
    POSTS_STALE = 20,  /* then with every 20th */
};

enum posts_outcome {
    POSTS_NEW,
    POSTS_KNOWN,
    POSTS_EDITED,
    POSTS_LEFT /* it says nothing, or is of no event: tried again as long as its feed lists it */
};

/* An item of a social feed. It is of the event of an article that it links to, else of the event
 * one of whose titles it quotes, else of the one that the engine would have it join. */
int posts_take(struct ingest *in, uint64_t feed_number, const struct feed *feed,
               const struct feed_item *item, const struct feed_origin *origin, int64_t now,
               enum posts_outcome *outcome);

/* An event is merged into another one, or an article moves: posts that link to it do, too. */
int posts_merge(struct ingest *in, uint64_t from, uint64_t into);
int posts_follow(struct ingest *in, uint64_t article, uint64_t from, uint64_t into);

#endif
