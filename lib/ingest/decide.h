/* Editors' decisions: merge, split, move, rename, pin, mute, tag, note, signal, write, and undo.
 * Each is stored permanently as one record of the database decisions; the engine honours those that
 * link articles from then on. storyd-db(5) documents the fields. */
#ifndef INGEST_DECIDE_H
#define INGEST_DECIDE_H

#include "ingest/ingest.h"

#include <jansson.h>
#include <stdint.h>

enum decide_status {
    DECIDE_DONE,
    DECIDE_INVALID,   /* a field is missing, has the wrong type, or is too long */
    DECIDE_NOT_FOUND, /* the event, article or decision does not exist */
    DECIDE_CONFLICT,  /* the event has changed since the editor saw it, or an earlier decision
                         forbids it */
    DECIDE_FAILED,    /* a store error in `error`; the process must not continue */
};

struct decided {
    enum decide_status status;
    char message[240]; /* what is wrong and what to do, for a person */
    uint64_t number;   /* done: of the decision */
    char *record;      /* done: the decision; conflict: the event now; JSON that the caller frees */
    int error;
};

/* `ask` contains kind, who, why (may be empty), event, seq (the event's as the editor saw it;
 * optional), and the fields that the kind requires. The decision has been committed when the call
 * returns. */
void decide(struct ingest *in, const json_t *ask, int64_t now, struct decided *out);

#endif
