/* Asks a model, where [enrich] names one, to say in its own words what the sources of an event say:
 * one request at a time, the highest ranked event first, within a budget of tokens a day. Until an
 * answer comes, and wherever none does, events say what was extracted. Without an address nothing
 * here opens a connection. */
#ifndef ENRICH_ENRICH_H
#define ENRICH_ENRICH_H

#include "config.h"
#include "digest/cited.h"
#include "ingest/ingest.h"
#include "story.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why there was no answer: symbol, name in figures. */
#define ENRICH_FAILURES(F)                                                                         \
    F(NETWORK, "network") /* no connection, or it broke */                                         \
    F(TIMEOUT, "timeout") /* none in time */                                                       \
    F(SIZE, "size")       /* a longer one than there may be */                                     \
    F(BUSY, "busy")       /* 429: later */                                                         \
    F(SERVER, "server")   /* 5xx */                                                                \
    F(REFUSED, "refused") /* another status */                                                     \
    F(FORM, "form")       /* not what was asked for */

enum enrich_failure {
#define F(symbol, name) ENRICH_##symbol,
    ENRICH_FAILURES(F)
#undef F
        ENRICH_FAILURE_COUNT
};
const char *enrich_failure_name(size_t i); /* NULL after the last */

struct enrich;
struct event_base;

/* `wrote` is called after something was put into the store, or with an error of it. The
 * configuration is looked at with each use; it must stay where it is. */
struct enrich *enrich_new(struct event_base *base, struct ingest *ingest,
                          const struct config *config, void (*wrote)(void *, int error), void *arg);
void enrich_free(struct enrich *e); /* who is being asked is asked again at the next start */

/* Looks through the events that were updated last, at the start and when the configuration has
 * changed, where it is. */
void enrich_look(struct enrich *e, story_db *db);

/* An event's record was written. */
void enrich_take(struct enrich *e, const json_t *event);

/* A batch is on the disk: the next step, if there is one to take. */
void enrich_go_on(struct enrich *e);

/* The store cannot be written; and can again, all that memory holds was read back from it. */
void enrich_stop(struct enrich *e);
void enrich_again(struct enrich *e);

/* Since the start, but for `spent`. */
struct enrich_facts {
    bool on;
    uint64_t asked, answered, kept; /* statements */
    uint64_t failed[ENRICH_FAILURE_COUNT], dropped[CITED_REASON_COUNT];
    uint64_t spent, budget; /* tokens, of this day */
    size_t waiting;         /* events */
    bool under_way;
};
struct enrich_facts enrich_facts(const struct enrich *e);

#endif
