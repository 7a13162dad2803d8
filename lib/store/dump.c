/* Reads one state of all databases that are part of copies; see dump.h. */
#include "store/dump.h"

#include "base/mem.h"
#include "store/oplog.h"
#include "store/readers.h"
#include "store/whole.h"

#include <lmdb.h>
#include <stdlib.h>
#include <string.h>

struct dump {
    MDB_txn *txn;
    MDB_cursor *cursor; /* in the database at work; NULL: it has not begun */
    unsigned dbi[STORE_DATABASE_COUNT];
    int db;
};

int dump_begin(struct MDB_env *env, struct dump **out)
{
    struct dump *d = mem_zero(sizeof *d);
    int error = readers_begin(env, &d->txn);
    if (!error)
        error = whole_databases(d->txn, d->dbi);
    if (error) {
        dump_end(d);
        return error;
    }
    *out = d;
    return 0;
}

void dump_end(struct dump *d)
{
    if (!d)
        return;
    if (d->cursor)
        mdb_cursor_close(d->cursor);
    if (d->txn)
        mdb_txn_abort(d->txn);
    free(d);
}

int dump_get(struct dump *d, enum store_db db, const char *key, struct store_value *out)
{
    MDB_val k = {.mv_size = strlen(key), .mv_data = (void *)(uintptr_t)key}, v;
    int error = d->dbi[db] ? mdb_get(d->txn, d->dbi[db], &k, &v) : MDB_NOTFOUND;
    *out = error ? (struct store_value){NULL, 0} : (struct store_value){v.mv_data, v.mv_size};
    return error;
}

/* The next entry of the database at work; MDB_NOTFOUND: it has ended. */
static int next_dumped(struct dump *d, MDB_val *k, MDB_val *v)
{
    int error = d->cursor ? 0 : mdb_cursor_open(d->txn, d->dbi[d->db], &d->cursor);
    return error ? error : mdb_cursor_get(d->cursor, k, v, MDB_NEXT);
}

int dump_next(struct dump *d, struct buf *out, size_t size, bool *more)
{
    MDB_val k, v;
    int error = 0;
    while (d->db < STORE_DATABASE_COUNT && out->len < size) {
        error = !d->dbi[d->db] || store_is_local((enum store_db)d->db) ? MDB_NOTFOUND
                                                                       : next_dumped(d, &k, &v);
        if (error && error != MDB_NOTFOUND)
            return error;
        if (!error) {
            oplog_add(out, &(struct oplog_change){OPLOG_PUT,
                                                  (enum store_db)d->db,
                                                  {k.mv_data, k.mv_size},
                                                  {v.mv_data, v.mv_size}});
            continue;
        }
        if (d->cursor)
            mdb_cursor_close(d->cursor);
        d->cursor = NULL;
        d->db++;
    }
    *more = d->db < STORE_DATABASE_COUNT;
    return 0;
}
