/* Durations sorted into buckets, for the histograms of the metrics (api/metrics.c). */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_BUCKETS = 14 };

/* Upper bounds in seconds, the same for every histogram; the last bucket has none. */
extern const double histogram_bounds[HISTOGRAM_BUCKETS - 1];

struct histogram {
    uint64_t buckets[HISTOGRAM_BUCKETS]; /* each counts what is above the bound before */
    uint64_t count;
    double sum; /* seconds */
};

void histogram_add(struct histogram *h, int64_t microseconds);

#endif
