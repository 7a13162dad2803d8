/* Whether there is room for a batch: an estimate, before it is written. */
#ifndef STORE_ROOM_H
#define STORE_ROOM_H

#include <stdint.h>

struct MDB_env;

/* Reserve for a batch: one of 500 articles, the default maximum, needs a few MiB. */
enum { ROOM_BYTES = 16 << 20 };

/* 0 when a file of ROOM_BYTES can be created in the folder; else the errno of the failure: ENOSPC,
 * EDQUOT. (statvfs() ignores quotas.) */
int room_on_disk(const char *dir);

/* 0 when the map has that many bytes that are unused or reusable, or a 16th of its size if that is
 * less; else MDB_MAP_FULL, or LMDB's error. Occupies a slot in the table of readers. */
int room_in_map(struct MDB_env *env);

/* Bytes that are used and the size: of the map, where a page that can be reused counts as unused
 * (takes a slot likewise), and of the file system, where what is reserved for root counts as used.
 * 0 or an error. */
int room_of_map(struct MDB_env *env, uint64_t *used, uint64_t *size);
int room_of_disk(const char *dir, uint64_t *used, uint64_t *size);

#endif
