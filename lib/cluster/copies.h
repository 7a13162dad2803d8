/* Copies: articles that print another article's text, as newspapers print an agency's. Each copy
 * names the earliest article with that text, its origin; the articles that name none are the
 * independent reports. */
#ifndef CLUSTER_COPIES_H
#define CLUSTER_COPIES_H

#include "cluster/news_event.h"
#include "cluster/params.h"

#include <stdbool.h>
#include <stdint.h>

/* The origin of the article among the members that came before it; 0: it is no copy. */
uint64_t copies_origin(const struct news_event *event, const struct article *a,
                       const struct engine_params *params);

/* For two events about to merge: articles with the same text get one origin, the earliest. Calls
 * back for each article whose origin changes; the old origin may have left the window. */
void copies_meet(struct news_event *a, struct news_event *b, const struct engine_params *params,
                 void (*changed)(void *, uint64_t article, uint64_t origin), void *arg);

/* The text of a member has changed: it may now copy an earlier article, or no longer. Its own
 * copies follow it to its new origin. Calls back as above. */
void copies_edited(struct news_event *event, struct article *a, const struct engine_params *params,
                   void (*changed)(void *, uint64_t article, uint64_t origin), void *arg);

/* Two members are one article, whatever their texts: the later one becomes a copy of the earlier.
 * Calls back as above. */
void copies_unite(struct news_event *event, const struct article *a, const struct article *b,
                  void (*changed)(void *, uint64_t article, uint64_t origin), void *arg);

/* `part` was split off `event`. Copies separated from their origin take the earliest among
 * themselves as origin. Calls back as above; origin 0: the article is no longer a copy. An origin
 * that has left the window counts as staying with `event`. */
void copies_part(struct news_event *event, struct news_event *part,
                 void (*changed)(void *, uint64_t article, uint64_t origin), void *arg);

#endif
