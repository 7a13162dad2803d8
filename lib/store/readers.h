/* The table in lock.mdb in which LMDB keeps a slot for each view that is open, in whatever process.
 * A process that is killed leaves its slots taken; one that stands still keeps the writer from
 * using again any page that was freed since its view began. */
#ifndef STORE_READERS_H
#define STORE_READERS_H

#include <stddef.h>
#include <stdint.h>

struct MDB_env;
struct MDB_txn;

/* Slots, for whoever happens to make lock.mdb. */
enum { READERS_MOST = 510 };

/* A view that is open. */
struct readers_view {
    int64_t pid;
    uint64_t state;  /* the number of the transaction that it sees */
    uint64_t behind; /* transactions committed since */
};

/* Begins a read transaction. When the table is full, slots of dead processes are given back first;
 * MDB_READERS_FULL then says that as many live ones read at once. Also where another process has
 * raised the size of the map, which must not happen while this one has a view open. */
int readers_begin(struct MDB_env *env, struct MDB_txn **out);

/* Gives back the slots of dead processes. */
int readers_sweep(struct MDB_env *env);

/* The views that are open now, up to `cap` of them; 0 or LMDB's error. */
int readers_list(struct MDB_env *env, struct readers_view *out, size_t cap, size_t *n);

#endif
