/* The events on which editors have decided. Retention keeps them, with their articles. */
#ifndef INGEST_HELD_H
#define INGEST_HELD_H

#include <stdbool.h>
#include <stdint.h>

struct ingest;

/* A decision on an event, which may have been merged since; 0 is none. Returns an error of
 * store_strerror(). */
int held_decided(struct ingest *in, uint64_t event);
void held_merged(struct ingest *in, uint64_t from, uint64_t into);
bool held_is(const struct ingest *in, uint64_t event);

#endif
