/* A copy of a store, and back. */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include <stdbool.h>

/* Copies the store, compacted, into the folder `to`, which is created and must not contain a store
 * (EEXIST); nor may another backup write into it (EBUSY). Works while the daemon writes: the copy
 * is one consistent state. It is written as STORE_PART and renamed to data.mdb once everything is
 * on the disk: a killed backup leaves no store, and the next one overwrites what it left. */
#define STORE_PART "data.mdb.part"
int store_backup(const char *dir, const char *to);

/* Copies the backup in the folder `from` into the store's folder `dir`, in the same way. A store
 * that is there is refused (EEXIST), or replaced in one step with `replace`; never while a process
 * writes to it (STORE_BUSY) or has it open for reading (ETXTBSY). */
int store_restore(const char *from, const char *dir, bool replace);

#endif
