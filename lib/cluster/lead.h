/* Chooses the headline of an event: the most central title that is fit to be one. */
#ifndef CLUSTER_LEAD_H
#define CLUSTER_LEAD_H

#include "cluster/news_event.h"

#include <stddef.h>
#include <stdint.h>

/* How similar an article is to the whole event, 0 to 1: the mean of two cosines with the event's
 * sums, of all its terms and of its title's. */
double headline_centrality(const struct article *a);

/* For each article, the share of its title that the event's other reports also state, 0 to 1,
 * computed from their sentences (digest/digest.h), which is more precise than the event's sums.
 * Sorted by article number. */
struct headline_told {
    const uint64_t *articles;
    const double *told;
    size_t n;
};

/* The number of the article whose title should be the headline, chosen from the newest ones and the
 * present one (`lead`, 0: none). The present one stays unless it has faults that another lacks, or
 * another scores higher by `margin`. When `told` is NULL or all zero, centrality is the score. */
uint64_t headline_choose(const struct news_event *event, uint64_t lead, double margin,
                         const struct headline_told *told);

#endif
