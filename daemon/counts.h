/* What storyd.c and the API count since the start, for the metrics. */
#ifndef COUNTS_H
#define COUNTS_H

#include "histogram.h"

#include <stdint.h>

struct counts {
    uint64_t merges, splits; /* of events, by the engine or an editor */
    uint64_t decisions;
    struct histogram commits; /* from the start of a commit until the batch is on the disk */
};

#endif
