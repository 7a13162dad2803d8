/* Estimates whether a batch would fit; see room.h. Called by store.c. */
#define _GNU_SOURCE /* mkostemp */
#include "store/room.h"

#include "store/readers.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

int room_on_disk(const char *dir)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s/room-XXXXXX", dir) >= (int)sizeof path)
        return ENAMETOOLONG;
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return errno;
    unlink(path);
    int error = posix_fallocate(fd, 0, ROOM_BYTES);
    close(fd);
    return error;
}

/* The oldest state that a reader sees: pages freed before it can be reused. */
static int oldest_state(MDB_env *env, uint64_t *out)
{
    struct readers_view views[READERS_MOST];
    size_t n;
    int error = readers_list(env, views, READERS_MOST, &n);
    *out = UINT64_MAX;
    for (size_t i = 0; i < n; i++)
        if (views[i].state < *out)
            *out = views[i].state;
    return error;
}

/* LMDB lists freed pages in its database 0: transaction -> their number, and which. */
static int add_freed(MDB_txn *txn, uint64_t before, uint64_t *pages)
{
    MDB_cursor *cursor;
    MDB_val k, v;
    int error = mdb_cursor_open(txn, 0, &cursor);
    if (error)
        return error;
    while (!(error = mdb_cursor_get(cursor, &k, &v, MDB_NEXT))) {
        size_t transaction, n;
        memcpy(&transaction, k.mv_data, sizeof transaction);
        memcpy(&n, v.mv_data, sizeof n);
        if (transaction >= before)
            break;
        *pages += n;
    }
    mdb_cursor_close(cursor);
    return error == MDB_NOTFOUND ? 0 : error;
}

int room_of_map(MDB_env *env, uint64_t *used, uint64_t *size)
{
    MDB_envinfo info;
    MDB_stat stat;
    MDB_txn *txn = NULL;
    uint64_t before, freed = 0;
    int error = mdb_env_info(env, &info);
    if (!error)
        error = mdb_env_stat(env, &stat);
    if (!error)
        error = readers_begin(env, &txn);
    if (!error)
        error = oldest_state(env, &before);
    if (!error)
        error = add_freed(txn, before, &freed);
    mdb_txn_abort(txn);
    if (error)
        return error;
    uint64_t pages = info.me_last_pgno + 1;
    *used = (freed < pages ? pages - freed : 0) * stat.ms_psize;
    *size = info.me_mapsize;
    return 0;
}

int room_in_map(MDB_env *env)
{
    uint64_t used, size;
    int error = room_of_map(env, &used, &size);
    if (error)
        return error;
    uint64_t least = ROOM_BYTES < size / 16 ? ROOM_BYTES : size / 16;
    return size > used && size - used >= least ? 0 : MDB_MAP_FULL;
}

int room_of_disk(const char *dir, uint64_t *used, uint64_t *size)
{
    struct statvfs fs;
    if (statvfs(dir, &fs))
        return errno;
    *size = (uint64_t)fs.f_blocks * fs.f_frsize;
    *used = (uint64_t)(fs.f_blocks > fs.f_bavail ? fs.f_blocks - fs.f_bavail : 0) * fs.f_frsize;
    return 0;
}
