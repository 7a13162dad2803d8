/* Events that merge and split, and the links of editors that bind both. */
#ifndef EVENT_REGROUP_H
#define EVENT_REGROUP_H

#include "event/state.h"

/* Does a link keep the two events apart? */
bool regroup_forbidden(const struct engine *e, const struct news_event *a,
                       const struct news_event *b);
/* The event in which a link wants the article; NULL when none does. */
struct news_event *regroup_wanted(const struct engine *e, uint64_t article);

/* The event that has changed against the other candidates of the article that changed it: the
 * likeliest pair merges first, and what came of it is compared once more. */
struct news_event *regroup_merge(struct engine *e, struct news_event *changed);

/* Parts an event that has come to hold two stories. */
void regroup_split(struct engine *e, struct news_event *event);

#endif
