/* The page of the feeds: how asking each of them goes. Pure: records in, markup out. */
#ifndef WEB_FEEDS_H
#define WEB_FEEDS_H

#include "base/buf.h"

#include <jansson.h>
#include <stdint.h>

struct feeds_view {
    const json_t *feeds; /* records as in the store, in order of number */
    const char *state;   /* only those in this state; "" all that are listed */
    int64_t now;
};

void feeds_page(struct buf *out, const struct feeds_view *v);

#endif
