/* Which article's title speaks for an event: the most central one that is a headline. */
#ifndef CLUSTER_LEAD_H
#define CLUSTER_LEAD_H

#include "cluster/news_event.h"

#include <stddef.h>
#include <stdint.h>

/* How much an article is like the whole event: the mean of the cosines of all its terms and of its
 * title's with the event's sums, 0 to 1. */
double headline_centrality(const struct article *a);

/* How much of articles' titles the event's other reports tell, 0 to 1, as their sentences say
 * (digest/digest.h), which knows more than the event's sums. In order of the articles' numbers. */
struct headline_told {
    const uint64_t *articles;
    const double *told;
    size_t n;
};

/* Number of the article to speak for the event, among its newest and the one that does so now
 * (`lead`, 0 none): that one, unless it has faults that another does not have, or another is more
 * told by `margin`. Where `told` is NULL or nothing is told, the more central one is taken. */
uint64_t headline_choose(const struct news_event *event, uint64_t lead, double margin,
                         const struct headline_told *told);

#endif
