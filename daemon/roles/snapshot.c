/* Serves and loads copies of the store; see snapshot.h.
 *
 * A request has `session`, a random number of the client's, and `part`, counted from 0. The server
 * keeps the view of one session at a time, and the part that it sent last, in case its response is
 * lost. A response is a part of an envelope whose bytes are changes of the store (oplog.h). */
#include "roles/snapshot.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/thread.h"
#include "log.h"
#include "roles/bus.h"
#include "roles/channel.h"
#include "roles/envelope.h"
#include "store/dump.h"
#include "store/oplog.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
    PIECE = 1 << 20, /* bytes of changes in an envelope */
    IDLE_MS = 20000, /* until the view of a client that has gone is ended */
    ANSWER_MS = 5000,
    TRIES = 4,
    TELL_MS = 5000,
    MAX_REQUESTS = 32,
    WAIT_MS = 250,
};

struct snapshots {
    struct bus *bus;
    struct store *store;
    struct channel *requests;
    pthread_t thread;
    atomic_bool stop;
    /* of the session: */
    struct dump *dump;
    json_int_t session, part; /* of the part sent last; -1: none */
    struct envelope_parts parts;
    size_t sent; /* of the parts */
    uint64_t envelopes;
    bool more;
    int64_t used;
};

/* ---- serving -------------------------------------------------------------------------------- */

static void end_session(struct snapshots *s)
{
    dump_end(s->dump);
    s->dump = NULL;
    envelope_parts_free(&s->parts);
}

static bool begin_session(struct snapshots *s, json_int_t session)
{
    end_session(s);
    if (store_dump(s->store, &s->dump))
        return false;
    s->session = session;
    s->part = -1;
    s->sent = 0;
    s->envelopes = 0;
    s->more = true;
    return true;
}

/* Prepares the next envelope. */
static bool read_piece(struct snapshots *s)
{
    struct store_value place;
    struct buf changes;
    buf_init(&changes, SIZE_MAX / 2);
    envelope_parts_free(&s->parts);
    bool ok = !dump_next(s->dump, &changes, PIECE, &s->more) &&
              !dump_get(s->dump, STORE_CLUSTER, store_place, &place);
    if (ok) {
        json_t *head = json_pack("{s:s, s:o, s:b, s:i}", "kind", "snapshot", "place",
                                 json_loadb(place.p, place.n, 0, NULL), "more", s->more, "schema",
                                 STORE_SCHEMA_VERSION);
        envelope_write(head, ++s->envelopes, changes.p, changes.len, &s->parts);
        json_decref(head);
    }
    buf_free(&changes);
    s->sent = 0;
    return ok;
}

static void serve_part(struct snapshots *s, const struct message *m)
{
    json_t *ask = json_loadb(m->data, m->n, 0, NULL);
    json_int_t session = json_integer_value(json_object_get(ask, "session")),
               part = json_integer_value(json_object_get(ask, "part"));
    json_decref(ask);
    int64_t now = monotonic_ms();
    bool fresh = !s->dump || (session != s->session && now - s->used > IDLE_MS);
    if (fresh && part == 0 && !begin_session(s, session))
        return;
    if (!s->dump || session != s->session || !m->reply)
        return; /* busy: the client tries again */
    s->used = now;
    if (part == s->part + 1) {
        if (s->sent == s->parts.n && (!s->more || !read_piece(s)))
            return;
        s->sent++;
        s->part = part;
    }
    if (part == s->part)
        bus_send(s->bus, m->reply, s->parts.v[s->sent - 1].p, s->parts.v[s->sent - 1].len);
}

static void *serve_snapshots(void *arg)
{
    struct snapshots *s = arg;
    struct pollfd fd = {.fd = channel_fd(s->requests), .events = POLLIN};
    while (!atomic_load(&s->stop)) {
        struct message *m = channel_take(s->requests);
        if (m)
            serve_part(s, m);
        else if (poll(&fd, 1, WAIT_MS) == 0 && s->dump && monotonic_ms() - s->used > IDLE_MS)
            end_session(s);
        message_free(m);
    }
    end_session(s);
    return NULL;
}

