/* Which engine leads: a lease in the cluster's STATE stream, the last message of one subject, which
 * its holder renews every half second. It is taken by naming the sequence number of the one before,
 * so only one of several engines can. That alone does not stop a holder that was asleep: what it
 * then publishes is refused, because the log does not end where it expects (log_out.h).
 *
 * An engine takes the lease when it was the last holder, when there is none and its store led last
 * or is the first one, when it is told to (lease_promote()), or with auto_promote when the lease
 * was not renewed for LEASE_MS by its own clock; in each case only while its store is at the end of
 * the log. */
#ifndef ROLES_LEASE_H
#define ROLES_LEASE_H

#include "roles/place.h"

#include <stdbool.h>
#include <stdint.h>

struct bus;
struct channel;
struct lease;

enum { LEASE_MS = 3000 };

struct lease *lease_new(struct bus *b, bool automatic); /* starts a thread */
void lease_free(struct lease *l);                       /* after bus_stop() */

/* Where changes of leadership are told, as empty messages of `kind`; NULL: nowhere. */
void lease_tell(struct lease *l, struct channel *to, int kind);

/* Whether the store may lead. */
enum lease_may {
    LEASE_NEVER, /* not now: it lacks something */
    LEASE_AFTER, /* when the one that leads is gone */
    LEASE_FIRST, /* also when there is no lease: it led last, or there is no log yet */
};

/* These do not block, and may be called from any thread. lease_at() tells where the store is. */
void lease_at(struct lease *l, const struct log_place *at, enum lease_may may);
void lease_promote(struct lease *l);
void lease_give_up(struct lease *l); /* does not lead any more, but may again */

enum { LEASE_NAME = 64 };
struct lease_facts {
    bool leads;
    uint64_t term;         /* of the holder */
    char name[LEASE_NAME]; /* of the holder; "": nobody */
    int64_t age;           /* milliseconds since the lease was seen to be renewed; -1: never */
};
void lease_facts(struct lease *l, struct lease_facts *out);

#endif
