/* The HTTP server on libevent: connections, deadlines, fair turns, held requests and streams.
 * Parsing is in request.c, access control in access.c, responses are built in reply.c. */
#define _GNU_SOURCE /* struct ucred */
#include "net/server.h"

#include "base/mem.h"
#include "config.h"
#include "net/access.h"
#include "net/listen.h"
#include "log.h"
#include "must.h"
#include "base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* Milliseconds. A connection that reads or sends has a fixed deadline, `timeout` of [http] after it
 * began; single bytes in between do not extend it (slowloris). */
enum {
    TIME_IDLE = 65000, /* between requests */
    SLOWEST_LINE = 16, /* bytes per millisecond; a response gets extra time at this rate */
    TIME_TO_LINGER = 2000,
    SWEEP = 100,
};
enum {
    INPUT = 64 << 10, /* per recv() */
    MAX_INPUT = REQUEST_MAX_HEAD + 2 * REQUEST_MAX_BODY,
    MAX_UNSENT = SERVER_MAX_PIECE, /* of a stream; slower clients are dropped */
    MAX_AHEAD = REQUEST_MAX_HEAD,  /* pipelined input; reading pauses beyond it */
};
/* Limits of one turn of the event loop: at most so many requests and pieces of streams, or so much
 * time, before other events are handled. */
enum { TURN_STEPS = 64, TURN_MS = 5 };

enum state {
    IDLE,    /* between requests */
    READING, /* a request has begun */
    SENDING, /* a response waits for the client to read it */
    HELD,    /* the response comes later */
    STREAM,
    LINGER, /* all is sent; input is discarded, so that no RST destroys the last response */
    DEAD,
};

/* Queues of connections that wait for a turn: first requests, further pipelined requests, and
 * streams. They are served round-robin, so that pipelining clients and streams cannot starve single
 * requests. */
enum { REQUESTS, MORE_REQUESTS, STREAMS, QUEUES };
TAILQ_HEAD(queue, server_connection);

struct server_connection {
    struct server *server;
    struct server_connection *next, **link;
    int fd;
    struct event *readable, *writable;
    struct queue *queue; /* the queue it waits in, or NULL */
    TAILQ_ENTRY(server_connection) behind;
    struct buf in; /* input, of which `used` bytes are consumed */
    size_t used;
    struct evbuffer *out; /* unsent output */
    struct request_chunks chunks;
    enum state state;
    int64_t deadline;
    struct access_peer from;
    int64_t since;             /* when it entered the queue, in monotonic microseconds */
    const struct route *route; /* of the last request; NULL: none */
    bool close, continued;
    bool listening, waiting; /* for input; for the socket to become writable */
    int64_t uid;
    unsigned char peer[16];
    void (*gone)(void *);
    void (*ready)(void *);
    void *arg;
};

struct listener {
    struct evconnlistener *events;
    struct listen_socket socket;
    struct server *server;
};

struct server {
    struct event_base *base;
    const struct config *config;
    const struct routes *routes;
    struct routes_context *context;
    struct access *access;
    struct listener listeners[LISTEN_MAX];
    int n_listeners;
    struct server_connection *connections, *dead;
    struct queue queues[QUEUES];
    struct event *turn, *sweep, *reap;
    struct reply reply;
    struct reply_gzip *gzip;
    struct buf head, allow;
    char common[1024];
    size_t common_constant;
    time_t dated;
    struct server_counts counts;
    struct server_route_counts *route_counts;
    bool told_full, told_long;
    int64_t told_denied; /* when a wrong token was last logged, in seconds since 1970 */
    char input[INPUT];
};

static int64_t time_out(const struct server *s)
{
    return s->config->http_timeout.number;
}

/* ---- connections ---------------------------------------------------------------------------- */

static void set_state(struct server_connection *c, enum state state, int64_t time)
{
    c->state = state;
    c->deadline = time ? coarse_ms() + time : INT64_MAX;
}

/* Uses a timer of 0, which runs after all other ready events; an event made active would run in the
 * same turn. */
