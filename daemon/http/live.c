#include "http/live.h"

#include "http/api.h"
#include "base/mem.h"
#include "http/ask.h"
#include "http/server.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    LIMIT = 100,
    MAX_LIMIT = 1000,
    MAX_WAIT = 60,         /* seconds */
    HEARTBEAT = 15000,     /* ms; proxies and clients give up a line that is silent for longer */
    TICK = 500,            /* ms */
    MAX_BYTES = 1 << 20,   /* of an answer; past them it ends before its limit */
    PIECE = 64 << 10,      /* of a stream, sent at once */
    PIECES_PER_TURN = 4,   /* to one client; then others have their turn */
    MAX_PIECE = 256 << 10, /* with a long change at its end */
};

struct waiter {
    struct live *live;
    struct waiter *next, **link;
    struct server_connection *connection;
    bool is_stream;
    uint64_t seq; /* it has all changes up to this one */
    size_t limit;
    int64_t until; /* ms; of a long poll */
};

struct live {
    story_db *db;
    uint64_t seq; /* of the last committed change */
    struct waiter *waiters;
    struct event *tick, *again;
    int64_t next_heartbeat;
    uint64_t from, to; /* the piece that was made last: changes after `from` up to `to` */
    struct buf piece;
    struct reply reply; /* of long polls */
};

static int64_t clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- reading -------------------------------------------------------------------------------- */

static uint64_t read_last(story_db *db)
{
    story_view *view;
    if (story_view_begin(db, &view))
        return 0;
    uint64_t seq = story_last_seq(view);
    story_view_end(view);
    return seq;
}

/* Changes after `seq` as JSON; `*last` is that of the last one, or `seq`. */
static int write_changes(story_view *view, uint64_t seq, size_t limit, struct buf *out,
                         uint64_t *last)
{
    story_list *list;
    struct story_entry e;
    int error = story_changes_since(view, seq, &list);
    if (error)
        return error;
    buf_adds(out, "{\"changes\":[");
    *last = seq;
    for (size_t n = 0; n < limit && out->len < MAX_BYTES && !(error = story_next(list, &e)); n++) {
        if (n)
            buf_adds(out, ",\n");
        buf_add(out, e.json, e.length);
        *last = e.seq;
    }
    story_list_free(list);
    buf_addf(out, "],\"seq\":%" PRIu64 ",\"more\":%s}\n", *last,
             *last < story_last_seq(view) ? "true" : "false");
    return error == STORY_END ? 0 : error;
}

static void answer_changes(story_db *db, uint64_t seq, size_t limit, struct reply *out)
{
    story_view *view;
    uint64_t last;
    int error = story_view_begin(db, &view);
    if (!error) {
        out->type = "application/json";
        error = write_changes(view, seq, limit, &out->body, &last);
        story_view_end(view);
    }
    if (error)
        api_failed(out, error);
}

/* The next piece of a stream; the same for all who have come equally far. */
static bool make_piece(struct live *l, uint64_t from)
{
    story_view *view;
    story_list *list;
    struct story_entry e;
    if (l->from == from && l->to > from)
        return true;
    buf_clear(&l->piece);
    l->from = l->to = from;
    if (story_view_begin(l->db, &view))
        return false;
    int error = story_changes_since(view, from, &list);
    while (!error && l->piece.len < PIECE && !(error = story_next(list, &e))) {
        buf_addf(&l->piece, "id: %" PRIu64 "\nevent: change\ndata: ", e.seq);
        buf_add(&l->piece, e.json, e.length);
        buf_adds(&l->piece, "\n\n");
        l->to = e.seq;
    }
    story_list_free(list);
    story_view_end(view);
    return l->to > from && !l->piece.full;
}

/* ---- waiting -------------------------------------------------------------------------------- */

static void unlink_waiter(struct waiter *w)
{
    *w->link = w->next;
    if (w->next)
        w->next->link = w->link;
}

static void on_gone(void *arg)
{
    struct waiter *w = arg;
    unlink_waiter(w);
    free(w);
}

/* Sends what there is, as far as the client takes it at once. The waiter may be gone after it. */
static void pump(struct waiter *w)
{
    struct live *l = w->live;
    for (int i = 0; i < PIECES_PER_TURN && w->seq < l->seq; i++) {
        if (server_unsent(w->connection) || !make_piece(l, w->seq))
            return;
        w->seq = l->to;
        if (!server_send(w->connection, l->piece.p, l->piece.len))
            return; /* and it is freed */
    }
    if (w->seq < l->seq)
        event_active(l->again, 0, 0);
}

static void on_drained(void *arg)
{
    pump(arg);
}

static void end_wait(struct waiter *w)
{
    struct server_connection *c = w->connection;
    struct live *l = w->live;
    reply_clear(&l->reply);
    answer_changes(l->db, w->seq, w->limit, &l->reply);
    unlink_waiter(w);
    free(w);
    server_answer(c, &l->reply);
}

