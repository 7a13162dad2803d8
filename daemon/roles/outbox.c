/* Keeps and sends what a fetcher has found; see outbox.h. A thread packs and publishes what the
 * loop reads from the store.
 *
 * An envelope has the members `from`, the random name of this store; `member`; `first`, the number
 * of its first entry; its bytes are a JSON array of entries with consecutive numbers. */
#include "roles/outbox.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/thread.h"
#include "log.h"
#include "must.h"
#include "roles/bus.h"
#include "roles/channel.h"
#include "roles/envelope.h"
#include "roles/place.h"

#include <event2/event.h>
#include <inttypes.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAME = STORE_ARRIVALS_KEY,
    SEND_BYTES = 128 << 10, /* of an envelope, unless one entry is longer */
    SEND_ENTRIES = 256,
    MAX_SENDING = 4, /* envelopes that wait for the thread */
    MAX_MESSAGES = 64,
    LOOK_S = 2,
    PATIENCE_MS = 10000, /* without progress, until all is sent again */
    AGAIN_MS = 500,
};
enum { MESSAGE_STORED, MESSAGE_SENT };

/* In _cluster: the name of this store among fetchers, and the number of the last entry. */
static const char from_key[] = "outbox", last_key[] = "outbox_last";

struct sending {
    uint64_t first;
    struct buf text;
    struct sending *next;
};

struct outbox {
    struct bus *bus;
    struct store *store;
    struct outbox_client client;
    size_t most;
    char from[NAME + 1];
    uint64_t last, committed; /* entries in the batch, on the disk */
    uint64_t sent;            /* given to the thread */
    uint64_t stored, deleted; /* the engine has, no longer here */
    size_t bytes;
    bool full, writing;
    uint64_t heard;   /* the last number that the engine told */
    int64_t progress; /* when something was last stored or sent; monotonic */
    struct channel *messages;
    struct event *arrived, *timer;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    /* under the lock: */
    struct sending *first, **end;
    size_t n_sending;
    unsigned round; /* another one: what is being sent is dropped */
    bool stop;
};

/* ---- the thread ----------------------------------------------------------------------------- */

static struct sending *next_sending(struct outbox *o)
{
    struct sending *s = o->first;
    o->first = s->next;
    if (!o->first)
        o->end = &o->first;
    o->n_sending--;
    return s;
}

static void free_sending(struct sending *s)
{
    buf_free(&s->text);
    free(s);
}

static bool is_dropped(struct outbox *o, unsigned round, bool wait)
{
    pthread_mutex_lock(&o->lock);
    if (wait && !o->stop && round == o->round)
        thread_wait(&o->wake, &o->lock, AGAIN_MS);
    bool dropped = o->stop || round != o->round;
    pthread_mutex_unlock(&o->lock);
    return dropped;
}

static void publish_sending(struct outbox *o, const struct sending *s, unsigned round)
{
    char subject[BUS_SUBJECT];
    struct envelope_parts parts;
    json_t *head = json_pack("{s:s, s:s, s:I}", "from", o->from, "member", bus_name(o->bus),
                             "first", (json_int_t)s->first);
    envelope_write(head, s->first, s->text.p, s->text.len, &parts);
    bus_subject(o->bus, "in", bus_name(o->bus), subject);
    for (size_t i = 0; i < parts.n; i++) {
        uint64_t seq;
        while (bus_publish(o->bus, subject, parts.v[i].p, parts.v[i].len, NULL, false, &seq) !=
               BUS_OK)
            if (is_dropped(o, round, true))
                break;
        if (is_dropped(o, round, false))
            break;
    }
    envelope_parts_free(&parts);
    json_decref(head);
}

static void *publish_all(void *arg)
{
    struct outbox *o = arg;
    pthread_mutex_lock(&o->lock);
    while (!o->stop) {
        if (!o->first) {
            pthread_cond_wait(&o->wake, &o->lock);
            continue;
        }
        struct sending *s = next_sending(o);
        unsigned round = o->round;
        pthread_mutex_unlock(&o->lock);
        publish_sending(o, s, round);
        free_sending(s);
        channel_put(o->messages, message_new(MESSAGE_SENT, NULL, 0), false);
        pthread_mutex_lock(&o->lock);
    }
    pthread_mutex_unlock(&o->lock);
    return NULL;
}

/* ---- the loop ------------------------------------------------------------------------------- */

struct outbox_reading {
    struct sending *s;
    uint64_t next, until;
};

