/* Maps requests to handlers: a table of methods and paths. */
#ifndef NET_ROUTES_H
#define NET_ROUTES_H

#include "net/reply.h"
#include "net/request.h"

#include <stddef.h>

struct routes_context; /* data for the handlers, defined by the program */

/* Fills `out`, initially an empty 200 response; use reply_problem() for errors. */
typedef void routes_handler(struct routes_context *c, const struct request *r, struct reply *out);

enum routes_access {
    ROUTES_OPEN,  /* no checks of host, origin or token */
    ROUTES_READ,  /* rejects cross-site POST requests */
    ROUTES_WRITE, /* rejects all cross-site requests */
    ROUTES_ADMINISTER,
};

struct route {
    enum request_method method; /* GET includes HEAD */
    const char *pattern;        /* {number}: a positive number; {rest}: the non-empty remainder */
    routes_handler *handler;
    enum routes_access access;
};

struct routes {
    const struct route *v;
    size_t n;
};

/* Returns the route and sets `number` and `rest` of the request. Otherwise returns NULL with the
 * status 404, or 405 with the allowed methods in `allow`. */
const struct route *routes_find(const struct routes *routes, struct request *r, int *status,
                                struct buf *allow);

#endif
