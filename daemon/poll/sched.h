/* Priority queue ordered by time: a binary heap whose entries store their position, so that any
 * entry can be moved or removed. Pure: the meaning of times is up to the caller. */
#ifndef POLL_SCHED_H
#define POLL_SCHED_H

#include <stddef.h>
#include <stdint.h>

/* Embedded in what is queued. Entries with equal times are sorted by `order`. */
struct sched_entry {
    int64_t due;
    uint64_t order;
    size_t place; /* in the heap + 1; 0: not queued */
};

struct sched {
    struct sched_entry **v;
    size_t n, cap;
};

void sched_put(struct sched *s, struct sched_entry *e, int64_t due); /* inserts or moves it */
void sched_remove(struct sched *s, struct sched_entry *e);
struct sched_entry *sched_first(const struct sched *s); /* NULL: empty */
void sched_free(struct sched *s);                       /* the entries are the caller's */

#endif
