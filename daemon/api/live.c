/* Serves /api/v1/changes and /api/v1/stream. Each client is woken after a commit and reads on
 * from its position. */
#include "api/live.h"

#include "api/api.h"
#include "base/mem.h"
#include "api/ask.h"
#include "net/server.h"
#include "log.h"
#include "must.h"
#include "base/clock.h"
#include "store/reader.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    LIMIT = 100,
    MAX_LIMIT = 1000,
    MAX_WAIT = 60,     /* seconds */
    HEARTBEAT = 15000, /* ms; proxies and clients give up a line that is silent for longer */
    TICK = 500,        /* ms */
    PIECE = 64 << 10,  /* of a stream, sent at once; a long change may exceed it */
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
    struct event *tick;
    int64_t next_heartbeat;
    uint64_t from, to; /* the piece that was made last: changes after `from` up to `to` */
    struct buf piece;
    struct reply reply; /* of long polls */
};

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
    int error = reader_changes_since(view, seq, &list);
    if (error)
        return error;
    buf_adds(out, "{\"changes\":[");
    *last = seq;
    for (size_t n = 0; n < limit && out->len < REPLY_PAGE && !(error = story_next(list, &e)); n++) {
        if (n)
            buf_adds(out, ",\n");
        buf_add(out, e.json, e.length);
        *last = e.seq;
    }
    story_list_free(list);
    buf_addf(out, "],\"seq\":%" PRIu64, *last);
    if (*last < story_last_seq(view))
        buf_addf(out, ",\"next\":\"%" PRIu64 "\"}\n", *last);
    else
        buf_adds(out, ",\"next\":null}\n");
    return error == STORY_END ? 0 : error;
}

/* The changes after `since` are no longer complete: where to go on from. */
static void answer_gone(story_view *view, uint64_t cursor, struct reply *out)
{
    uint64_t last = story_last_seq(view);
    reply_problem(out, 410,
                  "changes after %" PRIu64 " were deleted; read the events that you need, then "
                  "continue from seq",
                  cursor);
    buf_cut(&out->body, out->body.len - strlen("}\n"));
    buf_addf(&out->body, ",\"seq\":%" PRIu64 ",\"first\":%" PRIu64 "}\n", last,
             reader_number(view, "changes_from"));
}

static void answer_changes(story_db *db, uint64_t seq, size_t limit, struct reply *out)
{
    story_view *view;
    uint64_t last;
    int error = story_view_begin(db, &view);
    if (!error) {
        out->type = "application/json";
        error = write_changes(view, seq, limit, &out->body, &last);
        if (error == STORY_GONE)
            answer_gone(view, seq, out);
        story_view_end(view);
    }
    if (error && error != STORY_GONE)
        api_failed(out, error);
}

/* Adds one change; false when there is no room for it. */
static bool add_change(struct buf *piece, const struct story_entry *e)
{
    size_t before = piece->len;
    buf_addf(piece, "id: %" PRIu64 "\nevent: change\ndata: ", e->seq);
    buf_add(piece, e->json, e->length);
    buf_adds(piece, "\n\n");
    if (!piece->full)
        return true;
    buf_cut(piece, before);
    return false;
}

/* The next piece of a stream; the same for all who have come equally far. The records go out as
 * they lie in the store: none is parsed, however many streams there are. */
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
    int error = reader_changes_since(view, from, &list);
    while (!error && l->piece.len < PIECE && !(error = story_next(list, &e))) {
        bool fits = add_change(&l->piece, &e);
        if (!fits && l->piece.len)
            break; /* it begins the next piece */
        if (!fits)
            log_line(LOG_WARNING, "change_left_out",
                     "a change is too long for a stream and was left out; /api/v1/changes has it",
                     LOG_N("seq", e.seq));
        l->to = e.seq;
    }
    story_list_free(list);
    story_view_end(view);
    return l->to > from;
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

