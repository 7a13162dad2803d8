/* What the links of editors bind: events that stay apart, articles that stay together. */
#ifndef CLUSTER_BOUND_H
#define CLUSTER_BOUND_H

#include "cluster/engine_state.h"

/* Does a link keep the two events apart? */
bool bound_apart(const struct engine *e, const struct news_event *a, const struct news_event *b);
/* The event in which a link wants the article; NULL when none does. */
struct news_event *bound_wanted(const struct engine *e, uint64_t article);

/* Does a link hold the article together with one of the event's? */
bool bound_held(const struct engine *e, const struct news_event *event, uint64_t article);

/* A must-link of articles that would be in different parts, of those that move and those that stay;
 * NULL when there is none. */
const struct link *bound_torn(const struct engine *e, const struct news_event *event,
                              const bool *moves);

#endif