static void serve_all(struct live *l)
{
    struct waiter *next;
    for (struct waiter *w = l->waiters; w; w = next) {
        next = w->next;
        if (w->is_stream)
            pump(w);
        else if (w->seq < l->seq)
            end_wait(w);
    }
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    serve_all(arg);
}

void live_committed(struct live *l)
{
    uint64_t seq = read_last(l->db);
    if (seq == l->seq)
        return;
    l->seq = seq;
    serve_all(l);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct live *l = arg;
    struct waiter *next;
    int64_t now = clock_ms();
    bool beat = now >= l->next_heartbeat;
    if (beat)
        l->next_heartbeat = now + HEARTBEAT;
    for (struct waiter *w = l->waiters; w; w = next) {
        next = w->next;
        if (!w->is_stream && now >= w->until)
            end_wait(w);
        else if (w->is_stream && beat && !server_unsent(w->connection))
            server_send(w->connection, ":\n\n", 3);
    }
}

static struct waiter *begin_wait(struct live *l, const struct request *r, struct reply *out,
                                 void (*drained)(void *))
{
    struct waiter *w = mem_zero(sizeof *w);
    if (!server_hold(r->connection, on_gone, drained, w)) {
        reply_header(out, "Retry-After", "30");
        reply_problem(out, 503, "too many clients wait for changes; see streams in [http]");
        free(w);
        return NULL;
    }
    *w = (struct waiter){.live = l, .next = l->waiters, .link = &l->waiters};
    w->connection = r->connection;
    if (w->next)
        w->next->link = &w->next;
    l->waiters = w;
    out->held = true;
    return w;
}

/* ---- what clients ask ----------------------------------------------------------------------- */

void live_changes(struct routes_context *c, const struct request *r, struct reply *out)
{
    static const struct ask_parameter known[] = {
        {"since", 0, INT64_MAX, 0}, {"limit", 1, MAX_LIMIT, LIMIT}, {"wait", 0, MAX_WAIT, 0}};
    int64_t values[3];
    if (!ask_numbers(r, known, 3, values, out))
        return;
    uint64_t since = (uint64_t)values[0], limit = (uint64_t)values[1];
    if (since > c->live->seq) {
        reply_problem(out, 400, "since=%" PRIu64 " is in the future; the last change is %" PRIu64,
                      since, c->live->seq);
        return;
    }
    if (since < c->live->seq || !values[2] || r->method == REQUEST_HEAD) {
        answer_changes(c->db, since, (size_t)limit, out);
        return;
    }
    struct waiter *w = begin_wait(c->live, r, out, NULL);
    if (!w)
        return;
    w->seq = since;
    w->limit = (size_t)limit;
    w->until = clock_ms() + values[2] * 1000;
}

/* From the change that a client names as its last one; from now on when it names none. */
static bool read_place(struct live *l, const struct request *r, uint64_t *seq, struct reply *out)
{
    static const char *const known[] = {"since", NULL};
    const char *last = request_header(r, "Last-Event-ID"), *since = request_parameter(r, "since");
    int64_t value = (int64_t)l->seq;
    if (!ask_only(r, known, out))
        return false;
    if (last && *last) {
        if (!ask_number("Last-Event-ID", last, 0, INT64_MAX, &value, out))
            return false;
    } else if (since && !ask_number("since", since, 0, INT64_MAX, &value, out)) {
        return false;
    }
    /* of a store that is no more: there is nothing to go on from but the present */
    *seq = (uint64_t)value < l->seq ? (uint64_t)value : l->seq;
    return true;
}

void live_stream(struct routes_context *c, const struct request *r, struct reply *out)
{
    static const char hello[] = "retry: 2000\n\n";
    struct live *l = c->live;
    uint64_t seq;
    if (!read_place(l, r, &seq, out))
        return;
    out->type = "text/event-stream";
    if (r->method == REQUEST_HEAD)
        return;
    struct waiter *w = begin_wait(l, r, out, on_drained);
    if (!w)
        return;
    w->is_stream = true;
    w->seq = seq;
    if (server_stream(w->connection, out) && server_send(w->connection, hello, sizeof hello - 1))
        pump(w);
}

/* ---- start and stop ------------------------------------------------------------------------- */

struct live *live_new(struct event_base *base, story_db *db)
{
    struct live *l = mem_zero(sizeof *l);
    struct timeval tick = {TICK / 1000, TICK % 1000 * 1000};
    l->db = db;
    l->seq = read_last(db);
    buf_init(&l->piece, MAX_PIECE);
    reply_init(&l->reply);
    l->tick = event_new(base, -1, EV_PERSIST, on_tick, l);
    l->again = event_new(base, -1, 0, on_again, l);
    if (!l->tick || !l->again)
        abort(); /* out of memory */
    event_add(l->tick, &tick);
    return l;
}

void live_free(struct live *l)
{
    if (!l)
        return;
    event_free(l->tick);
    event_free(l->again);
    buf_free(&l->piece);
    reply_free(&l->reply);
    free(l);
}
