/* Events that merge and split, and the links of editors that bind both. */
#ifndef CLUSTER_REGROUP_H
#define CLUSTER_REGROUP_H

#include "cluster/engine_state.h"

/* Does a link keep the two events apart? */
bool regroup_forbidden(const struct engine *e, const struct news_event *a,
                       const struct news_event *b);
/* The event in which a link wants the article; NULL when none does. */
struct news_event *regroup_wanted(const struct engine *e, uint64_t article);

/* Does a link hold the article together with one of the event's? */
bool regroup_held(const struct engine *e, const struct news_event *event, uint64_t article);

/* Two events are one from now on: the one that stays. */
struct news_event *regroup_join(struct engine *e, struct news_event *a, struct news_event *b,
                                double probability, double threshold);
/* Articles that are taken out of an event are one of their own, with the next number. */
void regroup_part(struct engine *e, struct news_event *event, struct news_event *part,
                  double probability, double threshold);

/* The event that has changed against the other candidates of the article that changed it: the
 * likeliest pair merges first, and what came of it is compared once more. */
struct news_event *regroup_merge(struct engine *e, struct news_event *changed);

/* Parts an event that has come to hold two stories. `changed`: an article in it is not what it was,
 * which the number of its articles does not show. */
void regroup_split(struct engine *e, struct news_event *event, bool changed);

#endif
