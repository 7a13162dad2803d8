/* Divides the articles of an event in two by bisecting k-means (Steinbach, Karypis, Kumar: A
 * Comparison of Document Clustering Techniques, 2000), to see whether the event has come to hold
 * two stories. The merge model decides whether the parts are two stories. */
#ifndef CLUSTER_SPLIT_H
#define CLUSTER_SPLIT_H

#include "cluster/news_event.h"

#include <stdbool.h>
#include <stddef.h>

/* True when an event of `n` articles is due for a check. Checks become rarer as the event grows, so
 * their total cost stays a fraction of that of joining. */
bool split_due(size_t n);

/* True when a check is so cheap that it is made whenever an article of the event changes. */
bool split_cheap(size_t n);

/* Divides the event's two or more members: second[i] for members[i]. False when all are alike, or
 * when the parts share at least `min_shared` terms and are not split_apart(). */
bool split_members(const struct news_event *e, double min_shared, bool *second);

/* True when the mean cosine between the parts, times 1.3, is below the smaller of those within
 * them. */
bool split_apart(double between, double within, double within_other);

#endif
