/* Whether there is room for a batch: as a guess, before it is tried. */
#ifndef STORE_ROOM_H
#define STORE_ROOM_H

struct MDB_env;

/* What a batch is given: one of 500 articles, the most by default, takes a few MiB. */
enum { ROOM_BYTES = 16 << 20 };

/* 0 when a file of ROOM_BYTES can be made in the folder; else errno of what hinders it: ENOSPC,
 * EDQUOT. (statvfs() knows no quotas.) */
int room_on_disk(const char *dir);

/* 0 when the map has that many bytes that were never used or can be used again, or a 16th of it if
 * that is less; else MDB_MAP_FULL, or LMDB's error. Takes a slot of the table of readers. */
int room_in_map(struct MDB_env *env);

#endif