static void call_soon(struct event *ev)
{
    const struct timeval at_once = {0, 0};
    if (!evtimer_pending(ev, NULL))
        evtimer_add(ev, &at_once);
}

static void put_in_line(struct server_connection *c, int queue)
{
    if (c->queue)
        return;
    c->since = monotonic_us();
    c->queue = &c->server->queues[queue];
    TAILQ_INSERT_TAIL(c->queue, c, behind);
    call_soon(c->server->turn);
}

static void leave_server_line(struct server_connection *c)
{
    if (c->queue)
        TAILQ_REMOVE(c->queue, c, behind);
    c->queue = NULL;
}

static void listen_to(struct server_connection *c, bool on)
{
    if (c->listening == on)
        return;
    c->listening = on;
    if (on)
        event_add(c->readable, NULL);
    else
        event_del(c->readable);
}

/* Input that is not consumed yet, in bytes. */
static size_t unused(const struct server_connection *c)
{
    return c->in.len - c->used;
}

/* Closes the connection now; on_reap() frees it when it is no longer on the stack. */
static void drop_connection(struct server_connection *c)
{
    struct server *s = c->server;
    if (c->state == DEAD)
        return;
    bool held = c->state == HELD || c->state == STREAM;
    set_state(c, DEAD, 0);
    leave_server_line(c);
    listen_to(c, false);
    event_del(c->writable);
    close(c->fd);
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    s->counts.connections--;
    if (held) {
        s->counts.held--;
        c->gone(c->arg);
    }
    c->next = s->dead;
    s->dead = c;
    call_soon(s->reap);
}

static void on_reap(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct server *s = arg;
    while (s->dead) {
        struct server_connection *c = s->dead;
        s->dead = c->next;
        event_free(c->readable);
        event_free(c->writable);
        buf_free(&c->in);
        if (c->out)
            evbuffer_free(c->out);
        free(c);
    }
}

static void drop_slow(struct server_connection *c)
{
    c->server->counts.dropped++;
    drop_connection(c);
}

/* ---- sending -------------------------------------------------------------------------------- */

static void watch_writable(struct server_connection *c, bool on)
{
    if (c->waiting == on)
        return;
    c->waiting = on;
    if (on)
        event_add(c->writable, NULL);
    else
        event_del(c->writable);
}

