/* Forwards requests and answers forwarded ones; see forward.h. */
#include "roles/forward.h"

#include "base/clock.h"
#include "base/mem.h"
#include "must.h"
#include "net/server.h"
#include "roles/bus.h"
#include "roles/channel.h"

#include <event2/event.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TIMEOUT_MS = 10000,
    MAX_PENDING = 256,
    LOOK_MS = 250, /* for requests that were not answered, while there are any */
};

/* Headers that handlers read. */
static const char *const forwarded[] = {"Content-Type", "Authorization", "If-Match"};

/* Paths of POST requests that a copy answers itself, because they change nothing in the store. */
static const char *const local_paths[] = {"/reader/api/0/stream/items/contents", "/api/v1/promote"};

/* The open route that is forwarded: the engine's handler checks its token. */
static const char submissions[] = "/api/v1/articles";

struct pending {
    struct forward *of;
    struct server_connection *connection; /* NULL: the slot is free */
    json_int_t id;
    int64_t until;
    json_t *answer; /* has arrived; or NULL */
    bool late;
};

struct forward {
    struct bus *bus;
    struct channel *answers;
    struct event *arrived, *timer;
    char inbox[BUS_SUBJECT], engine[BUS_SUBJECT];
    json_int_t last_id;
    struct pending pending[MAX_PENDING];
};

/* ---- the copy ------------------------------------------------------------------------------- */

static void forget_pending(void *arg)
{
    struct pending *p = arg;
    json_decref(p->answer);
    *p = (struct pending){0};
}

static void no_engine(struct reply *out)
{
    reply_problem(out, 503,
                  "the leading engine does not answer, so nothing can be changed now; it may have "
                  "been changed all the same. Reading still works; try again later");
}

static void write_answer(const json_t *answer, struct reply *out)
{
    const char *body = json_string_value(json_object_get(answer, "body")),
               *headers = json_string_value(json_object_get(answer, "headers")),
               *type = json_string_value(json_object_get(answer, "type"));
    out->status = (int)json_integer_value(json_object_get(answer, "status"));
    out->type = type && !strcmp(type, "application/problem+json") ? "application/problem+json"
                : type && !strncmp(type, "text/plain", 10)        ? "text/plain; charset=utf-8"
                                                                  : "application/json";
    out->cache = "no-store";
    buf_adds(&out->body, body ? body : "");
    buf_adds(&out->headers, headers ? headers : "");
    if (!out->body.len)
        out->type = NULL;
}

/* Called from a turn of the server. */
static void answer_client(void *arg)
{
    struct pending *p = arg;
    struct reply out;
    reply_init(&out);
    if (p->answer)
        write_answer(p->answer, &out);
    else
        no_engine(&out);
    struct server_connection *c = p->connection;
    forget_pending(p);
    server_answer(c, &out);
    reply_free(&out);
}

static void take_answer(struct forward *f, const struct message *m)
{
    json_t *answer = json_loadb(m->data, m->n, 0, NULL);
    json_int_t id = json_integer_value(json_object_get(answer, "id"));
    for (size_t i = 0; i < MAX_PENDING; i++) {
        struct pending *p = &f->pending[i];
        if (p->connection && p->id == id && !p->answer && !p->late) {
            p->answer = json_incref(answer);
            server_wake(p->connection);
            break;
        }
    }
    json_decref(answer);
}

static void on_answers(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct forward *f = arg;
    struct message *m;
    while ((m = channel_take(f->answers))) {
        take_answer(f, m);
        message_free(m);
    }
}

static void look_for_late(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct forward *f = arg;
    const struct timeval again = {0, LOOK_MS * 1000};
    size_t waiting = 0;
    for (size_t i = 0; i < MAX_PENDING; i++) {
        struct pending *p = &f->pending[i];
        if (!p->connection || p->answer || p->late)
            continue;
        waiting++;
        if (monotonic_ms() >= p->until) {
            p->late = true;
            server_wake(p->connection);
        }
    }
    if (waiting)
        evtimer_add(f->timer, &again);
}

struct forward *forward_new(struct event_base *base, struct bus *b)
{
    struct forward *f = mem_zero(sizeof *f);
    f->bus = b;
    f->last_id = wall_clock_ms() * 1000; /* answers to an earlier process are not ours */
    bus_subject(b, "answer", bus_name(b), f->inbox);
    bus_subject(b, "write", NULL, f->engine);
    f->answers = channel_new(MAX_PENDING);
    f->arrived =
        must_event(event_new(base, channel_fd(f->answers), EV_READ | EV_PERSIST, on_answers, f));
    event_add(f->arrived, NULL);
    f->timer = must_event(evtimer_new(base, look_for_late, f));
    bus_listen(b, f->inbox, f->answers, 0);
    return f;
}

void forward_free(struct forward *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < MAX_PENDING; i++)
        json_decref(f->pending[i].answer);
    event_free(f->arrived);
    event_free(f->timer);
    bus_unlisten(f->bus, f->answers);
    channel_free(f->answers);
    free(f);
}

