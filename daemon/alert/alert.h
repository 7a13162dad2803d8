/* Alerts: an event that meets all conditions of an [alert NAME] section triggers its webhook,
 * command or mail. Each event triggers an alert at most once, also across merges, splits and
 * restarts. Digests (digests.h) are delivered in the same way.
 *
 * The alert and its deliveries are written in the same transaction as the event. Delivery is at
 * least once; recipients recognise duplicates by the id. */
#ifndef ALERT_ALERT_H
#define ALERT_ALERT_H

#include "config.h"
#include "histogram.h"
#include "ingest/ingest.h"
#include "store/event_record.h"

struct alerts;
struct event_base;
struct story_db;

/* `wrote` is called after changes to the store's batch, or with an error of the store. `config` is
 * read at each use, so the struct must stay valid; its contents may change. */
struct alerts *alerts_new(struct event_base *base, struct store *store, const struct config *config,
                          void (*wrote)(void *, int error), void *arg);
void alerts_free(struct alerts *a); /* pending deliveries resume at the next start */

/* Call after the contents of the configuration have changed. */
void alerts_reloaded(struct alerts *a);

/* Loads pending deliveries of earlier runs. Returns 0, or an error of the store. */
int alerts_load(struct alerts *a);

/* Call when the store cannot be written: stops deliveries, since their outcome could not be
 * recorded. */
void alerts_stop(struct alerts *a);

void alerts_news(struct alerts *a, const struct ingest_news *news);
int alerts_check(struct alerts *a,
                 const struct event_record *event); /* call before it is written */
void alerts_written(struct alerts *a);              /* call after a commit: delivers */

/* Call once a minute, for digests. `reader` is of the same store and outlives `a`. */
void alerts_tick(struct alerts *a, struct story_db *reader, int64_t now);

/* Outcomes of an attempt to deliver an alert: symbol, name in metrics. */
#define ALERT_OUTCOMES(O)                                                                          \
    O(DELIVERED, "delivered")                                                                      \
    O(RETRIED, "retried")                                                                          \
    O(ABANDONED, "abandoned") /* after three days */                                               \
    O(DROPPED, "dropped")     /* too many were waiting */

enum alert_outcome {
#define O(symbol, name) ALERT_##symbol,
    ALERT_OUTCOMES(O)
#undef O
        ALERT_OUTCOME_COUNT
};

enum { ALERT_KINDS = 4 };
const char *alert_kind_name(size_t kind); /* "webhook" */

/* Deliveries by kind. Counted since alerts_new(); `waiting` and `oldest` are current. */
struct alerts_facts {
    struct alert_kind_facts {
        uint64_t outcomes[ALERT_OUTCOME_COUNT];
        struct histogram delays; /* from raising an alert to its delivery */
        size_t waiting;
        int64_t oldest; /* seconds since the oldest waiting one was raised; 0: none */
    } by[ALERT_KINDS];
};
struct alerts_facts alerts_facts(const struct alerts *a, int64_t now);

#endif
