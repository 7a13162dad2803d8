/* Articles' pages, asked for politely: a queue by rank, robots.txt and TDM reservation first, one
 * request an article, a budget a host, a feed and a day, turns among the polls of feeds. The queue
 * is in the store (database pages), and a page is marked there before it is asked for: whoever
 * starts again asks nobody twice. */
#ifndef PAGES_VISITS_H
#define PAGES_VISITS_H

#include "config.h"
#include "ingest/ingest.h"
#include "poll/poll.h"
#include "store/page_outcome.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct visits;

/* `wrote` is called after anything was put into the store's batch; with an error when the store
 * failed: nothing may be written after that. All that is given must outlive it. */
struct visits *visits_new(struct event_base *base, struct ingest *ingest, struct poll *poll,
                          const struct config *config, void (*wrote)(void *, int error), void *arg);
void visits_free(struct visits *v);

/* Takes the queue from the store: at the start, and once there is room in it again. */
int visits_load(struct visits *v);
void visits_look(struct visits *v); /* the configuration or the feed list is another */
void visits_stop(struct visits *v); /* the store failed, or is full: until visits_load() */
int visits_end(struct visits *v);   /* for good, before the last batch: what was not asked waits */

/* An event is about to be written: those of its articles' pages that are wanted go along with it.
 * An error of the store, or 0. */
int visits_event(struct visits *v, const json_t *event);

void visits_opened(struct visits *v, uint64_t event); /* an editor looks at it */
void visits_go_on(struct visits *v);                  /* the batch is written */

/* Since the start, but for `waiting`. */
struct visits_facts {
    bool on;
    size_t waiting, under_way;
    int64_t longest;                       /* seconds that one has waited */
    uint64_t requests, robots;             /* for pages; for robots.txt and tdmrep.json */
    uint64_t bytes;                        /* of pages */
    uint64_t outcomes[PAGE_OUTCOME_COUNT]; /* of pages */
    uint64_t today, budget;
};
struct visits_facts visits_facts(const struct visits *v, int64_t now);

#endif
