/* How a request finds its handler: a table of methods and paths. */
#ifndef NET_ROUTES_H
#define NET_ROUTES_H

#include "net/reply.h"
#include "net/request.h"

#include <stddef.h>

struct routes_context; /* what handlers reach: the program's */

/* Writes `out`, which begins as an empty 200; reply_problem() for errors. */
typedef void routes_handler(struct routes_context *c, const struct request *r, struct reply *out);

enum routes_access {
    ROUTES_OPEN, /* anybody who reaches the server: neither host, origin nor token is looked at */
    ROUTES_READ,
    ROUTES_WRITE, /* and the request comes from no other site */
};

struct route {
    enum request_method method; /* GET is HEAD too */
    const char *pattern; /* segments; {number} is a number above 0, {rest} all that is left */
    routes_handler *handler;
    enum routes_access access;
};

struct routes {
    const struct route *v;
    size_t n;
};

/* The route, with `number` and `rest` of the request set; NULL with the status 404 or 405, and then
 * `allow` has the methods there are. */
const struct route *routes_find(const struct routes *routes, struct request *r, int *status,
                                struct buf *allow);

#endif
