/* What a call of the engine did, in order. */
#ifndef CLUSTER_CHANGES_H
#define CLUSTER_CHANGES_H

#include "cluster/engine_state.h"

void changes_begin(struct engine *e);
struct engine_change *changes_add(struct engine *e, enum engine_change_kind kind, uint64_t event);
/* For copies.h: an article is found to copy another. */
void changes_copied(void *arg, uint64_t article, uint64_t origin);

#endif
