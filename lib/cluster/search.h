/* Finds the events that an article may belong to. */
#ifndef CLUSTER_SEARCH_H
#define CLUSTER_SEARCH_H

#include "cluster/engine_state.h"

/* Leaves the scored candidates in e->candidates, most probable first. */
void search_events(struct engine *e, struct news_event *one);

/* search_ask() scores the event and puts it first among the candidates; search_order() sorts by
 * probability again. */
void search_ask(struct engine *e, struct news_event *one, struct news_event *event);
void search_order(struct engine *e);

#endif
