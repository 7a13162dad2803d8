/* Chooses the address of an item. */
#ifndef ARTICLE_ITEM_ADDRESS_H
#define ARTICLE_ITEM_ADDRESS_H

#include "feed/feed.h"
#include "article/item_address.h"

/* The canonical address of an item: feedburner:origLink and similar, the link, or a guid that is an
 * address; "" if there is none. The caller frees it. */
char *feed_item_address(const struct feed_item *item);

#endif
