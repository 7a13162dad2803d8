/* The items of a feed's last document: an item that is unchanged in the next one is recognised
 * without converting it to an article. */
#ifndef INGEST_RECALL_H
#define INGEST_RECALL_H

#include "article/article.h"
#include "feed/feed.h"
#include "store/store.h"

#include <stddef.h>
#include <stdint.h>

struct recall_item {
    uint64_t whole;     /* hash of everything that goes into an article, never 0 */
    uint64_t guid, url; /* hashes of its keys, 0: none */
};

/* The hash of what all items of a document share, and based on it the hash of one item. */
uint64_t recall_document(const struct feed *feed, const struct feed_origin *origin);
uint64_t recall_hash(const struct feed_item *item, uint64_t document);

/* The items of the last document; the caller frees `*out`. When none are stored, *n is 0. */
int recall_read(struct store *s, uint64_t feed, struct recall_item **out, size_t *n);
int recall_keep(struct store *s, uint64_t feed, const struct recall_item *items, size_t n);

#endif
