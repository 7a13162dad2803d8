/* What a fetcher has found, until the engine says that it is stored: entries with numbers, in the
 * fetcher's own store, in the transaction of the feed's validators. They are sent in order; when an
 * answer does not come, or the engine says that it lacks some, they are sent again from there. So
 * nothing is lost by a broker that loses what it acknowledged. */
#ifndef ROLES_OUTBOX_H
#define ROLES_OUTBOX_H

#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bus;
struct event_base;
struct outbox;

struct outbox_client {
    void (*wrote)(void *arg, int error); /* something was put into the batch */
    void (*full)(void *arg, bool full);  /* the ceiling was reached, or is no longer */
    void *arg;
};

/* NULL, with an error of the store in `*error`, if it cannot be read. `most`: the ceiling in bytes.
 */
struct outbox *outbox_new(struct event_base *base, struct bus *b, struct store *s, size_t most,
                          const struct outbox_client *client, int *error);
void outbox_free(struct outbox *o);

/* Puts an entry, which is a JSON object as text, into the batch; 0 or an error of the store. */
int outbox_put(struct outbox *o, const char *text, size_t n);
void outbox_writing(struct outbox *o);   /* the batch belongs to the writer until the next call */
void outbox_committed(struct outbox *o); /* the batch is on the disk */

struct outbox_facts {
    uint64_t last, sent, stored; /* numbers of entries */
    size_t bytes;                /* of those that are not stored */
    bool full;
};
void outbox_facts(const struct outbox *o, struct outbox_facts *out);

#endif