struct snapshots *snapshots_new(struct bus *b, struct store *store)
{
    struct snapshots *s = mem_zero(sizeof *s);
    char subject[BUS_SUBJECT];
    s->bus = b;
    s->store = store;
    s->requests = channel_new(MAX_REQUESTS);
    bus_listen(b, bus_subject(b, "snapshot", NULL, subject), s->requests, 0);
    if (thread_start(&s->thread, serve_snapshots, s))
        abort(); /* no threads at the start */
    return s;
}

void snapshots_free(struct snapshots *s)
{
    if (!s)
        return;
    atomic_store(&s->stop, true);
    pthread_join(s->thread, NULL);
    bus_unlisten(s->bus, s->requests);
    channel_free(s->requests);
    free(s);
}

/* ---- loading -------------------------------------------------------------------------------- */

static enum bus_result ask_part(struct bus *b, uint64_t session, uint64_t part, struct buf *out)
{
    char subject[BUS_SUBJECT];
    json_t *o = json_pack("{s:I, s:I}", "session", (json_int_t)session, "part", (json_int_t)part);
    char *text = json_dumps(o, JSON_COMPACT);
    bus_subject(b, "snapshot", NULL, subject);
    enum bus_result r = BUS_UNKNOWN;
    for (int i = 0; i < TRIES && r == BUS_UNKNOWN; i++)
        r = bus_request(b, subject, text, strlen(text), ANSWER_MS, out);
    free(text);
    json_decref(o);
    return r;
}

static int clear_store(struct store *s)
{
    struct buf changes;
    buf_init(&changes, 1 << 16);
    for (int db = 0; db < STORE_DATABASE_COUNT; db++)
        if (!store_is_local((enum store_db)db))
            oplog_add(&changes, &(struct oplog_change){.kind = OPLOG_CLEAR,
                                                       .db = (enum store_db)db,
                                                       .key = {"", 0},
                                                       .value = {"", 0}});
    int error = store_apply(s, changes.p, changes.len);
    buf_free(&changes);
    return error;
}

/* One complete envelope. */
static int take_snapshot_piece(struct store *s, const json_t *head, const struct buf *changes,
                               bool *more, struct log_place *place)
{
    if (json_integer_value(json_object_get(head, "schema")) > STORE_SCHEMA_VERSION)
        return STORE_NEWER;
    place_read(json_object_get(head, "place"), place);
    *more = json_is_true(json_object_get(head, "more"));
    return store_apply(s, changes->p ? changes->p : "", changes->len);
}

int snapshot_load(struct bus *b, struct store *s, struct log_place *out)
{
    struct envelope_join join = {0};
    uint64_t session = 0, bytes = 0;
    int64_t told = monotonic_ms();
    bool more = true, cleared = false;
    int error = 0;
    if (getrandom(&session, sizeof session, 0) != sizeof session)
        abort(); /* it does not fail */
    session >>= 12;
    for (uint64_t part = 0; !error && more; part++) {
        struct buf data, changes;
        json_t *head;
        if (ask_part(b, session, part, &data) != BUS_OK) {
            error = STORE_FENCED;
            break;
        }
        if (!cleared)
            error = clear_store(s);
        cleared = true;
        int got = error ? 0 : envelope_read(&join, data.p ? data.p : "", data.len, &head, &changes);
        bytes += data.len;
        if (got < 0)
            error = STORE_FENCED;
        if (got > 0) {
            error = take_snapshot_piece(s, head, &changes, &more, out);
            json_decref(head);
            buf_free(&changes);
        }
        buf_free(&data);
        if (monotonic_ms() - told > TELL_MS) {
            log_line(LOG_INFO, "copying", "copying the engine's store", LOG_N("bytes", bytes));
            told = monotonic_ms();
        }
    }
    envelope_join_free(&join);
    if (!error)
        error = place_save(s, out);
    return error ? error : place_rejoin(s);
}
