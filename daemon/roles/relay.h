/* Requests for articles' pages that fetchers make for the engine: each by the fetcher that owns the
 * host (share.h), so that a host is requested from one address. */
#ifndef ROLES_RELAY_H
#define ROLES_RELAY_H

struct bus;
struct event_base;
struct poll;
struct relay;

/* Takes over what outgoing_start() of `poll` starts. */
struct relay *relay_new(struct event_base *base, struct bus *b, struct poll *poll);
void relay_free(struct relay *r); /* ends all requests with an error; before the poll; also NULL */

#endif
