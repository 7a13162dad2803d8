/* Has an event come to hold two stories? Its articles are parted in two by bisecting k-means
 * (Steinbach, Karypis, Kumar: A Comparison of Document Clustering Techniques, 2000); whether the
 * parts are two stories is the merge model's to say. */
#ifndef CLUSTER_SPLIT_H
#define CLUSTER_SPLIT_H

#include "cluster/news_event.h"

#include <stdbool.h>
#include <stddef.h>

/* Is `n` articles a size at which an event is looked at? Ever rarer as it grows, so that all the
 * looking costs no more than a share of the joining. */
bool split_due(size_t n);

/* Is it one of those that are looked at in no time, as often as something in them changes? */
bool split_cheap(size_t n);

/* Parts the event's members, of which there are two or more, in two: second[i] for members[i].
 * False when all of them are alike, or when the parts, which share `min_shared` terms or more, are
 * not split_apart(). */
bool split_members(const struct news_event *e, double min_shared, bool *second);

/* Do articles of different parts resemble each other less than half as much as those of one part?
 * Mean cosines between and within the parts. */
bool split_apart(double between, double within, double within_other);

#endif
