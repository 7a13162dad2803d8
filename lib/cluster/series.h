/* Titles that a publisher makes from a template: "Harbour pilots: each licence of 2020", "Harbour
 * towers: each licence of 2020". Any two of them share the same words, and each has names that the
 * others lack. Reports of one story share varying words, and what changes in "Two dead", "Three
 * dead" is not a name. */
#ifndef CLUSTER_SERIES_H
#define CLUSTER_SERIES_H

#include "cluster/engine_state.h"

/* True when an article of the one, smaller event is in a series with one of the other. The third
 * title that a series requires is sought among e->candidates. */
bool series_of_both(const struct engine *e, const struct news_event *a, const struct news_event *b);

#endif
