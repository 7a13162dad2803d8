/* A copy of a store. */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

/* Copies the store, compacted, into the folder `to`, which is made and must not hold a store
 * (EEXIST), nor may another backup write into it (EBUSY). Works while the daemon writes: the copy
 * is one state of the whole. It is written as STORE_PART, and is data.mdb once all of it is on the
 * disk: a backup that was killed leaves no store, and the next one writes over what it left. */
#define STORE_PART "data.mdb.part"
int store_backup(const char *dir, const char *to);

#endif
