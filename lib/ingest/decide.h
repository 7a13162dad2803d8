/* What editors decide: merge, split, move, rename, pin, mute, tag, note, signal, and undo. Each is
 * one record of database decisions, for ever; the engine heeds those that link articles in all it
 * does later. storyd-db(5) says what the fields of a decision are. */
#ifndef INGEST_DECIDE_H
#define INGEST_DECIDE_H

#include "ingest/ingest.h"

#include <jansson.h>
#include <stdint.h>

enum decide_status {
    DECIDE_DONE,
    DECIDE_INVALID,   /* a field is missing, of the wrong kind, or too long */
    DECIDE_NOT_FOUND, /* an event, article or decision that is named is not there */
    DECIDE_CONFLICT,  /* the state is another than the editor saw, or an earlier decision forbids it
                       */
    DECIDE_FAILED,    /* the store: `error`; the process must not go on */
};

struct decided {
    enum decide_status status;
    char message[240]; /* what is wrong and what to do, for a person */
    json_t *record;    /* done: the decision; conflict: the event as it is now; the caller's */
    int error;
};

/* `ask` has kind, who, why (may be empty), event, seq (the event's as the editor saw it; may be
 * left out), and what the kind needs. What was done is committed when it returns. */
void decide(struct ingest *in, const json_t *ask, int64_t now, struct decided *out);

#endif
