/* Gives little weight to what all articles of a template contain: cluster/habits.h. */
#ifndef CLUSTER_LABELS_H
#define CLUSTER_LABELS_H

#include "cluster/engine_state.h"

/* Sets the article's weights from e->terms; its number must be set. `keys`: its habits_keys(). */
void labels_weigh(const struct engine *e, const char *title, const uint64_t keys[MOULDS],
                  struct article *a);

#endif
