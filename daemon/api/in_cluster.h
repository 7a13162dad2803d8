/* What handlers of the API know of a cluster, which daemon/roles/ implements. */
#ifndef API_IN_CLUSTER_H
#define API_IN_CLUSTER_H

#include "net/routes.h"

#include <jansson.h>
#include <stdbool.h>

/* In the context of handlers; NULL there: the process is in no cluster. */
struct in_cluster {
    json_t *(*describe)(void *arg); /* the member `cluster` of the health response */
    /* Whether the process is one that stands by, which it tries to end soon. NULL: it is none. */
    bool (*promote)(void *arg);
    void *arg;
};

/* POST /api/v1/promote */
routes_handler cluster_promote;

#endif
