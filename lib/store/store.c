/* The writing side of the store: opening, locking, batches, commits and errors; see store.h. Called
 * by ingest, the daemon and storyctl. Reading by other processes is in read.c. */
#include "store/store.h"

#include "base/hash.h"
#include "base/mem.h"
#include "store/dump.h"
#include "store/oplog.h"
#include "store/reader.h"
#include "store/readers.h"
#include "store/room.h"
#include "store/whole.h"
#include "store/worker.h"
#include "story.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(STORE_NOT_FOUND == MDB_NOTFOUND && STORE_CORRUPT == MDB_CORRUPTED, "LMDB's codes");

struct store {
    MDB_env *env;
    MDB_txn *txn;                        /* of the current batch; NULL between batches */
    MDB_dbi dbi[STORE_DATABASE_COUNT];   /* 0: missing in an older version, opened for reading */
    uint64_t last[STORE_DATABASE_COUNT]; /* the greatest number put as a key since opening */
    uint64_t commits;
    int failed; /* the state in memory is ahead of the store, or uncertain: nothing more is written
                 */
    int lock;   /* held as long as this process writes */
    int table;  /* lock.mdb, kept open: closing it would drop this process's LMDB locks on it */
    struct worker *writer; /* thread that begins and ends transactions, if started */
    bool committing;       /* the batch belongs to the writer until store_commit_end() */
    int (*write)(void *);  /* puts the rest of the batch */
    void *write_arg;
    store_log *log; /* NULL: changes are not collected */
    void *log_arg;
    struct buf changes; /* of the batch (oplog.h) */
    bool alone;         /* a copy that is written without the others: see store_join() */
    bool dirty;         /* the batch changed something of the copy */
};

enum { CHECK_READERS_EVERY = 256 };

const char store_place[] = "place", store_alone[] = "alone";

void store_address_key(const char *url, unsigned char key[STORE_ADDRESS_KEY])
{
    store_u64(hash64(url, strlen(url), 1), key);
    store_u64(hash64(url, strlen(url), 2), key + 8);
}

const char *store_strerror(int error)
{
    switch (error) {
    case STORE_BUSY:
        return "another process writes to this store; stop it first";
    case STORE_NEWER:
        return "a newer storyd has written this store; use that one";
    case STORE_TRUNCATED:
    case MDB_INVALID:
        return "data.mdb is truncated or not a store, after an unfinished copy or a damaged disk; "
               "restore a backup";
    case MDB_MAP_FULL:
        return "the store has reached its maximum size; raise max_size in [store] and reload, or "
               "end stalled readers: `storyctl stats` names the oldest";
    case STORE_CORRUPT:
    case STORE_NOT_FOUND: /* a record that an index or another record refers to */
    case MDB_PAGE_NOTFOUND:
    case MDB_CURSOR_FULL:
    case MDB_BAD_VALSIZE:
    case STORY_CORRUPT: /* from store_reader() */
        return "invalid record; run `storyctl check`, then with --repair, or restore a backup";
    case MDB_READERS_FULL:
        return "too many readers at once; end some: `storyctl stats` counts them and names the "
               "oldest";
    case ENOSPC:
        return "no space left on the disk; free some";
    case EDQUOT:
        return "disk quota exceeded; free space, or raise the quota";
    case STORE_FENCED:
        return "the cluster's log did not accept the batch; another engine leads, or the broker "
               "does not answer";
    default:
        return mdb_strerror(error);
    }
}

/* LMDB's lock on the write transaction belongs to the thread that began it, which must also end it.
 * In between, the owner of the batch may use it, one thread at a time. */
static int on_writer(struct store *s, int (*job)(void *))
{
    if (!s->writer || worker_is_self(s->writer))
        return job(s);
    worker_start(s->writer, job, s, false);
    return worker_wait(s->writer);
}

static int begin_txn(void *arg)
{
    struct store *s = arg;
    return mdb_txn_begin(s->env, NULL, 0, &s->txn);
}

