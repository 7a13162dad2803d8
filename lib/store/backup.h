/* A copy of a store. */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

/* Copies the store, compacted, into the folder `to`, which is created and must not contain a store
 * (EEXIST); nor may another backup write into it (EBUSY). Works while the daemon writes: the copy
 * is one consistent state. It is written as STORE_PART and renamed to data.mdb once everything is
 * on the disk: a killed backup leaves no store, and the next one overwrites what it left. */
#define STORE_PART "data.mdb.part"
int store_backup(const char *dir, const char *to);

#endif
