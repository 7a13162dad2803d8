/* What speaks for and against an article in an event. */
#ifndef CLUSTER_JOIN_H
#define CLUSTER_JOIN_H

#include "cluster/engine_state.h"

/* The probability that is needed for so many articles to be an event: more for two. */
double join_least(const struct engine *e, size_t articles, double threshold);

/* NULL, or what speaks against it. */
const char *join_guard(const struct engine *e, const struct news_event *a,
                       const struct news_event *b, const struct score *s, double threshold);

/* Are they many articles, alike within each and far from each other? The likelier the model thinks
 * them one, the farther they must be: a large event's words are of many topics, and so known to it
 * whatever comes. */
bool join_far_apart(const struct engine_params *p, const struct news_event *a,
                    const struct news_event *b, const struct score *s);

/* Why the candidate that was chosen was, or why none was. */
void join_explain(const struct engine *e, const struct article *a, size_t chosen,
                  const char *refused, struct engine_reason *r);

#endif
