/* What editors' links enforce: events that stay apart, articles that stay together. */
#ifndef CLUSTER_BOUND_H
#define CLUSTER_BOUND_H

#include "cluster/engine_state.h"

/* True when a cannot-link keeps the two events apart. */
bool bound_apart(const struct engine *e, const struct news_event *a, const struct news_event *b);
/* The event to which a must-link ties the article; NULL when there is none. */
struct news_event *bound_wanted(const struct engine *e, uint64_t article);

/* True when a must-link ties the article to another article of the event. */
bool bound_held(const struct engine *e, const struct news_event *event, uint64_t article);

/* A must-link that the split would break, one article moving and the other staying; NULL when there
 * is none. */
const struct link *bound_torn(const struct engine *e, const struct news_event *event,
                              const bool *moves);

#endif
