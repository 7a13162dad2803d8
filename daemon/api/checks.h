/* Probes of orchestrators and load balancers, as plain text, without access control. */
#ifndef API_CHECKS_H
#define API_CHECKS_H

#include "net/routes.h"

/* /healthz: the daemon's loop runs. */
routes_handler checks_live;
/* /readyz: the store can be read and feeds are polled; else status 503 with the reason. */
routes_handler checks_ready;

#endif
