/* Posts of social feeds (storyd:social): assigns each to an event and summarises what they say. A
 * post is never a source, a report or an article and never moves an event: it changes only the
 * event's `post_count` and `sentiment`. Errors are those of store_strerror(). */
#ifndef INGEST_POSTS_H
#define INGEST_POSTS_H

#include "feed/feed.h"
#include "article/speaker.h"

#include <stdint.h>

struct ingest;

enum {
    POSTS_MOST = 2000, /* of an event; later ones are dropped */
    POSTS_FRESH = 100, /* up to so many, the summary is updated with each post, */
    POSTS_STALE = 20,  /* then with every 20th */
};

enum posts_outcome {
    POSTS_NEW,
    POSTS_KNOWN,
    POSTS_EDITED,
    POSTS_LEFT /* it is empty, or matches no event: tried again as long as its feed lists it */
};

/* Processes an item of a social feed. It belongs to the event of an article that it links to, else
 * to an event with a title that it quotes, else to the event that the engine would choose. */
int posts_take(struct ingest *in, uint64_t feed_number, const struct feed *feed,
               const struct feed_item *item, const struct feed_origin *origin, int64_t now,
               enum posts_outcome *outcome);

/* An event is merged into another one, or an article moves: posts that link to it follow. */
int posts_merge(struct ingest *in, uint64_t from, uint64_t into);
int posts_follow(struct ingest *in, uint64_t article, uint64_t from, uint64_t into);

#endif