static int begin_batch(struct store *s)
{
    if (s->committing && !worker_is_self(s->writer))
        store_commit_end(s);
    if (s->failed)
        return s->failed;
    return s->txn ? 0 : on_writer(s, begin_txn);
}

/* After a failed write nothing more may be written: the first error is kept. When the disk accepts
 * only part of a write, LMDB reports an I/O error, and a bad transaction afterwards. */
static int keep_error(struct store *s, int error)
{
    const char *dir;
    if (!error || error == MDB_NOTFOUND || error == MDB_KEYEXIST)
        return error;
    if (error == EIO && !mdb_env_get_path(s->env, &dir)) {
        int room = room_on_disk(dir);
        error = store_is_full(room) ? room : error;
    }
    if (!s->failed)
        s->failed = error;
    return s->failed;
}

/* Keeps a change for the log, if it succeeded. */
static int note(struct store *s, int error, const struct oplog_change *change)
{
    if (error || store_is_local(change->db))
        return error;
    s->dirty = true;
    if (s->log)
        oplog_add(&s->changes, change);
    return 0;
}

/* Allocates the whole table of readers, which LMDB leaves as a hole in the file: on a full disk any
 * new reader would die of SIGBUS. */
static int open_table(struct store *s, const char *dir)
{
    char path[4096];
    struct stat st;
    if (snprintf(path, sizeof path, "%s/lock.mdb", dir) >= (int)sizeof path)
        return ENAMETOOLONG;
    s->table = open(path, O_RDWR | O_CLOEXEC);
    if (s->table < 0 || fstat(s->table, &st))
        return errno;
    (void)!posix_fallocate(s->table, 0, st.st_size); /* a full disk can still be read */
    return 0;
}

/* LMDB would let a second writer wait; two daemons on one store would each have an engine without
 * the other's articles. */
static int lock_for_writing(struct store *s, const char *dir)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s/" STORE_WRITER_LOCK, dir) >= (int)sizeof path)
        return ENAMETOOLONG;
    s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, STORE_DATA_MODE);
    if (s->lock < 0)
        return errno;
    if (flock(s->lock, LOCK_EX | LOCK_NB) == 0)
        return 0;
    return errno == EWOULDBLOCK ? STORE_BUSY : errno;
}

int store_is_busy(const char *dir)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s/" STORE_WRITER_LOCK, dir) >= (int)sizeof path)
        return ENAMETOOLONG;
    int fd = open(path, O_RDONLY | O_CLOEXEC), error = 0;
    if (fd < 0)
        return errno == ENOENT ? 0 : errno;
    if (flock(fd, LOCK_SH | LOCK_NB))
        error = errno == EWOULDBLOCK ? STORE_BUSY : errno;
    close(fd);
    return error;
}

/* LMDB would create a new store in an emptied file. The lock file shows that there was one: it
 * contains a byte once something was committed. */
static int was_emptied(const struct store *s, const char *dir)
{
    char path[4096];
    struct stat data, lock;
    snprintf(path, sizeof path, "%s/data.mdb", dir);
    return stat(path, &data) == 0 && data.st_size == 0 && fstat(s->lock, &lock) == 0 &&
                   lock.st_size > 0
               ? STORE_TRUNCATED
               : 0;
}

/* LMDB creates both its files with one mode, and older versions let the group write to both and to
 * the folder. Access to the folder is the operator's choice, and the modes of another user's files
 * are left alone. */
static int set_modes(const char *dir)
{
    static const struct {
        const char *name;
        mode_t mode;
    } files[] = {{"data.mdb", STORE_DATA_MODE},
                 {"lock.mdb", STORE_LOCK_MODE},
                 {STORE_WRITER_LOCK, STORE_DATA_MODE}};
    char path[4096];
    struct stat st;
    int error = 0;
    for (size_t i = 0; !error && i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, files[i].name);
        if (stat(path, &st) ||
            ((st.st_mode & 07777) != files[i].mode && chmod(path, files[i].mode)))
            error = errno == EPERM ? 0 : errno;
    }
    const mode_t others_write = S_IWGRP | S_IWOTH;
    if (!error && (stat(dir, &st) || ((st.st_mode & others_write) && !(st.st_mode & S_ISVTX) &&
                                      chmod(dir, st.st_mode & 07777 & ~others_write))))
        error = errno == EPERM ? 0 : errno;
    return error;
}

