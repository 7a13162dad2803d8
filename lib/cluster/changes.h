/* The changes made by one engine call, in order. */
#ifndef CLUSTER_CHANGES_H
#define CLUSTER_CHANGES_H

#include "cluster/engine_state.h"

void changes_begin(struct engine *e);
struct engine_change *changes_add(struct engine *e, enum engine_change_kind kind, uint64_t event);
/* Callback for copies.h: the article was found to copy `origin`. */
void changes_copied(void *arg, uint64_t article, uint64_t origin);

#endif
