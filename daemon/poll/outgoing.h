/* Requests with the configured defaults: timeouts, proxy, certificates, allowed addresses. */
#ifndef POLL_OUTGOING_H
#define POLL_OUTGOING_H

#include "net/fetch.h"

struct poll;

/* Its texts belong to `p` and are valid until poll_configure(). */
struct fetch_request outgoing_request(const struct poll *p, const char *url);

#endif