static int open_databases(struct store *s)
{
    int error = begin_batch(s);
    for (int i = 0; !error && i < STORE_DATABASE_COUNT; i++)
        error = mdb_dbi_open(s->txn, store_databases[i].name, store_databases[i].flags | MDB_CREATE,
                             &s->dbi[i]);
    if (error)
        return error;
    uint64_t version = store_number(s, "schema");
    if (version > STORE_SCHEMA_VERSION)
        return STORE_NEWER;
    if (!version && store_is_empty(s, STORE_META)) /* else ingest/upgrade.h converts it */
        error = store_set_number(s, "schema", STORE_SCHEMA_VERSION);
    /* a full disk can still be read: unchanged values are not written again */
    static const char writer[] = "\"storyd " STORYD_VERSION "\"";
    struct store_value v;
    if (!error && (store_get(s, STORE_META, "writer", 6, &v) || v.n != sizeof writer - 1 ||
                   memcmp(v.p, writer, v.n) != 0))
        error = store_put(s, STORE_META, "writer", 6, writer, sizeof writer - 1);
    bool has_place = !error && !store_get(s, STORE_CLUSTER, store_place, strlen(store_place), &v);
    if (!error)
        error = store_commit(s);
    s->alone = has_place;
    return error;
}

int store_sweep(struct store *s)
{
    return readers_sweep(s->env);
}

int store_views(struct store *s, struct readers_view *out, size_t cap, size_t *n)
{
    return readers_list(s->env, out, cap, n);
}

int store_open(const char *dir, size_t max_bytes, struct store **out)
{
    struct store *s = mem_zero(sizeof *s);
    bool whole = false;
    s->lock = s->table = -1;
    int error = mkdir(dir, STORE_DIR_MODE) && errno != EEXIST ? errno : 0;
    if (!error)
        error = lock_for_writing(s, dir);
    if (!error)
        error = mdb_env_create(&s->env);
    if (!error)
        error = mdb_env_set_maxdbs(s->env, STORE_DATABASE_COUNT + 8);
    if (!error)
        error = mdb_env_set_mapsize(s->env, max_bytes);
    if (!error)
        error = mdb_env_set_maxreaders(s->env, READERS_MOST);
    if (!error)
        error = was_emptied(s, dir);
    if (!error)
        error = mdb_env_open(s->env, dir, MDB_NOTLS, STORE_DATA_MODE);
    if (!error)
        error = whole_check(s->env, &whole);
    if (!error && !whole)
        error = STORE_TRUNCATED;
    if (!error)
        error = set_modes(dir);
    if (!error)
        error = open_table(s, dir);
    if (!error)
        error = store_sweep(s);
    if (!error)
        error = open_databases(s);
    if (error) {
        store_close(s);
        return error;
    }
    *out = s;
    return 0;
}

int store_open_reading(const char *dir, struct store **out)
{
    struct store *s = mem_zero(sizeof *s);
    s->lock = s->table = -1;
    int error = whole_open(dir, &s->env);
    if (!error)
        error = readers_begin(s->env, &s->txn);
    if (!error)
        error = whole_databases(s->txn, s->dbi);
    if (!error && store_number(s, "schema") > STORE_SCHEMA_VERSION)
        error = STORE_NEWER;
    if (error) {
        store_close(s);
        return error;
    }
    *out = s;
    return 0;
}

static int abort_txn(void *arg)
{
    struct store *s = arg;
    mdb_txn_abort(s->txn);
    s->txn = NULL;
    buf_clear(&s->changes);
    return 0;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    store_commit_end(s);
    if (s->txn)
        on_writer(s, abort_txn);
    worker_free(s->writer);
    buf_free(&s->changes);
    if (s->env)
        mdb_env_close(s->env);
    if (s->table >= 0)
        close(s->table);
    if (s->lock >= 0)
        close(s->lock);
    free(s);
}