/* Sends as much as the socket accepts and buffers the rest. Returns false if the client is gone. */
static bool say_bytes(struct server_connection *c, const struct iovec *v, int n)
{
    size_t total = 0, sent = 0;
    for (int i = 0; i < n; i++)
        total += v[i].iov_len;
    if (!c->waiting) {
        struct msghdr m = {.msg_iov = (struct iovec *)(uintptr_t)v, .msg_iovlen = (size_t)n};
        ssize_t k = sendmsg(c->fd, &m, MSG_NOSIGNAL);
        if (k < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        sent = k > 0 ? (size_t)k : 0;
        c->server->counts.sent += sent;
    }
    if (sent == total)
        return true;
    if (!c->out && !(c->out = evbuffer_new()))
        abort(); /* out of memory */
    for (int i = 0; i < n; i++) {
        size_t skip = sent < v[i].iov_len ? sent : v[i].iov_len;
        sent -= skip;
        evbuffer_add(c->out, (const char *)v[i].iov_base + skip, v[i].iov_len - skip);
    }
    watch_writable(c, true);
    return true;
}

static void linger(struct server_connection *c)
{
    shutdown(c->fd, SHUT_WR);
    set_state(c, LINGER, TIME_TO_LINGER);
    leave_server_line(c);
    listen_to(c, true);
}

static void after_answer(struct server_connection *c)
{
    if (c->close)
        linger(c);
    else
        set_state(c, IDLE, TIME_IDLE);
}

/* Continues with the next pipelined request, if there is one. */
static void read_next_request(struct server_connection *c)
{
    if (c->state == IDLE && unused(c))
        put_in_line(c, MORE_REQUESTS);
}

/* A response was passed to say(); continue, or first wait until the client has read it. */
static void answer_said(struct server_connection *c, size_t length)
{
    if (c->waiting) {
        set_state(c, SENDING, time_out(c->server) + (int64_t)length / SLOWEST_LINE);
        listen_to(c, false); /* no input from a client that does not read */
    } else {
        after_answer(c);
    }
}

static void refresh_common(struct server *s)
{
    time_t now = wall_clock();
    struct tm t;
    if (now == s->dated)
        return;
    s->dated = now;
    gmtime_r(&now, &t);
    strftime(s->common + s->common_constant, sizeof s->common - s->common_constant,
             "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &t);
}

static struct server_route_counts *counts_of(struct server_connection *c)
{
    const struct server *s = c->server;
    return &s->route_counts[c->route ? (size_t)(c->route - s->routes->v) : s->routes->n];
}

static void count_status(struct server_connection *c, int status)
{
    counts_of(c)->by_status[status % SERVER_STATUSES]++;
}

static void send_reply(struct server_connection *c, struct reply *r, const struct request *q)
{
    struct server *s = c->server;
    struct reply_out out;
    refresh_common(s);
    if (reply_is_too_long(r) && !s->told_long) {
        s->told_long = true;
        log_line(LOG_WARNING, "response_too_long",
                 "a response exceeded the maximum size and was replaced by an error; further ones "
                 "are counted as 5xx only",
                 LOG_T("path", q->path ? q->path : ""));
    }
    c->close |= q->close;
    reply_finish(r, q, s->common, c->close, s->gzip, &s->head, &out);
    count_status(c, r->status);
    const struct iovec v[2] = {
        {s->head.p, s->head.len},
        {(void *)(uintptr_t)out.body, out.no_body ? 0 : out.length},
    };
    if (!say_bytes(c, v, v[1].iov_len ? 2 : 1))
        drop_connection(c);
    else
        answer_said(c, v[0].iov_len + v[1].iov_len);
}

/* Rejects an unparsable request and closes the connection, since the next request cannot be
 * found. */
static void refuse_connection(struct server_connection *c, int status)
{
    static const struct {
        int status;
        const char *detail;
    } details[] = {
        {400, "invalid HTTP/1.1 request; see RFC 9112"},
        {408, "the request was not received in time"},
        {413, "the request body is too long"},
        {414, "the request target is too long"},
        {417, "unsupported expectation; only 100-continue is supported"},
        {431, "the request headers are too long or too many"},
        {501, "unsupported transfer coding; only chunked is supported"},
        {505, "unsupported HTTP version; use HTTP/1.1 or HTTP/1.0"},
    };
    const struct request none = {.method = REQUEST_GET, .close = true};
    const char *detail = "";
    for (size_t i = 0; i < sizeof details / sizeof *details; i++)
        if (details[i].status == status)
            detail = details[i].detail;
    c->route = NULL;
    reply_clear(&c->server->reply);
    reply_problem(&c->server->reply, status, "%s", detail);
    send_reply(c, &c->server->reply, &none);
}

/* ---- requests ------------------------------------------------------------------------------- */

/* For programs that block addresses after failed attempts. A flood is logged once a second; the
 * metrics count all. */
static void tell_denied(struct server_connection *c, const struct request *r)
{
    static const unsigned char v4[12];
    struct server *s = c->server;
    char text[INET6_ADDRSTRLEN];
    const bool is_v4 = !memcmp(c->peer, v4, sizeof v4);
    if (wall_clock() == s->told_denied)
        return;
    s->told_denied = wall_clock();
    const char *address =
        inet_ntop(is_v4 ? AF_INET : AF_INET6, c->peer + (is_v4 ? sizeof v4 : 0), text, sizeof text);
    log_line(LOG_WARNING, "access_denied", "a request with a wrong token was refused",
             LOG_T("address", address), LOG_T("path", r->path));
}

bool server_is_token(const struct request *r, const char *token)
{
    bool ok = access_is_token(r->connection->server->access, token);
    if (!ok)
        tell_denied(r->connection, r);
    return ok;
}

/* Decides by the head alone. Returns the route if the request is to be handled; NULL if s->reply
 * already is the response. */
static const struct route *admit(struct server_connection *c, struct request *r)
{
    struct server *s = c->server;
    const char *why = "";
    int status;
    r->connection = c;
    r->peer_uid = c->uid;
    buf_clear(&s->allow);
    reply_clear(&s->reply);
    const struct route *route = routes_find(s->routes, r, &status, &s->allow);
    enum routes_access need = route ? route->access : ROUTES_READ;
    c->route = route;
    if (access_cors(s->access, r, &s->reply)) {
        s->reply.status = 204;
        return NULL;
    }
    int refused = access_check(s->access, r, need, c->from, &why);
    if (refused) {
        if (refused == 401) {
            reply_header(&s->reply, "WWW-Authenticate",
                         "Basic realm=\"storyd\", charset=\"UTF-8\"");
            if (request_header(r, "Authorization"))
                tell_denied(c, r);
        }
        reply_problem(&s->reply, refused, "%s", why);
    } else if (r->method == REQUEST_OPTIONS && (status == 405 || !strcmp(r->path, "*"))) {
        s->reply.status = 204;
        reply_header(&s->reply, "Allow", s->allow.len ? buf_text(&s->allow) : "GET, HEAD, OPTIONS");
    } else if (!route && status == 405) {
        reply_header(&s->reply, "Allow", buf_text(&s->allow));
        reply_problem(&s->reply, 405, "method not allowed; allowed: %s", buf_text(&s->allow));
    } else if (!route) {
        reply_problem(&s->reply, 404, "%s does not exist; see /api/v1/openapi.json", r->path);
    } else {
        return route;
    }
    return NULL;
}

static void answer(struct server_connection *c, struct request *r, const struct route *route)
{
    struct server *s = c->server;
    route->handler(s->context, r, &s->reply);
    if (s->reply.held) {
        c->close |= r->close;
        return;
    }
    send_reply(c, &s->reply, r);
    histogram_add(&counts_of(c)->durations, monotonic_us() - c->since);
}

/* Returns the end of the body in the input; 0: more input is needed; negative: minus a status. */
static int64_t body_end(struct server_connection *c, struct request *r, char *body, size_t n)
{
    if (r->chunked) {
        int64_t end = request_chunks(&c->chunks, body, n);
        r->body_length = c->chunks.length;
        return end;
    }
    r->body_length = r->content_length;
    return n >= r->content_length ? (int64_t)r->content_length : 0;
}

static void wait_for_body(struct server_connection *c, const struct request *r)
{
    static const char word[] = "HTTP/1.1 100 Continue\r\n\r\n";
    const struct iovec v = {(void *)(uintptr_t)word, sizeof word - 1};
    if (c->continued)
        return;
    c->continued = true;
    c->deadline = coarse_ms() + time_out(c->server);
    if (r->expects_continue && !say_bytes(c, &v, 1))
        drop_connection(c);
}

/* Handles one request of the input. Returns its length in bytes, 0 if more input is needed. Parses
 * a copy of the head, which is parsed again as more of the body arrives. */
static size_t take_request(struct server_connection *c, char *p, size_t n)
{
    char copy[REQUEST_MAX_HEAD];
    struct request r;
    int head = request_head_length(p, n);
    if (head == 0)
        return 0;
    int error = head;
    if (head > 0) {
        memcpy(copy, p, (size_t)head);
        error = request_head(&r, copy, (size_t)head);
    }
    if (error < 0) {
        refuse_connection(c, -error);
        return n;
    }
    const struct route *route = admit(c, &r);
    if (!route) {
        /* The body is not read, so the connection must close: the body would be parsed as the next
         * request. */
        c->close |= r.content_length > 0 || r.chunked;
        send_reply(c, &c->server->reply, &r);
        return c->close ? n : (size_t)head;
    }
    char *body = p + head;
    int64_t end = body_end(c, &r, body, n - (size_t)head);
    if (end < 0) {
        refuse_connection(c, (int)-end);
        return n;
    }
    if (end == 0 && (r.chunked || r.content_length)) {
        wait_for_body(c, &r);
        return 0;
    }
    char *text = r.body_length ? mem_strn(body, r.body_length) : NULL;
    if (text)
        r.body = text;
    c->chunks = (struct request_chunks){0};
    c->continued = false;
    answer(c, &r, route);
    free(text);
    return (size_t)head + (size_t)end;
}

/* Handles one request of the input. */
static void take_turn(struct server_connection *c)
{
    if (c->state == IDLE)
        set_state(c, READING, time_out(c->server));
    if (c->state != READING)
        return;
    size_t all = unused(c);
    size_t used = all ? take_request(c, c->in.p + c->used, all) : 0;
    if (c->state == DEAD)
        return;
    c->used += c->state == LINGER || c->state == STREAM ? all : used;
    if (!unused(c)) {
        buf_free(&c->in);
        c->used = 0;
    }
    read_next_request(c);
    if (c->state != SENDING)
        listen_to(c, !c->queue || unused(c) <= MAX_AHEAD);
}

/* The first connection of the first non-empty queue, starting at `line`. */
static struct server_connection *next_in_line(struct server *s, int line)
{
    struct server_connection *c = NULL;
    for (int i = 0; !c && i < QUEUES; i++)
        c = TAILQ_FIRST(&s->queues[(line + i) % QUEUES]);
    return c;
}

static void on_server_turn(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct server *s = arg;
    int64_t until = monotonic_ms() + TURN_MS;
    struct server_connection *c;
    for (int i = 0; i < TURN_STEPS && monotonic_ms() < until && (c = next_in_line(s, i)); i++) {
        leave_server_line(c);
        if (c->state == HELD || c->state == STREAM)
            c->ready(c->arg);
        else
            take_turn(c);
    }
    if (next_in_line(s, 0))
        call_soon(s->turn);
}

/* Buffers input until the connection's turn. */
static void take_input(struct server_connection *c, const char *p, size_t n)
{
    if (c->used) {
        memmove(c->in.p, c->in.p + c->used, unused(c));
        c->in.len = unused(c);
        c->used = 0;
    }
    if (!buf_add(&c->in, p, n)) {
        refuse_connection(c, 413);
        return;
    }
    if (c->state == HELD)
        return;
    put_in_line(c, REQUESTS);
    if (c->in.len > MAX_AHEAD)
        listen_to(c, false);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct server_connection *c = arg;
    struct server *s = c->server;
    ssize_t n = recv(fd, s->input, sizeof s->input, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n == 0 && c->queue && c->state != STREAM && c->state != HELD)
        listen_to(c, false); /* half-closed, but still waits for responses */
    else if (n <= 0)
        drop_connection(c);
    else if (c->state == HELD && unused(c) + (size_t)n > MAX_AHEAD)
        drop_connection(c); /* too much pipelined while a response is held */
    else if (c->state != LINGER && c->state != STREAM)
        take_input(c, s->input, (size_t)n);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct server_connection *c = arg;
    int n = evbuffer_write(c->out, fd);
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        drop_connection(c);
        return;
    }
    c->server->counts.sent += n > 0 ? (uint64_t)n : 0;
    if (evbuffer_get_length(c->out))
        return;
    evbuffer_free(c->out);
    c->out = NULL;
    watch_writable(c, false);
    if (c->state == SENDING) {
        listen_to(c, true);
        after_answer(c);
        read_next_request(c);
    } else if (c->state == STREAM) {
        c->deadline = INT64_MAX;
        server_wake(c);
    }
}

/* ---- held requests and streams -------------------------------------------------------------- */

bool server_hold(struct server_connection *c, void (*gone)(void *), void (*ready)(void *),
                 void *arg)
{
    struct server *s = c->server;
    if (s->counts.held >= (size_t)s->config->http_streams.number)
        return false;
    s->counts.held++;
    c->gone = gone;
    c->ready = ready;
    c->arg = arg;
    set_state(c, HELD, 0);
    return true;
}

void server_wake(struct server_connection *c)
{
    put_in_line(c, STREAMS);
}

void server_answer(struct server_connection *c, struct reply *r)
{
    const struct request q = {.method = REQUEST_GET};
    c->server->counts.held--;
    set_state(c, READING, time_out(c->server));
    leave_server_line(c);
    send_reply(c, r, &q);
    if (c->state != DEAD)
        read_next_request(c);
}

bool server_stream(struct server_connection *c, const struct reply *r)
{
    struct server *s = c->server;
    refresh_common(s);
    buf_clear(&s->head);
    buf_addf(&s->head,
             "HTTP/1.1 200 OK\r\n%sCache-Control: no-store\r\nContent-Type: %s\r\n"
             "X-Accel-Buffering: no\r\n%sConnection: close\r\n\r\n",
             s->common, r->type, buf_text(&r->headers));
    set_state(c, STREAM, 0);
    count_status(c, 200);
    return server_send(c, s->head.p, s->head.len);
}

bool server_send(struct server_connection *c, const void *p, size_t n)
{
    const struct iovec v = {(void *)(uintptr_t)p, n};
    if (server_unsent(c) + n > MAX_UNSENT) {
        drop_slow(c);
        return false;
    }
    if (!say_bytes(c, &v, 1)) {
        drop_connection(c);
        return false;
    }
    if (c->waiting && c->deadline == INT64_MAX)
        c->deadline = coarse_ms() + time_out(c->server);
    return true;
}

size_t server_unsent(const struct server_connection *c)
{
    return c->out ? evbuffer_get_length(c->out) : 0;
}

void server_counts(const struct server *s, struct server_counts *out)
{
    *out = s->counts;
}

const struct server_route_counts *server_route_counts(const struct server *s)
{
    return s->route_counts;
}

/* ---- new connections ------------------------------------------------------------------------ */

static void read_peer(struct server_connection *c, const struct sockaddr *address)
{
    c->uid = -1;
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, address, sizeof in6);
        memcpy(c->peer, &in6.sin6_addr, 8); /* the /64 network, since a client has 2^64 addresses */
    } else if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        memcpy(c->peer + 12, &in.sin_addr, 4);
    } else {
        struct ucred who;
        socklen_t n = sizeof who;
        if (getsockopt(c->fd, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0)
            c->uid = who.uid;
    }
}

