/* Titles that a publisher makes in one mould: "Harbour pilots: each licence of 2020", "Harbour
 * towers: each licence of 2020". Three of them have the same words in common, whichever two are
 * compared, and each has names that the others have not. The reports of one story share now these
 * words, now those, and what changes in "Two dead", "Three dead" is no name. */
#ifndef CLUSTER_SERIES_H
#define CLUSTER_SERIES_H

#include "cluster/engine_state.h"

/* Is an article of the one, smaller event of a series with one of the other? The series' third is
 * looked for among e->candidates. */
bool series_of_both(const struct engine *e, const struct news_event *a, const struct news_event *b);

#endif
