/* One state of a store, piece by piece, as changes that make the same store of an empty one
 * (oplog.h). Used by daemon/roles/snapshot.c, on a thread of its own. */
#ifndef STORE_DUMP_H
#define STORE_DUMP_H

#include "base/buf.h"
#include "store/schema.h"

#include <stdbool.h>
#include <stddef.h>

struct dump;
struct MDB_env;

/* Begins a view of the last commit, which pins its pages until dump_end(). */
int dump_begin(struct MDB_env *env, struct dump **out);
void dump_end(struct dump *d);

/* A value in that state, also of a local database; valid until dump_end(). */
int dump_get(struct dump *d, enum store_db db, const char *key, struct store_value *out);

/* Appends the next changes, about `size` bytes. `more` is false after the last ones. */
int dump_next(struct dump *d, struct buf *out, size_t size, bool *more);

#endif
