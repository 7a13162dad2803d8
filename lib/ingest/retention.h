/* Retention: deletes old records, a few at a time, so that a store under steady load stops growing.
 *
 * An article goes when it was first seen longer ago than `articles` seconds, unless it is in the
 * engine's window or in an open event; its event keeps its counts and what it says, and states in
 * articles_deleted how many are gone. An event goes when it was last updated longer ago than
 * `events`, and has no articles any more; its title and times remain for `tombstones` as a record
 * of the database tombstones. Changes go after `changes`, and then a cursor before them is refused.
 * What an editor has decided on stays, with its articles. Feeds and decisions always stay.
 *
 * Numbers are not reused. meta's articles_from, events_from, posts_from and changes_from are the
 * numbers from which on no record was deleted.
 *
 * An item that its feed still lists does not return as new: what identifies it (_items) is deleted
 * only when its article is gone and no feed's last document contains it. An item with neither guid
 * nor address is an exception. */
#ifndef INGEST_RETENTION_H
#define INGEST_RETENTION_H

#include <stdbool.h>
#include <stdint.h>

struct ingest;

struct retention_policy {
    int64_t events, articles, changes, tombstones; /* seconds; 0: forever. articles <= events */
};

void retention_set(struct ingest *in, const struct retention_policy *policy);

/* One short step of what is due at `now`, to be committed by the caller; *more: call again soon, no
 * later than the next batch. Each kind of record is due once an hour to once a day. At most the
 * oldest day's records of a kind are deleted at once, and then again after ten minutes: a clock
 * that is wrong for a while does little harm. Errors are those of store_strerror(). */
int retention_step(struct ingest *in, int64_t now, bool *more);

/* Called with the number of each event, and of each article, that is deleted, before that is
 * committed. */
void retention_on_deleted(struct ingest *in, void (*event)(void *, uint64_t event),
                          void (*article)(void *, uint64_t article), void *arg);

/* Deleted since the start. */
struct retention_counts {
    uint64_t articles, events, posts, changes;
};
struct retention_counts retention_counts(const struct ingest *in);

/* Part of struct ingest. */
struct retention *retention_new(void);
void retention_free(struct retention *r);
void retention_stop(struct retention *r); /* what is at work begins again later */

#endif
