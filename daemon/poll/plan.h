/* When a feed is polled next: the facts for poll/when.h, and the queue. */
#ifndef POLL_PLAN_H
#define POLL_PLAN_H

#include "net/fetch.h"
#include "poll/when.h"

#include <stdbool.h>
#include <stdint.h>

struct feed_record;
struct feed_state;
struct host;
struct poll;

int64_t plan_own_interval(const struct feed_record *sub); /* in seconds; -1: none in the list */
double plan_chance(void);                                 /* random, from 0 to 1 */
struct when_facts plan_facts(const struct fetch_answer *a, int64_t now); /* of the headers */
void plan_next(struct feed_state *f, enum when_outcome outcome);
void plan_queue(struct feed_state *f);

/* Whether the server responded with 429 or 503 and the required pause is not over. */
bool plan_is_told_to_wait(const struct feed_state *f, int64_t now);
/* If several feeds of a host must wait, makes all of its feeds wait. */
void plan_spare_host(struct poll *p, const struct host *host, int64_t now);

#endif
