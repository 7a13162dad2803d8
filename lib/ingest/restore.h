/* Restores the engine to its state when the last batch was written. */
#ifndef INGEST_RESTORE_H
#define INGEST_RESTORE_H

#include "base/buf.h"
#include "cluster/engine.h"
#include "store/decision_record.h"
#include "store/store.h"

#include <stddef.h>
#include <stdint.h>

/* Sets an engine's parameters before anything is read. */
typedef void restore_set_fn(void *arg, struct engine *engine);

/* The events of all articles that have a packed form in the store, including those now too old for
 * the engine's window. */
struct restored {
    uint64_t *events;
    size_t n, cap;
    /* articles packed by an older version, which were read from their records instead; to be
     * written by restore_keep() */
    struct restored_article {
        uint64_t number;
        struct buf packed; /* a value of _packed */
    } * older;
    size_t n_older, cap_older;
};

/* 0 and an engine owned by the caller, or an error of store_strerror(). `set` and `was` may be
 * NULL. Only reads the store. */
int restore_engine(struct store *store, restore_set_fn *set, void *arg, struct engine **out,
                   struct restored *was);
int restore_keep(struct store *store, const struct restored *was);
void restore_free(struct restored *was);

/* Honours the links of a decision. */
void restore_links(struct engine *engine, const struct decision_record *decision);

#endif