/* Sends the next piece if the client has received the previous one. May free the waiter. */
static void send_piece(struct waiter *w)
{
    struct live *l = w->live;
    struct server_connection *c = w->connection;
    if (w->seq >= l->seq || server_unsent(c) || !make_piece(l, w->seq))
        return;
    w->seq = l->to;
    bool more = w->seq < l->seq;
    if (l->piece.len && !server_send(c, l->piece.p, l->piece.len))
        return; /* and it is freed */
    if (more && !server_unsent(c))
        server_wake(c);
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

/* The server calls this when the waiter may send. */
static void on_ready(void *arg)
{
    struct waiter *w = arg;
    if (w->is_stream)
        send_piece(w);
    else
        end_wait(w);
}

void live_committed(struct live *l)
{
    uint64_t seq = read_last(l->db);
    if (seq == l->seq)
        return;
    l->seq = seq;
    for (struct waiter *w = l->waiters; w; w = w->next)
        if (w->seq < seq)
            server_wake(w->connection);
}

static void tick_soon(struct live *l)
{
    const struct timeval tick = {TICK / 1000, TICK % 1000 * 1000};
    if (!evtimer_pending(l->tick, NULL))
        evtimer_add(l->tick, &tick);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct live *l = arg;
    struct waiter *next;
    int64_t now = coarse_ms();
    bool beat = now >= l->next_heartbeat;
    if (beat)
        l->next_heartbeat = now + HEARTBEAT;
    for (struct waiter *w = l->waiters; w; w = next) {
        next = w->next;
        if (!w->is_stream && now >= w->until)
            server_wake(w->connection);
        else if (w->is_stream && beat && !server_unsent(w->connection))
            server_send(w->connection, ":\n\n", 3);
    }
    if (l->waiters)
        tick_soon(l);
}

static struct waiter *begin_wait(struct live *l, const struct request *r, struct reply *out)
{
    struct waiter *w = mem_zero(sizeof *w);
    if (!server_hold(r->connection, on_gone, on_ready, w)) {
        reply_header(out, "Retry-After", "30");
        reply_problem(out, 503, "too many clients are waiting for changes; see streams in [http]");
        free(w);
        return NULL;
    }
    *w = (struct waiter){.live = l, .next = l->waiters, .link = &l->waiters};
    w->connection = r->connection;
    if (w->next)
        w->next->link = &w->next;
    l->waiters = w;
    tick_soon(l);
    out->held = true;
    return w;
}

/* ---- what clients ask ----------------------------------------------------------------------- */

void live_changes(struct routes_context *c, const struct request *r, struct reply *out)
{
    static const struct ask_parameter known[] = {
        {"cursor", 0, INT64_MAX, 0}, {"limit", 1, MAX_LIMIT, LIMIT}, {"wait", 0, MAX_WAIT, 0}};
    int64_t values[3];
    if (!ask_numbers(r, known, 3, values, out))
        return;
    uint64_t cursor = (uint64_t)values[0], limit = (uint64_t)values[1];
    if (cursor > c->live->seq) {
        reply_problem(out, 400, "cursor=%" PRIu64 " is in the future; the last change is %" PRIu64,
                      cursor, c->live->seq);
        return;
    }
    if (cursor < c->live->seq || !values[2] || r->method == REQUEST_HEAD) {
        answer_changes(c->db, cursor, (size_t)limit, out);
        return;
    }
    struct waiter *w = begin_wait(c->live, r, out);
    if (!w)
        return;
    w->seq = cursor;
    w->limit = (size_t)limit;
    w->until = coarse_ms() + values[2] * 1000;
}

/* From the change that a client names as its last one; from now on when it names none. */
static bool read_stream_place(struct live *l, const struct request *r, uint64_t *seq,
                              struct reply *out)
{
    static const char *const known[] = {"cursor", NULL};
    const char *last = request_header(r, "Last-Event-ID"), *cursor = request_parameter(r, "cursor");
    int64_t value = (int64_t)l->seq;
    if (!ask_only(r, known, out))
        return false;
    if (last && *last) {
        if (!ask_number("Last-Event-ID", last, 0, INT64_MAX, &value, out))
            return false;
    } else if (cursor && !ask_number("cursor", cursor, 0, INT64_MAX, &value, out)) {
        return false;
    }
    /* of a store that is no more: there is nothing to go on from but the present */
    *seq = (uint64_t)value < l->seq ? (uint64_t)value : l->seq;
    return true;
}

/* True, and answered, when changes after the place were deleted. */
static bool is_place_gone(struct live *l, uint64_t seq, struct reply *out)
{
    story_view *view;
    if (story_view_begin(l->db, &view))
        return false; /* reading fails later, and is tried again */
    bool gone = seq && seq + 1 < reader_number(view, "changes_from");
    if (gone)
        answer_gone(view, seq, out);
    story_view_end(view);
    return gone;
}

void live_stream(struct routes_context *c, const struct request *r, struct reply *out)
{
    static const char hello[] = "retry: 2000\n\n";
    struct live *l = c->live;
    uint64_t seq;
    if (!read_stream_place(l, r, &seq, out) || is_place_gone(l, seq, out))
        return;
    out->type = "text/event-stream";
    if (r->method == REQUEST_HEAD)
        return;
    struct waiter *w = begin_wait(l, r, out);
    if (!w)
        return;
    w->is_stream = true;
    w->seq = seq;
    if (server_stream(w->connection, out) && server_send(w->connection, hello, sizeof hello - 1))
        server_wake(w->connection);
}

/* ---- start and stop ------------------------------------------------------------------------- */

struct live *live_new(struct event_base *base, story_db *db)
{
    struct live *l = mem_zero(sizeof *l);
    l->db = db;
    l->seq = read_last(db);
    buf_init(&l->piece, SERVER_MAX_PIECE);
    reply_init(&l->reply);
    l->tick = must_event(evtimer_new(base, on_tick, l));
    return l;
}

void live_free(struct live *l)
{
    if (!l)
        return;
    event_free(l->tick);
    buf_free(&l->piece);
    reply_free(&l->reply);
    free(l);
}
