/* The part of an event's page about posts on it. */
#ifndef WEB_OPINION_H
#define WEB_OPINION_H

#include "base/buf.h"

#include "store/event_record.h"

#include <stdint.h>

/* Nothing where the event has no posts. */
void opinion_add(struct buf *out, const struct event_record *event, int64_t now);

#endif