static bool too_many_of_peer(const struct server *s, const struct server_connection *c)
{
    int64_t n = 0;
    for (const struct server_connection *o = s->connections; o; o = o->next)
        n += !o->from.is_unix && !memcmp(o->peer, c->peer, sizeof c->peer);
    return !c->from.is_unix && n >= s->config->http_connections_per_peer.number;
}

/* Sends a 503, as far as the socket accepts it at once, and closes. */
static void turn_away(struct server *s, struct server_connection *c)
{
    static const char word[] = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n"
                               "Connection: close\r\nContent-Length: 0\r\n\r\n";
    (void)!send(c->fd, word, sizeof word - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    close(c->fd);
    s->counts.connections_refused++;
    if (!s->told_full)
        log_line(LOG_WARNING, "connections_rejected",
                 "connections are rejected; see connections and connections_per_peer in [http]",
                 LOG_N("connections", s->counts.connections));
    s->told_full = true;
    free(c);
}

/* Deadlines are checked periodically, while there are connections. */
static void sweep_soon(struct server *s)
{
    const struct timeval sweep = {SWEEP / 1000, SWEEP % 1000 * 1000};
    if (!evtimer_pending(s->sweep, NULL))
        evtimer_add(s->sweep, &sweep);
}

static void on_connection(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *address,
                          int size, void *arg)
{
    (void)l, (void)size;
    struct listener *from = arg;
    struct server *s = from->server;
    int on = 1;
    struct server_connection *c = mem_zero(sizeof *c);
    c->server = s;
    c->fd = fd;
    c->from.is_unix = from->socket.is_unix;
    read_peer(c, address);
    c->from.is_proxy = access_is_proxy(s->access, address, c->uid);
    if ((int64_t)s->counts.connections >= s->config->http_connections.number ||
        too_many_of_peer(s, c)) {
        turn_away(s, c);
        return;
    }
    if (!c->from.is_unix)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    buf_init(&c->in, MAX_INPUT);
    c->readable = must_event(event_new(s->base, fd, EV_READ | EV_PERSIST, on_readable, c));
    c->writable = must_event(event_new(s->base, fd, EV_WRITE | EV_PERSIST, on_writable, c));
    listen_to(c, true);
    c->next = s->connections;
    c->link = &s->connections;
    if (c->next)
        c->next->link = &c->next;
    s->connections = c;
    s->counts.connections++;
    set_state(c, READING, time_out(s));
    sweep_soon(s);
}

/* Probably out of file descriptors: stop accepting until on_sweep(), while existing connections
 * end. */
static void on_accept_error(struct evconnlistener *l, void *arg)
{
    struct listener *from = arg;
    if (!from->server->told_full)
        log_line(LOG_WARNING, "accept_failed", "cannot accept connections; retrying",
                 LOG_T("error", evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR())));
    from->server->told_full = true;
    evconnlistener_disable(l);
    sweep_soon(from->server);
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct server *s = arg;
    int64_t now = coarse_ms();
    struct server_connection *next;
    for (struct server_connection *c = s->connections; c; c = next) {
        next = c->next;
        if (c->deadline > now)
            continue;
        if (c->state == READING && unused(c))
            refuse_connection(c, 408);
        else if (c->state == SENDING || c->state == STREAM || c->state == READING)
            drop_slow(c);
        else
            drop_connection(c);
    }
    for (int i = 0; i < s->n_listeners; i++)
        evconnlistener_enable(s->listeners[i].events);
    if (s->connections)
        sweep_soon(s);
}

