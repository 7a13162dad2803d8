/* Where a copy of the store is in the cluster's log: a private value of the store, written in the
 * transaction of the batch that it counts. */
#ifndef ROLES_PLACE_H
#define ROLES_PLACE_H

#include "store/store.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { PLACE_CLUSTER = 32 };

struct log_place {
    char cluster[PLACE_CLUSTER + 1]; /* random, of the first engine's store; "": in none yet */
    uint64_t epoch;                  /* counts how often the log did not continue what was before */
    uint64_t term;   /* of the engine that wrote last: each that begins to lead has a higher one */
    uint64_t batch;  /* batches since the cluster was made */
    uint64_t stream; /* the sequence number in the log of the last message that is in the store */
};

void place_random(char *out, size_t digits); /* hexadecimal ones, an even number, and a NUL */

json_t *place_write(const struct log_place *p);
void place_read(const json_t *o, struct log_place *out); /* zeros for what is missing */

struct bus;
/* Describes a process in the cluster, for in_cluster.h: the place, its names and connection; null
 * for what is not so of every role. `engine` NULL: not known. */
json_t *place_describe(const struct log_place *p, const struct bus *b, const char *role,
                       const char *engine);

/* Errors are those of store_strerror(). Without one in the store, all zeros. */
int place_load(struct store *s, struct log_place *out);
int place_save(struct store *s, const struct log_place *p);
int place_is_alone(struct store *s, bool *alone); /* store_alone */
int place_rejoin(struct store *s);                /* removes that mark */

/* The term in which this store led last; 0: never. */
int place_led(struct store *s, uint64_t *term);
int place_note_led(struct store *s, uint64_t term);

#endif
