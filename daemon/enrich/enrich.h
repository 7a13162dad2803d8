/* Requests generated summaries, details and meanings of events from the model configured in
 * [enrich]: one request at a time, highest score first, within a daily budget of tokens. Until a
 * response arrives, or without one, events keep their extracted texts. Without a configured url no
 * connections are made. */
#ifndef ENRICH_ENRICH_H
#define ENRICH_ENRICH_H

#include "config.h"
#include "digest/cited.h"
#include "ingest/ingest.h"
#include "store/event_record.h"
#include "story.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Causes of failure: symbol, name in metrics. */
#define ENRICH_FAILURES(F)                                                                         \
    F(NETWORK, "network") /* connection failed */                                                  \
    F(TIMEOUT, "timeout") /* no response in time */                                                \
    F(SIZE, "size")       /* response too long */                                                  \
    F(BUSY, "busy")       /* 429 */                                                                \
    F(SERVER, "server")   /* 5xx */                                                                \
    F(REFUSED, "refused") /* other status */                                                       \
    F(FORM, "form")       /* unusable response */

enum enrich_failure {
#define F(symbol, name) ENRICH_##symbol,
    ENRICH_FAILURES(F)
#undef F
        ENRICH_FAILURE_COUNT
};
const char *enrich_failure_name(size_t i); /* NULL after the last */

struct enrich;
struct event_base;

/* `wrote` is called after changes to the store's batch, or with an error of the store. `config` is
 * read at each use, so the struct must stay valid; its contents may change. */
struct enrich *enrich_new(struct event_base *base, struct ingest *ingest,
                          const struct config *config, void (*wrote)(void *, int error), void *arg);
void enrich_free(struct enrich *e); /* a request under way is repeated after the next start */

/* Queues due events among those updated last. Call at the start and after the contents of the
 * configuration have changed. */
void enrich_look(struct enrich *e, story_db *db);

/* Call after an event's record was written. */
void enrich_take(struct enrich *e, const struct event_record *event);

/* Call after a commit: does the next step, if any. */
void enrich_go_on(struct enrich *e);

/* Call when the store cannot be written, and when it can again and in-memory state was reloaded. */
void enrich_stop(struct enrich *e);
void enrich_again(struct enrich *e);

/* Counters since the start; `spent`, `budget` and `waiting` are current. */
struct enrich_facts {
    bool on;
    uint64_t asked, answered, kept; /* statements */
    uint64_t failed[ENRICH_FAILURE_COUNT], dropped[CITED_REASON_COUNT];
    uint64_t spent, budget; /* tokens, today */
    size_t waiting;         /* events */
    bool under_way;
};
struct enrich_facts enrich_facts(const struct enrich *e);

#endif