/* ---- values ---------------------------------------------------------------------------------- */

static MDB_val val(const void *p, size_t n)
{
    /* LMDB does not write through a key or value that it receives */
    return (MDB_val){.mv_size = n, .mv_data = (void *)(uintptr_t)p};
}

int store_get(struct store *s, enum store_db db, const void *key, size_t n, struct store_value *out)
{
    int error = begin_batch(s);
    MDB_val k = val(key, n), v;
    if (!error)
        error = !s->dbi[db] ? STORE_NOT_FOUND : mdb_get(s->txn, s->dbi[db], &k, &v);
    *out = error ? (struct store_value){NULL, 0} : (struct store_value){v.mv_data, v.mv_size};
    return error;
}

int store_put(struct store *s, enum store_db db, const void *key, size_t n, const void *value,
              size_t value_n)
{
    const struct oplog_change change = {OPLOG_PUT, db, {key, n}, {value, value_n}};
    int error = begin_batch(s);
    MDB_val k = val(key, n), v = val(value, value_n);
    return error ? error : note(s, keep_error(s, mdb_put(s->txn, s->dbi[db], &k, &v, 0)), &change);
}

int store_get_u64(struct store *s, enum store_db db, uint64_t key, struct store_value *out)
{
    unsigned char k[8];
    store_u64(key, k);
    return store_get(s, db, k, sizeof k, out);
}

/* Numbers are given in order. LMDB would leave each page half full behind them; appended to, it is
 * filled. */
int store_put_u64(struct store *s, enum store_db db, uint64_t key, const void *value, size_t n)
{
    unsigned char k[8];
    store_u64(key, k);
    if (key <= s->last[db])
        return store_put(s, db, k, sizeof k, value, n);
    s->last[db] = key;
    const struct oplog_change change = {OPLOG_PUT, db, {k, sizeof k}, {value, n}};
    MDB_val append = val(k, sizeof k), v = val(value, n);
    int error = begin_batch(s);
    if (error)
        return error;
    error = mdb_put(s->txn, s->dbi[db], &append, &v, MDB_APPEND);
    return error == MDB_KEYEXIST ? store_put(s, db, k, sizeof k, value, n) /* not the greatest */
                                 : note(s, keep_error(s, error), &change);
}

int store_delete(struct store *s, enum store_db db, const void *key, size_t n)
{
    const struct oplog_change change = {OPLOG_DELETE, db, {key, n}, {NULL, 0}};
    MDB_val k = val(key, n);
    int error = begin_batch(s);
    return error ? error : note(s, keep_error(s, mdb_del(s->txn, s->dbi[db], &k, NULL)), &change);
}

int store_delete_u64(struct store *s, enum store_db db, uint64_t key)
{
    unsigned char k[8];
    store_u64(key, k);
    return store_delete(s, db, k, sizeof k);
}

static int put_number(struct store *s, enum store_db db, uint64_t key, uint64_t value)
{
    unsigned char number[8];
    store_u64(value, number);
    return store_put_u64(s, db, key, number, sizeof number);
}

int store_link(struct store *s, uint64_t event, uint64_t article)
{
    return put_number(s, STORE_EVENT_ARTICLES, event, article);
}

int store_link_post(struct store *s, uint64_t event, uint64_t post)
{
    return put_number(s, STORE_EVENT_POSTS, event, post);
}

int store_remember(struct store *s, uint64_t event, uint64_t seq)
{
    return put_number(s, STORE_HISTORY, event, seq);
}

int store_last(struct store *s, enum store_db db, uint64_t *key)
{
    MDB_val k, v;
    MDB_cursor *cursor;
    *key = 0;
    int error = begin_batch(s);
    if (error || (error = mdb_cursor_open(s->txn, s->dbi[db], &cursor)))
        return error;
    error = mdb_cursor_get(cursor, &k, &v, MDB_LAST);
    if (!error && k.mv_size != 8)
        error = STORE_CORRUPT;
    if (!error)
        *key = store_from_u64(k.mv_data);
    mdb_cursor_close(cursor);
    return error == MDB_NOTFOUND ? 0 : error;
}

