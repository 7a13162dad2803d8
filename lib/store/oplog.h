/* The changes that a batch made to the databases, as bytes: so that another process can keep the
 * same store. Read and written by store.c; sent by daemon/roles/. Pure.
 *
 * Each change is a byte for its kind, one for the database (its place in STORE_DATABASES), the
 * lengths of key and value as 32-bit little-endian numbers, the key and the value. */
#ifndef STORE_OPLOG_H
#define STORE_OPLOG_H

#include "base/buf.h"
#include "store/codes.h"
#include "store/schema.h"

#include <stddef.h>

enum oplog_kind {
    OPLOG_PUT,    /* sets the value of a key, or adds one if the key may have several */
    OPLOG_DELETE, /* deletes the key; with a value, that value of the key */
    OPLOG_CLEAR,  /* empties the database */
    OPLOG_KINDS
};

struct oplog_change {
    enum oplog_kind kind;
    enum store_db db;
    struct store_value key, value;
};

void oplog_add(struct buf *out, const struct oplog_change *change);

/* Reads the change at `*at` and moves on. Returns 1, or 0 at the end, or STORE_CORRUPT when the
 * bytes are no such change. */
int oplog_next(const char *bytes, size_t n, size_t *at, struct oplog_change *out);

#endif
