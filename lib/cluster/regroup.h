/* Merging and splitting events. */
#ifndef CLUSTER_REGROUP_H
#define CLUSTER_REGROUP_H

#include "cluster/engine_state.h"

/* Merges two events; returns the one that stays. */
struct news_event *regroup_join(struct engine *e, struct news_event *a, struct news_event *b,
                                double probability, double threshold);
/* Moves the marked members from one event to the other. */
void regroup_move(struct engine *e, struct news_event *from, struct news_event *into,
                  const bool *moves);
/* Registers the moved articles as an event of their own, with the next number. */
void regroup_part(struct engine *e, struct news_event *event, struct news_event *part,
                  double probability, double threshold);

/* Compares a changed event with the other candidates of the article that changed it. The most
 * probable pair merges first; the result is compared again. */
struct news_event *regroup_merge(struct engine *e, struct news_event *changed);

/* Splits an event that has come to hold two stories. `changed`: an article in it was edited, which
 * the number of its articles does not show. */
void regroup_split(struct engine *e, struct news_event *event, bool changed);

#endif
