/* Fetches article pages politely: a queue by rank; robots.txt and TDM reservations are honoured;
 * one request per article; daily budgets in total, per host and per feed; per-host limits shared
 * with polling. The queue is in the store (database pages), and a page is recorded as requested
 * before the request is sent, so that a restart repeats no request. */
#ifndef PAGES_VISITS_H
#define PAGES_VISITS_H

#include "config.h"
#include "ingest/ingest.h"
#include "store/event_record.h"
#include "poll/poll.h"
#include "store/page_outcome.h"

#include <stddef.h>
#include <stdint.h>

struct event_base;
struct visits;

/* `wrote` is called after changes to the store's batch; with an error if the store failed, after
 * which nothing may be written. All arguments must outlive it. */
struct visits *visits_new(struct event_base *base, struct ingest *ingest, struct poll *poll,
                          const struct config *config, void (*wrote)(void *, int error), void *arg);
void visits_free(struct visits *v);

/* Loads the queue from the store: at the start, and when the store has room again. */
int visits_load(struct visits *v);
void visits_look(struct visits *v); /* call after a change of configuration or feed list */
void visits_stop(struct visits *v); /* the store failed or is full; ends with visits_load() */
int visits_end(struct visits *v);   /* at shutdown, before the last commit */

/* Call before an event is written: queues the wanted pages of its articles in the same batch.
 * Returns an error of the store, or 0. */
int visits_event(struct visits *v, const struct event_record *event);

void visits_opened(struct visits *v, uint64_t event); /* an editor opened the event */
void visits_go_on(struct visits *v);                  /* call after a commit */

/* Counters since the start; waiting, under_way, longest, today and budget are current. */
struct visits_facts {
    bool on;
    size_t waiting, under_way;
    int64_t longest;                       /* longest wait in the queue, in seconds */
    uint64_t requests, robots;             /* for pages; for robots.txt and tdmrep.json files */
    uint64_t bytes;                        /* of pages */
    uint64_t outcomes[PAGE_OUTCOME_COUNT]; /* of pages */
    uint64_t today, budget;
};
struct visits_facts visits_facts(const struct visits *v, int64_t now);

#endif