bool store_has(struct store *s, enum store_db db, uint64_t under, uint64_t number)
{
    unsigned char key[8], value[8];
    store_u64(under, key);
    store_u64(number, value);
    MDB_val k = val(key, sizeof key), v = val(value, sizeof value);
    MDB_cursor *cursor;
    if (begin_batch(s) || mdb_cursor_open(s->txn, s->dbi[db], &cursor))
        return false;
    bool found = mdb_cursor_get(cursor, &k, &v, MDB_GET_BOTH) == 0;
    mdb_cursor_close(cursor);
    return found;
}

static int stop_at_first(void *arg, uint64_t key, struct store_value value)
{
    (void)key, (void)value;
    *(bool *)arg = false;
    return MDB_NOTFOUND;
}

bool store_is_empty(struct store *s, enum store_db db)
{
    bool empty = true;
    return store_each(s, db, 0, stop_at_first, &empty) == 0 && empty;
}

static int remove_number(struct store *s, enum store_db db, uint64_t under, uint64_t value)
{
    unsigned char key[8], number[8];
    store_u64(under, key);
    store_u64(value, number);
    const struct oplog_change change = {
        OPLOG_DELETE, db, {key, sizeof key}, {number, sizeof number}};
    MDB_val k = val(key, sizeof key), v = val(number, sizeof number);
    int error = begin_batch(s);
    return error ? error : note(s, keep_error(s, mdb_del(s->txn, s->dbi[db], &k, &v)), &change);
}

int store_indexed(struct store *s, uint64_t term, uint64_t *out, size_t most, size_t *n)
{
    unsigned char key[8];
    store_u64(term, key);
    MDB_val k = val(key, sizeof key), v;
    MDB_cursor *cursor;
    *n = 0;
    int error = begin_batch(s);
    if (error || !s->dbi[STORE_EARLIER] ||
        (error = mdb_cursor_open(s->txn, s->dbi[STORE_EARLIER], &cursor)))
        return error;
    error = mdb_cursor_get(cursor, &k, &v, MDB_SET);
    if (!error)
        error = mdb_cursor_get(cursor, &k, &v, MDB_LAST_DUP);
    for (; !error && *n < most; error = mdb_cursor_get(cursor, &k, &v, MDB_PREV_DUP)) {
        if (v.mv_size != 8) {
            error = STORE_CORRUPT;
            break;
        }
        out[(*n)++] = store_from_u64(v.mv_data);
    }
    mdb_cursor_close(cursor);
    return error == MDB_NOTFOUND ? 0 : error;
}

/* Deletes the entry at the cursor; of a key with several values, that value. */
static int delete_entry(struct store *s, enum store_db db, MDB_cursor *cursor, MDB_val k, MDB_val v)
{
    struct oplog_change change = {OPLOG_DELETE, db, {k.mv_data, k.mv_size}, {NULL, 0}};
    if (store_databases[db].flags & MDB_DUPSORT)
        change.value = (struct store_value){v.mv_data, v.mv_size};
    note(s, 0, &change); /* first: the deletion may move key and value */
    return mdb_cursor_del(cursor, 0);
}

/* Events are numbered by arrival, so the oldest comes first. */
static int drop_oldest(struct store *s, uint64_t term, size_t most)
{
    unsigned char key[8];
    size_t n = 0;
    store_u64(term, key);
    MDB_val k = val(key, sizeof key), v;
    MDB_cursor *cursor;
    int error = mdb_cursor_open(s->txn, s->dbi[STORE_EARLIER], &cursor);
    if (error)
        return error;
    error = mdb_cursor_get(cursor, &k, &v, MDB_SET);
    if (!error)
        error = mdb_cursor_count(cursor, &n);
    if (!error && n > most)
        error = delete_entry(s, STORE_EARLIER, cursor, k, v);
    mdb_cursor_close(cursor);
    return keep_error(s, error);
}

