/* Articles that are said to come next: read, and counted in their moulds before they are there. */
#ifndef CLUSTER_EXPECT_H
#define CLUSTER_EXPECT_H

#include "cluster/engine_state.h"

/* See engine_expect(). */
void expect_add(struct engine *e, const struct engine_article *in);

/* It comes: what was read of it is in e->terms, those told of before it will not come. False when
 * it was not expected. */
bool expect_take(struct engine *e, const struct engine_article *in, const struct lang **lang);
void expect_end(struct engine *e);

#endif
