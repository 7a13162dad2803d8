/* The metrics for Prometheus; storyd(8) documents them. */
#ifndef API_METRICS_H
#define API_METRICS_H

#include "api/context.h"

routes_handler metrics_page; /* GET /metrics */

#endif