/* Adds entries to an envelope's text, until there are enough. */
static int read_outbox_entry(void *arg, uint64_t number, struct store_value v)
{
    struct outbox_reading *r = arg;
    struct buf *text = &r->s->text;
    uint64_t n = r->next - r->s->first;
    bool enough = n && (text->len + v.n > SEND_BYTES || n >= SEND_ENTRIES);
    if (number != r->next || number > r->until || enough)
        return 1;
    buf_addc(text, n ? ',' : '[');
    buf_add(text, v.p, v.n);
    r->next++;
    return 0;
}

static void send_more(struct outbox *o)
{
    while (!o->writing && o->sent < o->committed) {
        pthread_mutex_lock(&o->lock);
        bool room = o->n_sending < MAX_SENDING;
        pthread_mutex_unlock(&o->lock);
        if (!room)
            return;
        struct sending *s = mem_zero(sizeof *s);
        struct outbox_reading r = {s, o->sent + 1, o->committed};
        s->first = o->sent + 1;
        buf_init(&s->text, SIZE_MAX / 2);
        int error = store_each(o->store, STORE_OUTBOX, r.next, read_outbox_entry, &r);
        if (r.next == o->sent + 1) {
            free_sending(s);
            if (error < 0)
                o->client.wrote(o->client.arg, error);
            return;
        }
        buf_addc(&s->text, ']');
        o->sent = r.next - 1;
        pthread_mutex_lock(&o->lock);
        *o->end = s;
        o->end = &s->next;
        o->n_sending++;
        pthread_cond_signal(&o->wake);
        pthread_mutex_unlock(&o->lock);
    }
}

static void send_again(struct outbox *o)
{
    pthread_mutex_lock(&o->lock);
    while (o->first)
        free_sending(next_sending(o));
    o->round++;
    pthread_cond_signal(&o->wake);
    pthread_mutex_unlock(&o->lock);
    o->sent = o->stored;
    o->progress = monotonic_ms();
    send_more(o);
}

static void look_at_ceiling(struct outbox *o)
{
    bool full = o->full ? o->bytes > o->most / 10 * 9 : o->bytes > o->most;
    if (full == o->full)
        return;
    o->full = full;
    if (full)
        log_line(LOG_WARNING, "outbox_full",
                 "nothing is polled until the engine has stored what was found; look whether one "
                 "leads, or raise outbox in [cluster]",
                 LOG_N("bytes", o->bytes));
    else
        log_line(LOG_INFO, "outbox_has_room", "polling continues", LOG_N("bytes", o->bytes));
    o->client.full(o->client.arg, full);
}

static int delete_stored(struct outbox *o)
{
    int error = 0;
    while (!error && !o->writing && o->deleted < o->stored) {
        struct store_value v;
        error = store_get_u64(o->store, STORE_OUTBOX, o->deleted + 1, &v);
        if (!error) {
            o->bytes -= v.n;
            error = store_delete_u64(o->store, STORE_OUTBOX, o->deleted + 1);
        }
        if (!error)
            o->deleted++;
    }
    return error;
}

static void take_stored(struct outbox *o, const struct message *m)
{
    json_t *told = json_loadb(m->data, m->n, 0, NULL);
    uint64_t stored = (uint64_t)json_integer_value(json_object_get(told, "stored"));
    json_decref(told);
    if (stored > o->committed) {
        if (o->heard <= o->committed)
            log_line(LOG_ERR, "outbox_put_back",
                     "the engine has stored more than this fetcher has found: its store was put "
                     "back; stop the fetcher, delete its store, and start it",
                     LOG_N("stored", stored), LOG_N("found", o->committed));
        o->heard = stored;
        o->client.full(o->client.arg, true);
        return;
    }
    if (stored > o->stored) {
        o->stored = stored;
        o->progress = monotonic_ms();
        if (o->sent < stored)
            o->sent = stored;
        o->client.wrote(o->client.arg, delete_stored(o));
        look_at_ceiling(o);
    } else if (stored == o->stored && o->sent > stored && o->heard == stored)
        send_again(o); /* it was told twice: the engine lacks what follows */
    o->heard = stored;
}

static void on_outbox_message(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct outbox *o = arg;
    struct message *m;
    while ((m = channel_take(o->messages))) {
        if (m->kind == MESSAGE_STORED)
            take_stored(o, m);
        message_free(m);
    }
    send_more(o);
}

