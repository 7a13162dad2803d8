/* The table in lock.mdb, in which LMDB keeps a slot for each open view of any process. A killed
 * process leaves its slots occupied; a stopped one prevents the writer from reusing any page freed
 * since its view began. */
#ifndef STORE_READERS_H
#define STORE_READERS_H

#include <stddef.h>
#include <stdint.h>

struct MDB_env;
struct MDB_txn;

/* Slots, for the process that creates lock.mdb. */
enum { READERS_MOST = 510 };

/* An open view. */
struct readers_view {
    int64_t pid;
    uint64_t state;  /* the number of the transaction that it sees */
    uint64_t behind; /* transactions committed since */
};

/* Begins a read transaction. When the table is full, slots of dead processes are freed first;
 * MDB_READERS_FULL then means that all slots belong to live views. Also handles a map that another
 * process has enlarged, which must not happen while this one has a view open. */
int readers_begin(struct MDB_env *env, struct MDB_txn **out);

/* Frees the slots of dead processes. */
int readers_sweep(struct MDB_env *env);

/* The currently open views, at most `cap`; 0 or LMDB's error. */
int readers_list(struct MDB_env *env, struct readers_view *out, size_t cap, size_t *n);

#endif
