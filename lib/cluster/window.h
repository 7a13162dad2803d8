/* The articles of the window and their events: storage, arrival and expiry. */
#ifndef CLUSTER_WINDOW_H
#define CLUSTER_WINDOW_H

#include "cluster/engine_state.h"

int64_t window_seconds(const struct engine *e);

struct news_event *window_begin_event(struct engine *e, uint64_t number);
void window_end_event(struct engine *e, struct news_event *event);
void window_drop_event(struct engine *e, struct news_event *event); /* and its number */

void window_expire(struct engine *e); /* articles that are too old by the clock, or too many */
/* NULL when it is not in the window. */
struct article *window_article(const struct engine *e, uint64_t number);
/* The newest article of a template, and the previous one of an article's template; NULL: none. */
const struct article *window_newest(const struct engine *e, size_t mould, uint64_t key);
const struct article *window_before(const struct engine *e, const struct article *a, size_t mould);
void window_make_room(struct engine *e, size_t n); /* for so many articles */
/* Adds the article, whose event is set, to the window and the index. */
void window_keep(struct engine *e, struct article *a);
/* Adds the article to the index under e->sketch. */
void window_index(struct engine *e, const struct article *a);
/* The article has changed its event. */
void window_moved(struct engine *e, const struct article *a);

#endif