static void on_outbox_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct outbox *o = arg;
    if (o->sent > o->stored && monotonic_ms() - o->progress > PATIENCE_MS)
        send_again(o);
    send_more(o);
}

int outbox_put(struct outbox *o, const char *text, size_t n)
{
    unsigned char number[8];
    store_u64(o->last + 1, number);
    int error = store_put_u64(o->store, STORE_OUTBOX, o->last + 1, text, n);
    if (!error)
        error =
            store_put(o->store, STORE_CLUSTER, last_key, strlen(last_key), number, sizeof number);
    if (error)
        return error;
    o->last++;
    o->bytes += n;
    look_at_ceiling(o);
    return 0;
}

void outbox_writing(struct outbox *o)
{
    o->writing = true;
}

void outbox_committed(struct outbox *o)
{
    o->writing = false;
    if (o->sent == o->stored)
        o->progress = monotonic_ms();
    o->committed = o->last;
    if (o->deleted < o->stored)
        o->client.wrote(o->client.arg, delete_stored(o));
    send_more(o);
}

void outbox_facts(const struct outbox *o, struct outbox_facts *out)
{
    *out = (struct outbox_facts){
        .last = o->last, .sent = o->sent, .stored = o->stored, .bytes = o->bytes, .full = o->full};
}

/* ---- beginning and end ---------------------------------------------------------------------- */

static int count_entry(void *arg, uint64_t number, struct store_value v)
{
    struct outbox *o = arg;
    if (!o->bytes)
        o->stored = number - 1;
    o->bytes += v.n;
    return 0;
}

static int name_store(struct outbox *o)
{
    place_random(o->from, NAME);
    return store_put(o->store, STORE_CLUSTER, from_key, strlen(from_key), o->from, NAME);
}

static int load_outbox(struct outbox *o)
{
    struct store_value v;
    int error = store_get(o->store, STORE_CLUSTER, last_key, strlen(last_key), &v);
    o->last = o->stored = !error && v.n == 8 ? store_from_u64(v.p) : 0;
    if (!error || error == STORE_NOT_FOUND)
        error = store_get(o->store, STORE_CLUSTER, from_key, strlen(from_key), &v);
    if (!error && v.n == NAME)
        memcpy(o->from, v.p, NAME);
    else if (error == STORE_NOT_FOUND)
        error = name_store(o);
    if (!error)
        error = store_each(o->store, STORE_OUTBOX, 1, count_entry, o);
    o->deleted = o->sent = o->stored;
    o->committed = o->last;
    return error ? error : store_commit(o->store);
}

struct outbox *outbox_new(struct event_base *base, struct bus *b, struct store *s, size_t most,
                          const struct outbox_client *client, int *error)
{
    const struct timeval every = {LOOK_S, 0};
    char subject[BUS_SUBJECT];
    struct outbox *o = mem_zero(sizeof *o);
    o->bus = b;
    o->store = s;
    o->most = most;
    o->client = *client;
    o->end = &o->first;
    *error = load_outbox(o);
    if (*error) {
        free(o);
        return NULL;
    }
    pthread_mutex_init(&o->lock, NULL);
    pthread_cond_init(&o->wake, NULL);
    o->progress = monotonic_ms();
    o->messages = channel_new(MAX_MESSAGES);
    o->arrived = must_event(
        event_new(base, channel_fd(o->messages), EV_READ | EV_PERSIST, on_outbox_message, o));
    event_add(o->arrived, NULL);
    o->timer = must_event(event_new(base, -1, EV_PERSIST, on_outbox_timer, o));
    event_add(o->timer, &every);
    bus_listen(b, bus_subject(b, "stored", o->from, subject), o->messages, MESSAGE_STORED);
    if (thread_start(&o->thread, publish_all, o))
        abort(); /* no threads at the start */
    send_more(o);
    look_at_ceiling(o);
    return o;
}

void outbox_free(struct outbox *o)
{
    if (!o)
        return;
    pthread_mutex_lock(&o->lock);
    o->stop = true;
    pthread_cond_signal(&o->wake);
    pthread_mutex_unlock(&o->lock);
    pthread_join(o->thread, NULL);
    bus_unlisten(o->bus, o->messages);
    event_free(o->arrived);
    event_free(o->timer);
    channel_free(o->messages);
    while (o->first)
        free_sending(next_sending(o));
    pthread_cond_destroy(&o->wake);
    pthread_mutex_destroy(&o->lock);
    free(o);
}
