/* A copy of the leading engine's store for a process that has none, or one that cannot be continued
 * from the log: piece by piece over the broker, from one state of the store. */
#ifndef ROLES_SNAPSHOT_H
#define ROLES_SNAPSHOT_H

#include "roles/place.h"

#include <stdbool.h>

struct bus;
struct snapshots;

/* Serves copies, one at a time, on a thread of its own. */
struct snapshots *snapshots_new(struct bus *b, struct store *s);
void snapshots_free(struct snapshots *s); /* before the store is closed */

/* Replaces what is in the batch's store by a copy, and sets its place. Blocks: for the thread that
 * writes. Returns 0, STORE_FENCED when no engine serves one or it ended early, or an error of the
 * store. */
int snapshot_load(struct bus *b, struct store *s, struct log_place *out);

#endif
