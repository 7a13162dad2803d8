/* The HTTP server on the event loop: listeners, connections, limits, deadlines. Not based on
 * libevent's evhttp, which limits neither connections nor the duration of a request, and has no
 * control over clients that read slowly. */
#ifndef NET_SERVER_H
#define NET_SERVER_H

#include "base/buf.h"
#include "histogram.h"
#include "net/routes.h"

#include <stdbool.h>
#include <stddef.h>

enum { SERVER_MAX_PIECE = 1 << 20 };

struct config;
struct event_base;
struct server;
struct server_connection;

/* Listens on the configured addresses and the sockets passed by systemd. On failure returns NULL
 * with the reason in `error`. All arguments must outlive the server; `context` is passed to the
 * handlers. */
struct server *server_new(struct event_base *base, const struct config *config,
                          const struct routes *routes, struct routes_context *context,
                          struct buf *error);
void server_free(struct server *s);

/* ---- held requests and streams -------------------------------------------------------------- */

/* Holds the request's connection for a later response or stream; the handler then sets `held` in
 * its reply. `gone` is called when the client has disconnected or was dropped; the connection must
 * not be used after that. `ready` is called from a later turn of the loop, after server_wake() and
 * when a stream's buffered output was sent: it responds, or sends one piece and calls server_wake()
 * if there is more. Woken connections take turns with requests, a bounded number per turn of the
 * loop. Returns false if too many connections are held; the handler then responds with 503. */
bool server_hold(struct server_connection *c, void (*gone)(void *), void (*ready)(void *),
                 void *arg);
void server_wake(struct server_connection *c);
void server_answer(struct server_connection *c, struct reply *r); /* ends the hold */

/* A stream: server_stream() sends the head, with type and headers of `r`; server_send() sends
 * pieces of the body, of at most SERVER_MAX_PIECE bytes, until the client disconnects. What the
 * socket does not accept is copied and buffered; server_unsent() returns its length. Both return
 * false if the client is gone; `gone` was called then. */
bool server_stream(struct server_connection *c, const struct reply *r);
bool server_send(struct server_connection *c, const void *p, size_t n);
size_t server_unsent(const struct server_connection *c);

/* Since the start; `connections` and `held` are current. */
struct server_counts {
    uint64_t connections_refused, dropped; /* dropped: too slow clients */
    uint64_t sent;                         /* bytes */
    size_t connections, held;
};
void server_counts(const struct server *s, struct server_counts *out);

/* Responses of one route. Duration: from the arrival of the request's last bytes to the response,
 * for requests that are not held. */
enum { SERVER_STATUSES = 600 };
struct server_route_counts {
    uint64_t by_status[SERVER_STATUSES];
    struct histogram durations;
};
/* Whether a token that came with a request is valid; a wrong one is logged. */
bool server_is_token(const struct request *r, const char *token);

/* By index in the route table; after the last, of requests that match no route. */
const struct server_route_counts *server_route_counts(const struct server *s);

#endif
