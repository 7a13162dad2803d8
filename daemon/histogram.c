/* Counts durations in buckets. */
#include "histogram.h"

/* Two per decade: from the handling of a request to the longest transfer. */
const double histogram_bounds[HISTOGRAM_BUCKETS - 1] = {0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3,
                                                        1,      3,     10,    30,   100,  300};

void histogram_add(struct histogram *h, int64_t microseconds)
{
    const double seconds = (double)microseconds / 1e6;
    int i = 0;
    while (i < HISTOGRAM_BUCKETS - 1 && seconds > histogram_bounds[i])
        i++;
    h->buckets[i]++;
    h->count++;
    h->sum += seconds;
}