/* ---- start and stop ------------------------------------------------------------------------- */

static const char constant_headers[] =
    "Server: storyd\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'\r\n";

static bool open_listeners(struct server *s, struct buf *error)
{
    struct listen_socket sockets[LISTEN_MAX];
    int n = listen_open(s->config, access_is_closed(s->access), sockets, error);
    for (int i = 0; i < n; i++) {
        struct listener *l = &s->listeners[s->n_listeners++];
        *l = (struct listener){.socket = sockets[i], .server = s};
        l->events =
            evconnlistener_new(s->base, on_connection, l,
                               LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, sockets[i].fd);
        if (!l->events)
            abort(); /* out of memory */
        evconnlistener_set_error_cb(l->events, on_accept_error);
        log_line(LOG_INFO, "listening", "listening", LOG_T("address", sockets[i].name));
    }
    return n >= 0;
}

struct server *server_new(struct event_base *base, const struct config *config,
                          const struct routes *routes, struct routes_context *context,
                          struct buf *error)
{
    struct server *s = mem_zero(sizeof *s);
    s->base = base;
    s->config = config;
    s->routes = routes;
    s->context = context;
    s->route_counts = mem_zero((routes->n + 1) * sizeof *s->route_counts);
    reply_init(&s->reply);
    s->gzip = reply_gzip_new();
    buf_init(&s->head, 64 << 10);
    buf_init(&s->allow, 256);
    memcpy(s->common, constant_headers, sizeof constant_headers);
    s->common_constant = sizeof constant_headers - 1;
    s->sweep = must_event(evtimer_new(base, on_sweep, s));
    for (int i = 0; i < QUEUES; i++)
        TAILQ_INIT(&s->queues[i]);
    s->turn = must_event(evtimer_new(base, on_server_turn, s));
    s->reap = must_event(evtimer_new(base, on_reap, s));
    s->access = access_new(config, error);
    if (s->access && open_listeners(s, error))
        return s;
    server_free(s);
    return NULL;
}

void server_free(struct server *s)
{
    if (!s)
        return;
    for (int i = 0; i < s->n_listeners; i++) {
        evconnlistener_free(s->listeners[i].events);
        listen_forget(&s->listeners[i].socket);
    }
    while (s->connections)
        drop_connection(s->connections);
    on_reap(-1, 0, s);
    event_free(s->turn);
    event_free(s->sweep);
    event_free(s->reap);
    access_free(s->access);
    reply_gzip_free(s->gzip);
    reply_free(&s->reply);
    buf_free(&s->head);
    buf_free(&s->allow);
    free(s->route_counts);
    free(s);
}