int store_index(struct store *s, uint64_t term, uint64_t event, size_t most)
{
    int error = put_number(s, STORE_EARLIER, term, event);
    return error ? error : drop_oldest(s, term, most);
}

int store_unremember(struct store *s, uint64_t event, uint64_t seq)
{
    int error = remove_number(s, STORE_HISTORY, event, seq);
    return error == MDB_NOTFOUND ? 0 : error;
}

int store_unlink(struct store *s, uint64_t event, uint64_t article)
{
    return remove_number(s, STORE_EVENT_ARTICLES, event, article);
}

int store_unlink_post(struct store *s, uint64_t event, uint64_t post)
{
    return remove_number(s, STORE_EVENT_POSTS, event, post);
}

static int numbers_under(struct store *s, enum store_db db, uint64_t under, uint64_t **out,
                         size_t *n)
{
    unsigned char key[8];
    store_u64(under, key);
    MDB_val k = val(key, sizeof key), v;
    MDB_cursor *cursor;
    size_t cap = 0;
    *out = NULL;
    *n = 0;
    int error = begin_batch(s);
    if (error || !s->dbi[db] || (error = mdb_cursor_open(s->txn, s->dbi[db], &cursor)))
        return error;
    for (error = mdb_cursor_get(cursor, &k, &v, MDB_SET); !error;
         error = mdb_cursor_get(cursor, &k, &v, MDB_NEXT_DUP)) {
        if (v.mv_size != 8) {
            error = STORE_CORRUPT;
            break;
        }
        MEM_GROW(*out, *n, cap);
        (*out)[(*n)++] = store_from_u64(v.mv_data);
    }
    mdb_cursor_close(cursor);
    return error == MDB_NOTFOUND ? 0 : error;
}

int store_linked(struct store *s, uint64_t event, uint64_t **out, size_t *n)
{
    return numbers_under(s, STORE_EVENT_ARTICLES, event, out, n);
}

int store_linked_posts(struct store *s, uint64_t event, uint64_t **out, size_t *n)
{
    return numbers_under(s, STORE_EVENT_POSTS, event, out, n);
}

int store_each(struct store *s, enum store_db db, uint64_t first,
               int (*each)(void *, uint64_t, struct store_value), void *arg)
{
    unsigned char bytes[8];
    store_u64(first, bytes);
    MDB_val k = val(bytes, sizeof bytes), v;
    MDB_cursor *cursor;
    int error = begin_batch(s);
    if (error || !s->dbi[db] || (error = mdb_cursor_open(s->txn, s->dbi[db], &cursor)))
        return error;
    for (error = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE); !error;
         error = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) {
        error = k.mv_size == 8 ? each(arg, store_from_u64(k.mv_data),
                                      (struct store_value){v.mv_data, v.mv_size})
                               : STORE_CORRUPT;
        if (error)
            break;
    }
    mdb_cursor_close(cursor);
    return error == MDB_NOTFOUND ? 0 : error;
}

static bool is_place(const struct store_place *place, const MDB_val *k)
{
    return k->mv_size == place->n && !memcmp(k->mv_data, place->key, place->n);
}

/* The cursor's first entry with a key after `place`. */
static int first_after(MDB_cursor *cursor, const struct store_place *place, MDB_val *k, MDB_val *v)
{
    if (!place->n)
        return mdb_cursor_get(cursor, k, v, MDB_FIRST);
    *k = val(place->key, place->n);
    int error = mdb_cursor_get(cursor, k, v, MDB_SET_RANGE);
    return !error && is_place(place, k) ? mdb_cursor_get(cursor, k, v, MDB_NEXT_NODUP) : error;
}

