/* Brings a store that an older version wrote to the present schema, in slices that are committed
 * one by one: after a kill, the next start continues. Records that lack newer fields are not
 * touched; they are completed when they are next written. */
#ifndef INGEST_UPGRADE_H
#define INGEST_UPGRADE_H

#include "store/store.h"

#include <stdint.h>

/* Called after each slice: what is being converted, and how far. */
typedef void upgrade_progress(void *arg, const char *what, uint64_t done, uint64_t all);

/* Does nothing when the schema is the present one. `progress` may be NULL. Returns an error of
 * store_strerror(). */
int upgrade_store(struct store *store, upgrade_progress *progress, void *arg);

#endif