static json_t *pack_request(const struct forward *f, const struct request *r)
{
    json_t *headers = json_object();
    for (size_t i = 0; i < sizeof forwarded / sizeof *forwarded; i++) {
        const char *value = request_header(r, forwarded[i]);
        if (value)
            json_object_set_new(headers, forwarded[i], json_string(value));
    }
    json_t *parameters = json_object();
    for (size_t i = 0; i < r->n_parameters; i++)
        json_object_set_new(parameters, r->parameters[i].name, json_string(r->parameters[i].value));
    return json_pack("{s:I, s:s, s:s, s:o, s:o, s:s%, s:s, s:s*, s:s*, s:b}", "id", f->last_id,
                     "inbox", f->inbox, "path", r->path, "parameters", parameters, "headers",
                     headers, "body", r->body ? r->body : "", r->body ? r->body_length : (size_t)0,
                     "reader", r->reader, "user", r->user, "role", r->role, "may_write",
                     r->may_write);
}

void forward_request(struct forward *f, const struct request *r, struct reply *out)
{
    const struct timeval again = {0, LOOK_MS * 1000};
    struct pending *p = NULL;
    for (size_t i = 0; i < MAX_PENDING && !p; i++)
        if (!f->pending[i].connection)
            p = &f->pending[i];
    f->last_id++;
    json_t *ask = p && bus_is_connected(f->bus) ? pack_request(f, r) : NULL;
    if (!ask || !server_hold(r->connection, forget_pending, answer_client, p)) {
        no_engine(out);
        json_decref(ask);
        return;
    }
    *p = (struct pending){.of = f,
                          .connection = r->connection,
                          .id = f->last_id,
                          .until = monotonic_ms() + TIMEOUT_MS};
    out->held = true;
    char *text = json_dumps(ask, JSON_COMPACT);
    bus_send(f->bus, f->engine, text, strlen(text));
    evtimer_add(f->timer, &again);
    free(text);
    json_decref(ask);
}

static bool is_forwarded(const struct route *route)
{
    for (size_t i = 0; i < sizeof local_paths / sizeof *local_paths; i++)
        if (!strcmp(route->pattern, local_paths[i]))
            return false;
    return route->method == REQUEST_POST &&
           (route->access != ROUTES_OPEN || !strcmp(route->pattern, submissions));
}

struct routes forward_routes(const struct routes *all, routes_handler *handler)
{
    struct route *v = mem_alloc(all->n * sizeof *v);
    for (size_t i = 0; i < all->n; i++) {
        v[i] = all->v[i];
        if (is_forwarded(&v[i]))
            v[i].handler = handler;
    }
    return (struct routes){v, all->n};
}

/* ---- the engine ----------------------------------------------------------------------------- */

static size_t read_pairs(const json_t *from, struct request_pair *out, size_t most)
{
    const char *name;
    json_t *value;
    size_t n = 0;
    json_object_foreach((json_t *)(uintptr_t)from, name,
                        value) if (n < most && json_is_string(value)) out[n++] =
        (struct request_pair){name, json_string_value(value)};
    return n;
}

static void read_request(const json_t *ask, struct request *r)
{
    const char *reader = json_string_value(json_object_get(ask, "reader"));
    *r = (struct request){.method = REQUEST_POST,
                          .path = json_string_value(json_object_get(ask, "path")),
                          .body = json_string_value(json_object_get(ask, "body")),
                          .body_length = json_string_length(json_object_get(ask, "body")),
                          .may_write = json_is_true(json_object_get(ask, "may_write")),
                          .user = json_string_value(json_object_get(ask, "user")),
                          .role = json_string_value(json_object_get(ask, "role")),
                          .peer_uid = -1};
    r->target = r->path;
    snprintf(r->reader, sizeof r->reader, "%s", reader ? reader : "");
    r->n_parameters =
        read_pairs(json_object_get(ask, "parameters"), r->parameters, REQUEST_MAX_PARAMETERS);
    r->n_headers = read_pairs(json_object_get(ask, "headers"), r->headers, REQUEST_MAX_HEADERS);
}

void forward_answer(struct bus *b, const struct routes *all, struct routes_context *c,
                    const struct message *m)
{
    json_t *ask = json_loadb(m->data, m->n, 0, NULL);
    const char *inbox = json_string_value(json_object_get(ask, "inbox"));
    struct request r;
    struct reply out;
    struct buf allow;
    int status = 404;
    read_request(ask, &r);
    buf_init(&allow, 256);
    reply_init(&out);
    const struct route *route = inbox && r.path ? routes_find(all, &r, &status, &allow) : NULL;
    if (route)
        route->handler(c, &r, &out);
    else
        reply_problem(&out, status, "the engine has no such address; upgrade it");
    if (inbox && !out.held) {
        json_t *answer =
            json_pack("{s:O, s:i, s:s*, s:s%, s:s}", "id", json_object_get(ask, "id"), "status",
                      out.status, "type", out.type, "body", buf_text(&out.body), out.body.len,
                      "headers", buf_text(&out.headers));
        char *text = json_dumps(answer, JSON_COMPACT);
        if (text)
            bus_send(b, inbox, text, strlen(text));
        free(text);
        json_decref(answer);
    }
    buf_free(&allow);
    reply_free(&out);
    json_decref(ask);
}
