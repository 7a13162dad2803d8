/* What a feed's last document held: an item that stands in the next one as it was, word for word,
 * is known, and no article need be made of it to find that out. */
#ifndef INGEST_RECALL_H
#define INGEST_RECALL_H

#include "article/article.h"
#include "feed/feed.h"
#include "store/store.h"

#include <stddef.h>
#include <stdint.h>

struct recall_item {
    uint64_t whole;     /* hash of all that an article is made of, never 0 */
    uint64_t guid, url; /* hashes of what it is known by, 0 none */
};

/* The hash of all that items of a document share, and with it of one of them. */
uint64_t recall_document(const struct feed *feed, const struct feed_origin *origin);
uint64_t recall_hash(const struct feed_item *item, uint64_t document);

/* The items of the last document; the caller frees `*out`. None were kept: *n is 0. */
int recall_read(struct store *s, uint64_t feed, struct recall_item **out, size_t *n);
int recall_keep(struct store *s, uint64_t feed, const struct recall_item *items, size_t n);

#endif
