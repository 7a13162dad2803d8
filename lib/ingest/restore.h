/* The engine as a store holds it: what it knew when the last batch was written. */
#ifndef INGEST_RESTORE_H
#define INGEST_RESTORE_H

#include "cluster/engine.h"
#include "store/store.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* Sets an engine's parameters before anything is read. */
typedef void restore_set_fn(void *arg, struct engine *engine);

/* The events of all articles whose packed form the store has, also of those that are too old for
 * the engine's window now. */
struct restored {
    uint64_t *events;
    size_t n, cap;
    size_t older; /* articles that an older version packed: they are left out */
};

/* 0 and an engine that is the caller's, or an error of store_strerror(). `set` may be NULL; `was`
 * too, else its events are for the caller to free. The store is only read. */
int restore_engine(struct store *store, restore_set_fn *set, void *arg, struct engine **out,
                   struct restored *was);

/* The links of a decision: an array of {a, b, kind}, kind must or cannot. */
void restore_links(struct engine *engine, const json_t *links);

#endif
