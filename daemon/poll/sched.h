/* A queue ordered by time: a binary heap whose entries know their place in it, so that one can be
 * moved or taken out. Pure: times are numbers that the caller compares with a clock of its own. */
#ifndef POLL_SCHED_H
#define POLL_SCHED_H

#include <stddef.h>
#include <stdint.h>

/* Stands inside what is queued. Of equal times the one with the smaller `order` comes first. */
struct sched_entry {
    int64_t due;
    uint64_t order;
    size_t place; /* in the heap + 1; 0: not queued */
};

struct sched {
    struct sched_entry **v;
    size_t n, cap;
};

void sched_put(struct sched *s, struct sched_entry *e, int64_t due); /* queues it, or moves it */
void sched_remove(struct sched *s, struct sched_entry *e);
struct sched_entry *sched_first(const struct sched *s); /* NULL when empty */
void sched_free(struct sched *s);                       /* the entries are the caller's */

#endif
