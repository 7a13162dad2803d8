/* What is like an event: events of the window, and earlier ones that have left it, from the store's
 * index of those; with the names they share as the reason. Errors are those of store_strerror(). */
#ifndef INGEST_RELATED_H
#define INGEST_RELATED_H

#include <jansson.h>
#include <stdint.h>

struct ingest;

/* Sets the event's `similar`, and keeps what it is about itself for others to be held against. Of
 * an event that is not in the window its title alone is kept. */
int similar_refresh(struct ingest *in, json_t *event);

/* The event has left the window: those to come find it. */
int similar_expired(struct ingest *in, const json_t *event);

/* It is no more: it was merged into another. */
int similar_drop(struct ingest *in, uint64_t event);

#endif
