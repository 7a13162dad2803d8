/* A copy of the engine's store that follows the cluster's log: a replica, or an engine that stands
 * by. Applies each batch in one transaction, on the store's writer thread; copies the whole store
 * when the log does not continue what is here. */
#ifndef ROLES_FOLLOW_H
#define ROLES_FOLLOW_H

#include "roles/lease.h"
#include "roles/place.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bus;
struct event_base;
struct follow;

struct follow_client {
    /* The store has changed: by these changes (oplog.h), or as a whole. */
    void (*applied)(void *arg, const char *changes, size_t n);
    void (*replaced)(void *arg);
    /* It cannot go on, for a reason that was logged; only a restart helps. */
    void (*failed)(void *arg);
    /* The place has changed. */
    void (*moved)(void *arg, const struct log_place *at, enum lease_may may);
    void *arg;
};

/* Takes over the store, whose writer thread's descriptor is `written`. `max_bytes` is that of
 * store_retry(). */
struct follow *follow_new(struct event_base *base, struct bus *b, struct store *s, int written,
                          size_t max_bytes, const struct follow_client *client);
void follow_free(struct follow *f); /* waits for what is being written; the store stays open */

enum { FOLLOW_NAME = 64 };
struct follow_facts {
    struct log_place place;
    char engine[FOLLOW_NAME]; /* that wrote the last message of the log; "": none was read yet */
    bool copying;   /* the whole store is being copied, or an engine to copy it from is awaited */
    int64_t lag_ms; /* from the writing of the last batch to its commit here; -1: none yet */
};
void follow_facts(const struct follow *f, struct follow_facts *out);

#endif
