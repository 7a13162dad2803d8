/* The guards for and against an article in an event, and the explanation. */
#ifndef CLUSTER_JOIN_H
#define CLUSTER_JOIN_H

#include "cluster/engine_state.h"

/* The probability required for so many articles to form an event: higher for two. */
double join_least(const struct engine *e, size_t articles, double threshold);

/* NULL, or the objection, as text for the reader of a decision. */
const char *join_guard(const struct engine *e, const struct news_event *a,
                       const struct news_event *b, const struct score *s, double threshold);

/* True for two events of many articles that are alike within each and far from each other. The
 * higher the model's probability, the farther apart they must be: a large event's words cover many
 * topics, so it seems to know whatever comes. */
bool join_far_apart(const struct engine_params *p, const struct news_event *a,
                    const struct news_event *b, const struct score *s);

/* Explains why the candidate was chosen, or why none was. */
void join_explain(const struct engine *e, const struct article *a, size_t chosen,
                  const char *refused, struct engine_reason *r);

#endif
