/* The HTTP server on the daemon's loop: listeners, connections, their limits and time. Not
 * libevent's evhttp, which bounds neither connections nor the time that a request may take to come,
 * and gives no hold on a client that reads slowly. */
#ifndef NET_SERVER_H
#define NET_SERVER_H

#include "base/buf.h"
#include "net/routes.h"

#include <stdbool.h>
#include <stddef.h>

enum { SERVER_MAX_PIECE = 1 << 20 };

struct config;
struct event_base;
struct server;
struct server_connection;

/* Listens where the configuration says, and on the sockets that systemd hands over. NULL with the
 * reason in `error`. What is given outlives it; `context` is the handlers'. */
struct server *server_new(struct event_base *base, const struct config *config,
                          const struct routes *routes, struct routes_context *context,
                          struct buf *error);
void server_free(struct server *s);

/* ---- answers that come later ---------------------------------------------------------------- */

/* A handler that sets `held` keeps the request's connection, and has to answer or stream. `gone` is
 * called when the client went, or was dropped: the connection must not be touched after that.
 * `ready` is called in a turn of the loop, not at once, after server_wake(), and when all of a
 * stream that was sent has left: it answers, or sends one piece, and wakes the connection again if
 * there are more. Many who are woken together are served by turns with requests, a bounded number
 * before the loop does all else. False when there are too many of them; the handler answers 503
 * then. */
bool server_hold(struct server_connection *c, void (*gone)(void *), void (*ready)(void *),
                 void *arg);
void server_wake(struct server_connection *c);
void server_answer(struct server_connection *c, struct reply *r); /* ends the hold */

/* A stream: its head, of which `r` has the type and more headers, then pieces of its body, of at
 * most SERVER_MAX_PIECE bytes, until the client goes. A piece is copied as far as the socket does
 * not take it; what of it still waits is told by server_unsent(). False when the client is gone,
 * and `gone` was called. */
bool server_stream(struct server_connection *c, const struct reply *r);
bool server_send(struct server_connection *c, const void *p, size_t n);
size_t server_unsent(const struct server_connection *c);

struct server_counts {
    uint64_t requests, connections_refused, dropped; /* dropped: too slow */
    uint64_t by_class[6];                            /* answers with status 1xx to 5xx */
    uint64_t sent;                                   /* bytes */
    size_t connections, held;
};
void server_counts(const struct server *s, struct server_counts *out);

#endif
