/* Articles announced as coming next: already read, and counted in their templates (habits.h) before
 * they are added. */
#ifndef CLUSTER_EXPECT_H
#define CLUSTER_EXPECT_H

#include "cluster/engine_state.h"

/* See engine_expect(). */
void expect_add(struct engine *e, const struct engine_article *in);

/* The article is added: puts its terms into e->terms and drops all that were announced before it.
 * False when it was not expected. */
bool expect_take(struct engine *e, const struct engine_article *in, const struct lang **lang);
void expect_end(struct engine *e);

#endif