int store_walk(struct store *s, enum store_db db, struct store_place *place, size_t most,
               store_judge *judge, void *arg, bool *more)
{
    MDB_val k, v;
    MDB_cursor *cursor;
    *more = false;
    int error = begin_batch(s);
    if (error || (error = mdb_cursor_open(s->txn, s->dbi[db], &cursor)))
        return error;
    error = first_after(cursor, place, &k, &v);
    for (size_t n = 0; !error; n++, error = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) {
        *more = n >= most && !is_place(place, &k);
        if (*more)
            break;
        error = k.mv_size > sizeof place->key ? STORE_CORRUPT : 0;
        enum store_verdict what = error ? STORE_STOP
                                        : judge(arg, (struct store_value){k.mv_data, k.mv_size},
                                                (struct store_value){v.mv_data, v.mv_size});
        if (what == STORE_STOP)
            break;
        place->n = k.mv_size;
        memcpy(place->key, k.mv_data, k.mv_size);
        if (what == STORE_DROP && (error = keep_error(s, delete_entry(s, db, cursor, k, v))))
            break;
    }
    mdb_cursor_close(cursor);
    return error == MDB_NOTFOUND ? 0 : error;
}

uint64_t store_number(struct store *s, const char *name)
{
    struct store_value v;
    char text[24];
    int error = store_get(s, STORE_META, name, strlen(name), &v);
    if (error && error != STORE_NOT_FOUND)
        s->failed = error; /* returning 0 would restart the numbering */
    if (error)
        return 0;
    size_t n = v.n < sizeof text ? v.n : 0;
    memcpy(text, v.p, n);
    text[n] = 0;
    if (!n || strspn(text, "0123456789") != n)
        s->failed = STORE_CORRUPT;
    return strtoull(text, NULL, 10);
}

int store_set_number(struct store *s, const char *name, uint64_t value)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%" PRIu64, value);
    return store_put(s, STORE_META, name, strlen(name), text, (size_t)n);
}

/* Writes a meaningless byte, which story_watch() notices. If it fails, readers only wait longer. */
static void tell_readers(struct store *s)
{
    ssize_t n = pwrite(s->lock, ".", 1, 0);
    (void)n;
}

static int commit_txn(void *arg)
{
    struct store *s = arg;
    if (!s->txn)
        return 0;
    if (s->alone && s->dirty)
        store_put(s, STORE_CLUSTER, store_alone, strlen(store_alone), "1", 1);
    s->dirty = false;
    int error = s->changes.len ? s->log(s->log_arg, s->changes.p, s->changes.len) : 0;
    if (error) {
        abort_txn(s);
        return keep_error(s, error);
    }
    buf_clear(&s->changes);
    MDB_txn *txn = s->txn;
    s->txn = NULL; /* also when it fails */
    error = mdb_txn_commit(txn);
    if (error && s->log)
        error = STORE_FENCED; /* the others have the batch: it must come from the log */
    error = keep_error(s, error);
    if (!error)
        tell_readers(s);
    if (!error && ++s->commits % CHECK_READERS_EVERY == 0)
        store_sweep(s);
    return error;
}

int store_commit(struct store *s)
{
    int error = store_commit_end(s);
    return error ? error : on_writer(s, commit_txn);
}

static int write_and_commit(void *arg)
{
    struct store *s = arg;
    int error = s->write(s->write_arg);
    return error ? error : commit_txn(s);
}

int store_start_writer(struct store *s, int *fd)
{
    if (s->txn)
        abort(); /* the caller's thread would have to end it */
    int error = worker_new(&s->writer);
    if (!error)
        *fd = worker_fd(s->writer);
    return error;
}

int store_commit_start(struct store *s, int (*write)(void *), void *arg)
{
    int error = store_commit_end(s);
    if (error)
        return error;
    s->write = write;
    s->write_arg = arg;
    if (!s->writer)
        return s->failed = write_and_commit(s);
    s->committing = true;
    worker_start(s->writer, write_and_commit, s, true);
    return 0;
}

int store_commit_end(struct store *s)
{
    if (s->committing)
        s->failed = worker_wait(s->writer);
    s->committing = false;
    return s->failed;
}

/* ---- full store ------------------------------------------------------------------------------ */

bool store_is_full(int error)
{
    return error == ENOSPC || error == EDQUOT || error == MDB_MAP_FULL;
}

int store_error(const struct store *s)
{
    return s->committing ? 0 : s->failed; /* while committing, the writer owns it */
}

