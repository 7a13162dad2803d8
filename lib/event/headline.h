/* Which article's title speaks for an event: the most central one that is a headline. */
#ifndef EVENT_HEADLINE_H
#define EVENT_HEADLINE_H

#include "event/news_event.h"

#include <stdint.h>

/* How much an article is like the whole event: the mean of the cosines of all its terms and of its
 * title's with the event's sums, 0 to 1. */
double headline_centrality(const struct article *a);

/* Number of the article to speak for the event, among its newest and the one that does so now
 * (`lead`, 0 none): that one, unless it has faults that another does not have, or another is more
 * central by `margin`. */
uint64_t headline_choose(const struct news_event *event, uint64_t lead, double margin);

#endif
