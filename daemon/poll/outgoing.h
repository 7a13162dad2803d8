/* Requests with the configured defaults: timeouts, proxy, certificates, allowed addresses. */
#ifndef POLL_OUTGOING_H
#define POLL_OUTGOING_H

#include "net/fetch.h"

struct poll;

/* Its texts belong to `p` and are valid until poll_configure(). */
struct fetch_request outgoing_request(const struct poll *p, const char *url);

/* Requests for pages and pictures: as fetch_start() and fetch_cancel() of this process, or made by
 * another one (apart.h), where texts of the request but the address, `accept` and the validators
 * are that one's. */
struct outgoing;
struct outgoing *outgoing_start(struct poll *p, const struct fetch_request *r,
                                const struct fetch_client *client);
void outgoing_cancel(struct outgoing *o);

#endif
