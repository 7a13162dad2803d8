/* Every invariant of a store, verified in one view of it; and a copy of one. */
#ifndef STORE_CHECK_H
#define STORE_CHECK_H

#include <stdint.h>

struct store_check {
    uint64_t events, merged, articles, changes, feeds, items; /* records seen */
    uint64_t faults;
};

/* Calls back with a line for each fault found. 0 when the store could be read, whatever was found;
 * else an error of store_strerror(). */
int store_check(const char *dir, void (*fault)(void *, const char *), void *arg,
                struct store_check *out);

/* Copies the store, compacted, into the folder `to`, which is made and must not hold a store
 * (EEXIST), nor may another backup write into it (EBUSY). Works while the daemon writes: the copy
 * is one state of the whole. It is written as STORE_PART, and is data.mdb once all of it is on the
 * disk: a backup that was killed leaves no store, and the next one writes over what it left. */
#define STORE_PART "data.mdb.part"
int store_backup(const char *dir, const char *to);

#endif
