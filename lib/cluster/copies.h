/* Copies: articles that print another's text, as papers print an agency's. Each names the earliest
 * article with that text, its origin, so that the articles which name none are the independent
 * reports. */
#ifndef CLUSTER_COPIES_H
#define CLUSTER_COPIES_H

#include "cluster/news_event.h"
#include "cluster/params.h"

#include <stdbool.h>
#include <stdint.h>

/* The origin of which an article is a copy, among the members that came before it; 0 none. */
uint64_t copies_origin(const struct news_event *event, const struct article *a,
                       const struct engine_params *params);

/* Two events that are about to merge: their articles with one text get one origin, the earliest.
 * Calls back for each article whose origin that changes; the old origin may have left the window.
 */
void copies_meet(struct news_event *a, struct news_event *b, const struct engine_params *params,
                 void (*changed)(void *, uint64_t article, uint64_t origin), void *arg);

/* The text of a member has changed: it may copy an earlier one now, or none any more. What copied
 * it goes where it goes. Calls back as above. */
void copies_edited(struct news_event *event, struct article *a, const struct engine_params *params,
                   void (*changed)(void *, uint64_t article, uint64_t origin), void *arg);

/* Two members are one article, whatever their texts: the later one copies the earlier. Calls back
 * as above. */
void copies_unite(struct news_event *event, const struct article *a, const struct article *b,
                  void (*changed)(void *, uint64_t article, uint64_t origin), void *arg);

/* `part` was taken off `event`: copies whose origin is not with them any more have the earliest of
 * themselves for an origin. Calls back as above; origin 0: the article copies none any more. An
 * origin that has left the window stays with `event`. */
void copies_part(struct news_event *event, struct news_event *part,
                 void (*changed)(void *, uint64_t article, uint64_t origin), void *arg);

#endif
