/* What articles of one mould always write weighs little in the next of them: cluster/habits.h. */
#ifndef CLUSTER_LABELS_H
#define CLUSTER_LABELS_H

#include "cluster/engine_state.h"

/* The article's weights, of e->terms; its number is set. `keys`: habits_keys() of it. */
void labels_weigh(const struct engine *e, const char *title, const uint64_t keys[MOULDS],
                  struct article *a);

#endif
