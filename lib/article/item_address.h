/* The address of an item. */
#ifndef ARTICLE_ITEM_ADDRESS_H
#define ARTICLE_ITEM_ADDRESS_H

#include "feed/feed.h"
#include "article/item_address.h"

/* The canonical address of an item: feedburner:origLink and its like, the link, or the guid that is
 * one; "" for none. To be freed by the caller. */
char *feed_item_address(const struct feed_item *item);

#endif
