/* What polling counts since the start, for the metrics. */
#ifndef POLL_POLL_COUNTS_H
#define POLL_POLL_COUNTS_H

#include "histogram.h"
#include "poll/when.h"

#include <stdint.h>

struct poll_counts {
    uint64_t polls[WHEN_OUTCOMES];
    struct histogram requests; /* from the request of a poll to the end of its response */
    struct histogram parses;   /* of a document, however it arrived */
};

#endif
