/* What the daemon answers to: one table of methods, paths and handlers. */
#ifndef HTTP_ROUTES_H
#define HTTP_ROUTES_H

#include "http/reply.h"
#include "http/request.h"
#include "story.h"

#include <stdint.h>

struct config;
struct ingest;
struct poll;
struct lists;
struct live;
struct server;
struct upkeep;
struct enrich;
struct visits;

/* What handlers reach. Everything lives as long as the server does. */
struct routes_context {
    story_db *db; /* begin a view, read, end it: within the call */
    struct ingest *ingest;
    struct poll *poll;
    struct lists *lists;
    struct live *live;
    const struct server *server;
    const struct upkeep *upkeep;
    const struct enrich *enrich;
    struct visits *visits; /* or NULL */
    const struct config *config;
    int64_t started; /* seconds since 1970 */
};

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

/* The route, with `number` and `rest` of the request set; NULL with the status 404 or 405, and then
 * `allow` has the methods there are. */
const struct route *routes_find(struct request *r, int *status, struct buf *allow);

#endif
