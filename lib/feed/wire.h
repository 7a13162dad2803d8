/* A parsed feed document as JSON, to be ingested by another process: its fields by the names of
 * struct feed. Used by daemon/roles/. */
#ifndef FEED_WIRE_H
#define FEED_WIRE_H

#include "feed/feed.h"

#include <jansson.h>

json_t *wire_item(const struct feed_item *item);
json_t *wire_known(const struct feed_item *item); /* only what identifies it */
json_t *wire_feed(const struct feed *feed);       /* without its items */

/* What the two functions above wrote, the items as the array `items`; NULL when it is something
 * else. Addresses and sizes are not checked again: the sender is trusted as a parser is. */
struct feed *wire_read(const json_t *feed, const json_t *items);

#endif
