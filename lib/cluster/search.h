/* Which events may an article be of? */
#ifndef CLUSTER_SEARCH_H
#define CLUSTER_SEARCH_H

#include "cluster/engine_state.h"

/* Leaves the scored candidates in e->candidates, likeliest first. */
void search_events(struct engine *e, struct news_event *one);

/* The event comes first among the candidates, likely or not; the likeliest first again. */
void search_ask(struct engine *e, struct news_event *one, struct news_event *event);
void search_order(struct engine *e);

#endif
