/* Requests that change something, sent from a copy to the leading engine over the broker, and
 * answered with its response. The copy has checked who the client is and what it may do. */
#ifndef ROLES_FORWARD_H
#define ROLES_FORWARD_H

#include "net/routes.h"

struct bus;
struct event_base;
struct forward;
struct message;

/* The copy's side. */
struct forward *forward_new(struct event_base *base, struct bus *b);
void forward_free(struct forward *f); /* after the server */
void forward_request(struct forward *f, const struct request *r, struct reply *out);

/* Handlers of a table of routes in which those that change something are forwarded. The caller
 * frees `v`. `handler` finds the struct forward in its context. */
struct routes forward_routes(const struct routes *all, routes_handler *handler);

/* The engine's side: answers a request, which arrived as `m`, by the handlers of `all`. */
void forward_answer(struct bus *b, const struct routes *all, struct routes_context *c,
                    const struct message *m);

#endif
