/* Begins read transactions and inspects LMDB's table of readers; see readers.h. Called by store.c,
 * read.c, room.c and whole.c. */
#include "store/readers.h"

#include <inttypes.h>
#include <lmdb.h>
#include <stdio.h>

int readers_sweep(MDB_env *env)
{
    int dead;
    return mdb_reader_check(env, &dead);
}

int readers_begin(MDB_env *env, MDB_txn **out)
{
    int error = mdb_txn_begin(env, NULL, MDB_RDONLY, out);
    if (error == MDB_MAP_RESIZED && !(error = mdb_env_set_mapsize(env, 0)))
        error = mdb_txn_begin(env, NULL, MDB_RDONLY, out);
    /* another process that waits for a slot may take it first */
    for (int dead = 1; error == MDB_READERS_FULL && dead > 0;)
        if (!mdb_reader_check(env, &dead) && dead > 0)
            error = mdb_txn_begin(env, NULL, MDB_RDONLY, out);
    return error;
}

struct reader_list {
    struct readers_view *out;
    size_t cap, n;
};

/* LMDB returns the table as lines of text only: "pid thread transaction", with "-" when no view is
 * open, after a headline. */
static int take_reader_line(const char *line, void *arg)
{
    struct reader_list *l = arg;
    struct readers_view v = {0};
    if (l->n < l->cap && sscanf(line, "%" SCNd64 " %*x %" SCNu64, &v.pid, &v.state) == 2)
        l->out[l->n++] = v;
    return 0;
}

int readers_list(MDB_env *env, struct readers_view *out, size_t cap, size_t *n)
{
    struct reader_list l = {.out = out, .cap = cap};
    MDB_envinfo info;
    int error = mdb_reader_list(env, take_reader_line, &l);
    *n = error < 0 ? 0 : l.n;
    if (error < 0 || (error = mdb_env_info(env, &info)))
        return error;
    for (size_t i = 0; i < l.n; i++)
        out[i].behind = info.me_last_txnid > out[i].state ? info.me_last_txnid - out[i].state : 0;
    return 0;
}
