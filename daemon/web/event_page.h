/* The page of one event. Pure: records in, HTML out. */
#ifndef WEB_EVENT_PAGE_H
#define WEB_EVENT_PAGE_H

#include "base/buf.h"
#include "web/event_view.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void event_page(struct buf *out, const struct event_view *v);

#endif
