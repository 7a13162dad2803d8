/* Which events may an article be of? */
#ifndef EVENT_SEARCH_H
#define EVENT_SEARCH_H

#include "event/state.h"

/* Leaves the scored candidates in e->candidates, likeliest first. */
void search_events(struct engine *e, struct news_event *one);

#endif
