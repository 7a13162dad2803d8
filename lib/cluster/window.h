/* The articles of the window and their events: where they lie, how they come and go. */
#ifndef CLUSTER_WINDOW_H
#define CLUSTER_WINDOW_H

#include "cluster/engine_state.h"

int64_t window_seconds(const struct engine *e);

struct news_event *window_begin_event(struct engine *e, uint64_t number);
void window_end_event(struct engine *e, struct news_event *event);
void window_drop_event(struct engine *e, struct news_event *event); /* and its number */

void window_expire(struct engine *e); /* what is too old by the clock, or too much */
/* NULL when it is not in the window. */
struct article *window_article(const struct engine *e, uint64_t number);
/* The newest article of a mould, and of an article's mould the one before it; NULL: none is there.
 */
const struct article *window_newest(const struct engine *e, size_t mould, uint64_t key);
const struct article *window_before(const struct engine *e, const struct article *a, size_t mould);
void window_make_room(struct engine *e, size_t n); /* for so many articles */
/* The article is in its event: from now on searches find it there. */
void window_keep(struct engine *e, struct article *a);
/* Searches find it by the sketch in hand. */
void window_index(struct engine *e, const struct article *a);
/* It is in another event than before. */
void window_moved(struct engine *e, const struct article *a);

#endif
