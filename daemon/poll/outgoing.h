/* Requests as the configuration has them: timeouts, proxy, certificates, allowed addresses. */
#ifndef POLL_OUTGOING_H
#define POLL_OUTGOING_H

#include "net/fetch.h"

struct poll;

/* The texts are the poll's, valid until poll_configure(). */
struct fetch_request outgoing_request(const struct poll *p, const char *url);

#endif
