/* Events that merge and split. */
#ifndef CLUSTER_REGROUP_H
#define CLUSTER_REGROUP_H

#include "cluster/engine_state.h"

/* Two events are one from now on: the one that stays. */
struct news_event *regroup_join(struct engine *e, struct news_event *a, struct news_event *b,
                                double probability, double threshold);
/* Those that move go from one event to the other. */
void regroup_move(struct engine *e, struct news_event *from, struct news_event *into,
                  const bool *moves);
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
