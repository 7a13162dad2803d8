/* An intact file may be shorter than its last page number: pages at its end that one transaction
 * both allocated and freed were never written. They are in the list of free pages, so for a short
 * file this list is read directly, in the file's own format (version 1, of all of LMDB 0.9):
 * reading it through LMDB would not be safe. */
#include "store/whole.h"

#include "store/readers.h"
#include "store/codes.h"

#include <errno.h>
#include <lmdb.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* ---- file format, from LMDB's mdb.c ---------------------------------------------------------- */

enum { BRANCH = 1, LEAF = 2, BIG_DATA = 1, MOST_LEVELS = 32, MOST_TRIES = 100 };

struct tree_page {
    size_t number;
    uint16_t pad, flags, lower, upper; /* offsets of nodes follow, 16 bits each, up to `lower` */
};

struct node {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint16_t low, high; /* of the data's size; in a branch, with the flags, of a page number */
#else
    uint16_t high, low;
#endif
    uint16_t flags, key; /* bytes of the key, which follows, then the data */
};

struct tree {
    uint32_t pad;
    uint16_t flags, depth;
    size_t branches, leaves, overflows, entries, root;
};

struct meta { /* in each of the first two pages, after its struct tree_page */
    uint32_t magic, version;
    void *address;
    size_t map_size;
    struct tree free, main;
    size_t last_page, txn;
};

/* ---- list of free pages ---------------------------------------------------------------------- */

struct file {
    const char *map;
    size_t size, page_size, pages; /* bytes; whole pages present */
    size_t given_back;             /* free pages among the missing ones */
    size_t looks;                  /* page visits left: a damaged list may be circular */
};

/* One entry: a count, and page numbers. False when it is not in the file. */
static bool count_list(struct file *f, size_t at, size_t size)
{
    size_t n, page;
    if (at > f->size || size > f->size - at || size < sizeof n)
        return false;
    memcpy(&n, f->map + at, sizeof n);
    if (n > size / sizeof page - 1)
        return false;
    for (size_t i = 1; i <= n; i++) {
        memcpy(&page, f->map + at + i * sizeof page, sizeof page);
        f->given_back += page >= f->pages;
    }
    return true;
}

static bool count_tree(struct file *f, size_t number, int levels)
{
    struct tree_page page;
    struct node node;
    if (number >= f->pages || levels == 0 || f->looks == 0)
        return false;
    f->looks--;
    const size_t begin = number * f->page_size;
    memcpy(&page, f->map + begin, sizeof page);
    if (page.lower > f->page_size || !(page.flags & (BRANCH | LEAF)))
        return false;
    for (size_t i = sizeof page; i + sizeof(uint16_t) <= page.lower; i += sizeof(uint16_t)) {
        uint16_t place;
        memcpy(&place, f->map + begin + i, sizeof place);
        if (place + sizeof node > f->page_size)
            return false;
        memcpy(&node, f->map + begin + place, sizeof node);
        size_t value = node.low | (size_t)node.high << 16, at = begin + place + sizeof node;
        bool there;
        if (page.flags & BRANCH) {
            there = count_tree(f, (size_t)(value | (uint64_t)node.flags << 32), levels - 1);
        } else if (node.flags & BIG_DATA) {
            size_t first;
            if (at + node.key + sizeof first > begin + f->page_size)
                return false;
            memcpy(&first, f->map + at + node.key, sizeof first);
            there = first < f->pages && count_list(f, first * f->page_size + sizeof page, value);
        } else {
            there = count_list(f, at + node.key, value);
        }
        if (!there)
            return false;
    }
    return true;
}

/* True when all missing pages are free in the state left by transaction `txn`. */
static bool only_free_is_missing(struct file *f, size_t txn)
{
    for (size_t i = 0; i < 2 && i < f->pages; i++) {
        struct meta meta;
        memcpy(&meta, f->map + i * f->page_size + sizeof(struct tree_page), sizeof meta);
        if (meta.txn == txn)
            return (meta.free.root == SIZE_MAX || count_tree(f, meta.free.root, MOST_LEVELS)) &&
                   f->given_back == meta.last_page + 1 - f->pages;
    }
    return false;
}

/* Begins a view, which preserves its state while it is examined, and repeats until it is the newest
 * state. */
static int begin_newest(MDB_env *env, MDB_txn **txn, MDB_envinfo *info)
{
    for (int i = 0; i < MOST_TRIES; i++) {
        int error = readers_begin(env, txn);
        if (!error)
            error = mdb_env_info(env, info);
        if (error || mdb_txn_id(*txn) == info->me_last_txnid)
            return error;
        mdb_txn_abort(*txn);
        *txn = NULL;
    }
    return EAGAIN;
}

static int look_at_state(MDB_env *env, int fd, size_t page_size, bool *whole)
{
    MDB_txn *txn = NULL;
    MDB_envinfo info;
    struct stat st;
    int error = begin_newest(env, &txn, &info);
    if (!error && fstat(fd, &st))
        error = errno;
    if (!error) {
        struct file f = {.size = (size_t)st.st_size,
                         .page_size = page_size,
                         .pages = (size_t)st.st_size / page_size,
                         .looks = (size_t)st.st_size / page_size};
        void *map = mmap(NULL, f.size, PROT_READ, MAP_SHARED, fd, 0);
        if (map == MAP_FAILED) {
            error = errno;
        } else {
            f.map = map;
            *whole = f.pages > info.me_last_pgno || only_free_is_missing(&f, info.me_last_txnid);
            munmap(map, f.size);
        }
    }
    mdb_txn_abort(txn);
    return error;
}

int whole_check(MDB_env *env, bool *whole)
{
    MDB_envinfo info;
    MDB_stat stat;
    struct stat st;
    int fd;
    *whole = false;
    int error = mdb_env_info(env, &info);
    if (!error)
        error = mdb_env_stat(env, &stat);
    if (!error)
        error = mdb_env_get_fd(env, &fd);
    if (!error && fstat(fd, &st))
        error = errno;
    if (error)
        return error;
    *whole = (size_t)st.st_size / stat.ms_psize > info.me_last_pgno;
    return *whole ? 0 : look_at_state(env, fd, stat.ms_psize, whole);
}

int whole_open(const char *dir, MDB_env **out)
{
    bool whole = true;
    *out = NULL;
    int error = mdb_env_create(out);
    if (!error)
        error = mdb_env_set_maxdbs(*out, STORE_DATABASE_COUNT + 8);
    if (!error)
        error = mdb_env_set_maxreaders(*out, READERS_MOST);
    if (!error)
        error = mdb_env_open(*out, dir, MDB_RDONLY | MDB_NOTLS, STORE_LOCK_MODE);
    if (!error)
        error = readers_sweep(*out); /* else checkers killed by damaged pages fill the table */
    if (!error)
        error = whole_check(*out, &whole);
    return error || whole ? error : STORE_TRUNCATED;
}

int whole_databases(MDB_txn *txn, MDB_dbi dbi[STORE_DATABASE_COUNT])
{
    int error = 0;
    for (size_t i = 0; !error && i < STORE_DATABASE_COUNT; i++) {
        error = mdb_dbi_open(txn, store_databases[i].name, store_databases[i].flags, &dbi[i]);
        if (error == MDB_NOTFOUND)
            error = dbi[i] = 0;
    }
    return error;
}
