/* Events similar to an event: events of the window, and earlier ones from the store's index; with
 * the names they share as the reason. Errors are those of store_strerror(). */
#ifndef INGEST_RELATED_H
#define INGEST_RELATED_H

#include "store/event_record.h"
#include <stdint.h>

struct ingest;

/* Sets the event's `similar` and stores its own signature for comparison with others. For an event
 * outside the window only the title is stored. */
int similar_refresh(struct ingest *in, struct event_record *event);

/* The event has left the window: later events can find it. */
int similar_expired(struct ingest *in, const struct event_record *event);

/* The event ceased to exist: it was merged into another. */
int similar_drop(struct ingest *in, uint64_t event);

#endif
