/* Whether there is room for a batch: an estimate, before it is written. */
#ifndef STORE_ROOM_H
#define STORE_ROOM_H

struct MDB_env;

/* Reserve for a batch: one of 500 articles, the default maximum, needs a few MiB. */
enum { ROOM_BYTES = 16 << 20 };

/* 0 when a file of ROOM_BYTES can be created in the folder; else the errno of the failure: ENOSPC,
 * EDQUOT. (statvfs() ignores quotas.) */
int room_on_disk(const char *dir);

/* 0 when the map has that many bytes that are unused or reusable, or a 16th of its size if that is
 * less; else MDB_MAP_FULL, or LMDB's error. Occupies a slot in the table of readers. */
int room_in_map(struct MDB_env *env);

#endif
