/* Implements store_check_pages(): verifies that all pages are readable and their keys in order.
 * Called by storyctl check before check.c. Ignores what the records contain. */
#include "store/check.h"

#include "base/mem.h"
#include "store/fault.h"
#include "store/schema.h"
#include "store/whole.h"

#include <lmdb.h>
#include <stdlib.h>
#include <string.h>

enum { FREE_LIST = 0, FIRST_META_PAGES = 2 }; /* LMDB's own database, numbered before ours */

struct reading {
    MDB_env *env;
    MDB_txn *txn;
    struct fault_sink sink;
    unsigned char *free; /* a bit for each page */
    size_t pages;
};

#define fault(r, ...) fault_tell(&(r)->sink, __VA_ARGS__)

/* An entry of the free list: the number of pages and their numbers; none may occur twice. */
static void check_free(struct reading *r, MDB_val v)
{
    size_t n = 0, page;
    if (v.mv_size >= sizeof n)
        memcpy(&n, v.mv_data, sizeof n);
    if (v.mv_size < sizeof n || n > v.mv_size / sizeof page - 1) {
        fault(r, "the list of free pages: an entry of %zu bytes", v.mv_size);
        return;
    }
    for (size_t i = 1; i <= n; i++) {
        memcpy(&page, (const char *)v.mv_data + i * sizeof page, sizeof page);
        unsigned char bit = (unsigned char)(1 << page % 8);
        if (page < FIRST_META_PAGES || page >= r->pages || r->free[page / 8] & bit) {
            fault(r, "the list of free pages: page %zu is %s", page,
                  page < r->pages && page >= FIRST_META_PAGES ? "free twice" : "outside the store");
            return;
        }
        r->free[page / 8] |= bit;
    }
}

/* Reads every byte, as readers of the record will. */
static unsigned touch(MDB_val v)
{
    unsigned sum = 0;
    for (size_t i = 0; i < v.mv_size; i++)
        sum += ((const unsigned char *)v.mv_data)[i];
    return sum;
}

static bool in_order(const struct reading *r, MDB_dbi dbi, const MDB_val *k, const MDB_val *v,
                     const MDB_val *last_k, const MDB_val *last_v)
{
    unsigned flags = 0;
    int order = mdb_cmp(r->txn, dbi, last_k, k);
    if (order != 0 || mdb_dbi_flags(r->txn, dbi, &flags) || !(flags & MDB_DUPSORT))
        return order < 0;
    return mdb_dcmp(r->txn, dbi, last_v, v) < 0;
}

static void read_database(struct reading *r, MDB_dbi dbi)
{
    MDB_cursor *cursor;
    MDB_val k, v, last_k = {0, NULL}, last_v = {0, NULL};
    MDB_stat stat;
    size_t n = 0;
    char place[128];
    volatile unsigned sum = 0;
    int error = mdb_stat(r->txn, dbi, &stat);
    if (!error)
        error = mdb_cursor_open(r->txn, dbi, &cursor);
    if (error) {
        fault(r, "%s: cannot be read: %s", r->sink.out->name, mdb_strerror(error));
        return;
    }
    while ((error = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) == 0) {
        if (n > 0 && !in_order(r, dbi, &k, &v, &last_k, &last_v)) {
            store_check_place(r->sink.out, place, sizeof place);
            fault(r, "%s: damaged page: the keys are out of order", place);
            break;
        }
        sum += touch(v);
        if (r->sink.out->database == FREE_LIST)
            check_free(r, v);
        fault_passed(r->sink.out, k.mv_data, k.mv_size);
        last_k = k;
        last_v = v;
        n++;
    }
    mdb_cursor_close(cursor);
    (void)sum; /* unused; it forces the bytes to be read */
    store_check_place(r->sink.out, place, sizeof place);
    if (error && error != MDB_NOTFOUND)
        fault(r, "%s: damaged page: cannot read further: %s", place, mdb_strerror(error));
    else if (error && n != stat.ms_entries)
        fault(r, "%s: damaged page: found %zu records; expected %zu", r->sink.out->name, n,
              stat.ms_entries);
}

/* A database missing in an older version is created when storyd starts. */
static int open_one(struct reading *r, size_t number, MDB_dbi *dbi)
{
    const struct store_database *d = &store_databases[number ? number - 1 : 0];
    r->sink.out->database = number;
    fault_begin(r->sink.out, NULL);
    *dbi = 0;
    int error = number ? mdb_dbi_open(r->txn, d->name, d->flags, dbi) : 0;
    fault_begin(r->sink.out, number ? d->name : "the list of free pages");
    if (error && error != MDB_NOTFOUND)
        fault(r, "%s: cannot be opened: %s", d->name, mdb_strerror(error));
    return error;
}

int store_check_pages(const char *dir, size_t first, void (*tell)(void *, const char *), void *arg,
                      struct store_check *out)
{
    struct reading r = {.sink = {tell, arg, out}};
    MDB_envinfo info = {0};
    MDB_dbi dbi;
    int error = whole_open(dir, &r.env);
    if (!error)
        error = mdb_txn_begin(r.env, NULL, MDB_RDONLY, &r.txn);
    if (!error)
        error = mdb_env_info(r.env, &info);
    r.pages = info.me_last_pgno + 1;
    r.free = mem_zero(r.pages / 8 + 1);
    for (size_t i = first; !error && i <= STORE_DATABASE_COUNT; i++)
        if (!open_one(&r, i, &dbi))
            read_database(&r, dbi);
    free(r.free);
    mdb_txn_abort(r.txn);
    mdb_env_close(r.env);
    return error;
}