int store_retry(struct store *s, size_t max_bytes)
{
    const char *dir;
    MDB_envinfo info;
    if (s->committing)
        worker_wait(s->writer);
    s->committing = false;
    if (s->txn)
        on_writer(s, abort_txn);
    int error = mdb_env_get_path(s->env, &dir);
    if (!error)
        error = mdb_env_info(s->env, &info);
    if (!error && info.me_mapsize != max_bytes)
        error = mdb_env_set_mapsize(s->env, max_bytes);
    if (!error)
        error = room_on_disk(dir);
    if (!error)
        error = room_in_map(s->env);
    s->failed = error;
    return error;
}

int store_room(struct store *s, struct store_room *out)
{
    const char *dir;
    int error = mdb_env_get_path(s->env, &dir);
    if (!error)
        error = room_of_map(s->env, &out->map_used, &out->map_size);
    return error ? error : room_of_disk(dir, &out->disk_used, &out->disk_size);
}

int store_resize(struct store *s, size_t max_bytes)
{
    MDB_envinfo info;
    if (s->txn || s->committing || s->failed)
        return 0;
    int error = mdb_env_info(s->env, &info);
    return error || info.me_mapsize == max_bytes ? error : mdb_env_set_mapsize(s->env, max_bytes);
}

/* ---- the files ------------------------------------------------------------------------------- */

static bool is_path(int fd, const char *dir, const char *name)
{
    char path[4096];
    struct stat here, there;
    return fd >= 0 && !fstat(fd, &here) &&
           snprintf(path, sizeof path, "%s/%s", dir, name) < (int)sizeof path &&
           !stat(path, &there) && here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

const char *store_lost(struct store *s)
{
    const char *dir;
    int data;
    if (mdb_env_get_path(s->env, &dir) || mdb_env_get_fd(s->env, &data))
        return NULL;
    const struct {
        int fd;
        const char *name;
    } files[] = {{data, "data.mdb"}, {s->table, "lock.mdb"}, {s->lock, STORE_WRITER_LOCK}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (!is_path(files[i].fd, dir, files[i].name))
            return files[i].name;
    return NULL;
}

/* ---- copies ---------------------------------------------------------------------------------- */

void store_join(struct store *s)
{
    s->alone = false;
}

void store_set_log(struct store *s, store_log *log, void *arg)
{
    s->log = log;
    s->log_arg = arg;
    buf_init(&s->changes, SIZE_MAX / 2);
}

static int apply_change(struct store *s, const struct oplog_change *c)
{
    MDB_val k = val(c->key.p, c->key.n), v = val(c->value.p, c->value.n);
    int error = 0;
    switch (c->kind) {
    case OPLOG_PUT: /* numbered records are appended, as they were */
        return store_databases[c->db].key == 8 && c->key.n == 8
                   ? store_put_u64(s, c->db, store_from_u64(c->key.p), c->value.p, c->value.n)
                   : store_put(s, c->db, c->key.p, c->key.n, c->value.p, c->value.n);
    case OPLOG_DELETE:
        error = mdb_del(s->txn, s->dbi[c->db], &k, c->value.n ? &v : NULL);
        return error == MDB_NOTFOUND ? 0 : keep_error(s, error);
    case OPLOG_CLEAR:
        s->last[c->db] = 0;
        return keep_error(s, mdb_drop(s->txn, s->dbi[c->db], 0));
    case OPLOG_KINDS:
        break;
    }
    abort(); /* oplog_next() returns none other */
}

int store_apply(struct store *s, const char *changes, size_t n)
{
    struct oplog_change change;
    size_t at = 0;
    int error = begin_batch(s), got;
    while (!error && (got = oplog_next(changes, n, &at, &change)))
        error = got < 0 ? got : apply_change(s, &change);
    return error;
}

int store_dump(struct store *s, struct dump **out)
{
    return dump_begin(s->env, out);
}

int store_reader(struct store *s, struct story_db **out)
{
    return reader_over(s->env, out);
}
