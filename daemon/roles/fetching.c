/* Polls for the engine of a cluster; see fetching.h. */
#include "roles/fetching.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "config.h"
#include "feed/wire.h"
#include "ingest/recall.h"
#include "ingest/subscription.h"
#include "log.h"
#include "must.h"
#include "poll/apart.h"
#include "poll/poll.h"
#include "roles/permits.h"
#include "roles/bus.h"
#include "roles/channel.h"
#include "roles/errands.h"
#include "roles/outbox.h"
#include "roles/poster.h"
#include "roles/share.h"
#include "store/feed_record.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

enum {
    BEAT_S = 2,
    SETTLE_MS = 6000, /* for learning who there is, before the first request */
    COMMIT_MS = 100,
    MAX_MESSAGES = 1024,
    SLICE_MS = 3,
};
enum { MESSAGE_FEED, MESSAGE_ALIVE, MESSAGE_ANSWER };

/* A feed of the cluster, whoever polls it. */
struct known_feed {
    uint64_t number, host;
    char *record; /* as JSON */
    char *login;  /* or NULL */
    bool owned;
};

struct fetching {
    struct bus *bus;
    struct store *store;
    struct poll *poll;
    void (*failed)(void *);
    void *arg;
    struct apart_fetcher client;
    struct outbox *outbox;
    struct poster *poster;
    struct permits *permits;
    struct errands *errands;
    struct channel *messages;
    struct bus_reader *feeds, *alive;
    struct event *arrived, *beat, *commit, *written;
    bool committing, broken, full, settled;
    int64_t began;
    uint64_t mine; /* the hash of this member */
    struct share_members members;
    struct map by_number; /* feed -> struct known_feed */
    struct known_feed **known;
    size_t n, cap, n_owned;
    /* of the poll that is ending: */
    json_t *document, *items;
    struct map whole; /* feeds whose next document is sent with all texts */
};

/* ---- the store ------------------------------------------------------------------------------ */

void fetching_wrote(struct fetching *f, int error)
{
    const struct timeval in = {0, COMMIT_MS * 1000};
    if (f->broken)
        return;
    if (!error) {
        if (!evtimer_pending(f->commit, NULL))
            evtimer_add(f->commit, &in);
        return;
    }
    f->broken = true;
    log_line(LOG_ERR, "store_failed", "store error; stopping",
             LOG_T("error", store_strerror(error)));
    f->failed(f->arg);
}

static void on_fetching_wrote(void *arg, int error)
{
    fetching_wrote(arg, error);
}

static int write_nothing_more(void *arg)
{
    (void)arg;
    return 0;
}

static void on_commit_due(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct fetching *f = arg;
    if (f->committing || f->broken) {
        fetching_wrote(f, 0);
        return;
    }
    int error = poll_save(f->poll);
    if (error) {
        fetching_wrote(f, error);
        return;
    }
    f->committing = true;
    outbox_writing(f->outbox);
    store_commit_start(f->store, write_nothing_more, f);
}

static void on_fetching_written(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct fetching *f = arg;
    eventfd_t times;
    eventfd_read(fd, &times);
    if (!f->committing)
        return;
    f->committing = false;
    int error = store_commit_end(f->store);
    if (error)
        fetching_wrote(f, error);
    else
        outbox_committed(f->outbox);
}

/* ---- what polls find ------------------------------------------------------------------------ */

static void on_due(void *arg, const struct feed_record *sub)
{
    const struct fetching *f = arg;
    permits_ask(f->permits, sub->number);
}

static void forget_document(struct fetching *f)
{
    json_decref(f->document);
    json_decref(f->items);
    f->document = f->items = NULL;
}

/* Of items that were sent and are unchanged, only what identifies them. An archive's items are not
 * remembered: it is read once. */
static int on_read(void *arg, const struct feed_record *sub, const struct feed *feed,
                   struct ingest_counts *counts)
{
    struct fetching *f = arg;
    const struct feed_origin origin = subscription_origin(sub);
    uint64_t document = recall_document(feed, &origin);
    struct recall_item *sent = NULL;
    size_t n_sent = 0;
    const bool remembers = !sub->archive && !map_get(&f->whole, sub->number);
    int error = remembers ? recall_read(f->store, sub->number, &sent, &n_sent) : 0;
    struct recall_item *now = mem_zero((feed->n_items + 1) * sizeof *now);
    struct map by_whole = {0};
    for (size_t i = 0; i < n_sent; i++)
        map_put(&by_whole, sent[i].whole, &sent[i]);
    forget_document(f);
    f->document = wire_feed(feed);
    f->items = json_array();
    for (size_t i = 0; i < feed->n_items; i++) {
        now[i].whole = recall_hash(&feed->items[i], document);
        bool known = map_get(&by_whole, now[i].whole) != NULL;
        counts->known += known;
        counts->articles += !known;
        json_array_append_new(f->items,
                              known ? wire_known(&feed->items[i]) : wire_item(&feed->items[i]));
    }
    if (!error && !sub->archive)
        error = recall_keep(f->store, sub->number, now, feed->n_items);
    map_remove(&f->whole, sub->number);
    map_free(&by_whole);
    free(sent);
    free(now);
    return error;
}

static void on_polled(void *arg, const struct feed_record *sub, const char *moved)
{
    struct fetching *f = arg;
    json_t *entry = json_pack("{s:I, s:o, s:s*, s:o*, s:o*}", "feed", (json_int_t)sub->number,
                              "record", codec_write(&feed_table, sub), "moved", moved, "document",
                              f->document, "items", f->items);
    f->document = f->items = NULL; /* the entry's */
    char *text = json_dumps(entry, JSON_COMPACT);
    fetching_wrote(f, outbox_put(f->outbox, text, strlen(text)));
    free(text);
    json_decref(entry);
}

static void look_at_pause(struct fetching *f)
{
    apart_pause(f->poll, f->full || !f->settled);
}

static void on_outbox_full(void *arg, bool full)
{
    struct fetching *f = arg;
    f->full = full;
    look_at_pause(f);
}

/* ---- whose feeds ---------------------------------------------------------------------------- */

static struct feed_record *read_known(const struct known_feed *k)
{
    struct feed_record *sub = mem_alloc(sizeof *sub);
    codec_load(&feed_table, k->record, strlen(k->record), sub);
    return sub;
}

/* What this fetcher knows of the feed may be newer than what the engine has stored. */
static void adopt(struct fetching *f, const struct known_feed *k)
{
    struct feed_record *sub = read_known(k), *own;
    if (!subscription_is_polled(sub)) {
        subscription_free(sub);
        apart_release(f->poll, k->number);
        return;
    }
    if (!apart_has(f->poll, k->number) && !subscription_load(f->store, k->number, &own)) {
        if (own->last_poll > sub->last_poll && !map_get(&f->whole, k->number))
            apart_adopt(f->poll, own, k->login);
        else
            subscription_free(own);
    }
    apart_adopt(f->poll, sub, k->login);
}

static bool is_mine(const struct fetching *f, const struct known_feed *k)
{
    return f->settled &&
           f->members.hash[share_owner(f->members.hash, f->members.n, k->host)] == f->mine;
}

static void place_feed(struct fetching *f, struct known_feed *k)
{
    bool owned = is_mine(f, k);
    f->n_owned += owned;
    f->n_owned -= k->owned;
    if (owned)
        adopt(f, k);
    else if (k->owned)
        apart_release(f->poll, k->number);
    k->owned = owned;
}

static bool stays_here(void *arg, const struct feed_record *sub)
{
    struct fetching *f = arg;
    const struct known_feed *k = map_get(&f->by_number, sub->number);
    return k && k->owned;
}

/* All feeds, after the members have changed. */
static void place_all(struct fetching *f)
{
    size_t before = f->n_owned;
    f->n_owned = 0;
    for (size_t i = 0; i < f->n; i++) {
        struct known_feed *k = f->known[i];
        bool was = k->owned;
        k->owned = is_mine(f, k);
        f->n_owned += k->owned;
        if (k->owned && !was)
            adopt(f, k);
    }
    apart_keep(f->poll, stays_here, f);
    log_line(LOG_INFO, "hosts_shared", "the feeds are distributed", LOG_N("fetchers", f->members.n),
             LOG_N("feeds", f->n_owned), LOG_N("before", before), LOG_N("of", f->n));
}

static uint64_t number_of(const struct message *m)
{
    const char *dot = strrchr(m->subject, '.');
    return dot ? strtoull(dot + 1, NULL, 10) : 0;
}

static void forget_known(struct fetching *f, struct known_feed *k)
{
    size_t i = 0;
    while (f->known[i] != k)
        i++;
    f->known[i] = f->known[--f->n];
    map_remove(&f->by_number, k->number);
    f->n_owned -= k->owned;
    if (k->owned)
        apart_release(f->poll, k->number);
    free(k->record);
    free(k->login);
    free(k);
}

static struct known_feed *know(struct fetching *f, uint64_t number)
{
    struct known_feed *k = map_get(&f->by_number, number);
    if (k)
        return k;
    k = mem_zero(sizeof *k);
    k->number = number;
    map_put(&f->by_number, number, k);
    MEM_GROW(f->known, f->n, f->cap);
    f->known[f->n++] = k;
    return k;
}

/* The engine lacks items that it was told it has: the feed is polled as if for the first time. */
static void send_whole(struct fetching *f, struct known_feed *k)
{
    map_put(&f->whole, k->number, k);
    if (k->owned)
        apart_release(f->poll, k->number);
}

static void take_feed_message(struct fetching *f, const struct message *m)
{
    uint64_t number = number_of(m);
    json_t *o = json_loadb(m->data, m->n, 0, NULL);
    const json_t *record = json_object_get(o, "record");
    const char *login = json_string_value(json_object_get(o, "login"));
    struct known_feed *k = number ? map_get(&f->by_number, number) : NULL;
    if (k && json_is_true(json_object_get(o, "removed"))) {
        forget_known(f, k);
    } else if (number && json_is_object(record)) {
        const char *url = json_string_value(json_object_get(record, "url"));
        k = know(f, number);
        free(k->record);
        free(k->login);
        k->record = json_dumps(record, JSON_COMPACT);
        k->login = login ? mem_str(login) : NULL;
        k->host = share_host(url ? url : "");
        if (json_is_true(json_object_get(o, "whole")))
            send_whole(f, k);
        place_feed(f, k);
    }
    json_decref(o);
}

static void take_alive(struct fetching *f, const struct message *m)
{
    if (share_hear(&f->members, m->subject, m->data, m->n, f->mine, monotonic_ms()) && f->settled)
        place_all(f);
}

static void take_permit(struct fetching *f, const struct message *m)
{
    uint64_t feed;
    int64_t next;
    bool yes = permits_answer(m, &feed, &next);
    apart_grant(f->poll, feed, yes, next);
}

static void on_fetching_message(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct fetching *f = arg;
    struct message *m;
    const int64_t until = monotonic_ms() + SLICE_MS;
    while (monotonic_ms() < until && (m = channel_take(f->messages))) {
        if (m->kind == MESSAGE_ANSWER)
            take_permit(f, m);
        else if (m->subject && m->kind == MESSAGE_FEED)
            take_feed_message(f, m);
        else if (m->subject)
            take_alive(f, m);
        message_free(m);
    }
}

static void on_beat(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct fetching *f = arg;
    char subject[BUS_SUBJECT];
    json_t *o =
        json_pack("{s:I, s:s}", "time", (json_int_t)wall_clock(), "version", STORYD_VERSION);
    poster_put(f->poster, bus_subject(f->bus, "alive", bus_name(f->bus), subject),
               json_dumps(o, JSON_COMPACT));
    json_decref(o);
    if (share_drop_dead(&f->members, f->mine, monotonic_ms()) && f->settled)
        place_all(f);
    if (f->settled || monotonic_ms() - f->began < SETTLE_MS)
        return;
    f->settled = true;
    place_all(f);
    look_at_pause(f);
}

/* ---- beginning and end ---------------------------------------------------------------------- */

bool fetching_configure(struct fetching *f, const struct config *config, struct buf *error)
{
    return poll_set_options(f->poll, config, error);
}

static void start_reading_state(struct fetching *f)
{
    char subject[BUS_SUBJECT];
    f->feeds = bus_read(f->bus, BUS_STATE, bus_subject(f->bus, "feed", "*", subject), 0,
                        f->messages, MESSAGE_FEED);
    f->alive = bus_read(f->bus, BUS_STATE, bus_subject(f->bus, "alive", "*", subject), 0,
                        f->messages, MESSAGE_ALIVE);
}

struct fetching *fetching_new(struct event_base *base, struct bus *b, const struct config *config,
                              struct store *s, struct poll *poll, int written,
                              void (*failed)(void *), void *arg, struct buf *error)
{
    const struct timeval every = {BEAT_S, 0};
    struct fetching *f = mem_zero(sizeof *f);
    int result;
    f->bus = b;
    f->store = s;
    f->poll = poll;
    f->failed = failed;
    f->arg = arg;
    f->began = monotonic_ms();
    f->mine = share_member(bus_name(b));
    share_heard(&f->members, f->mine, false, f->mine, f->began);
    f->client = (struct apart_fetcher){on_due, on_read, on_polled, f};
    f->commit = must_event(evtimer_new(base, on_commit_due, f));
    f->outbox = outbox_new(base, b, s, (size_t)config->cluster_outbox.number,
                           &(struct outbox_client){on_fetching_wrote, on_outbox_full, f}, &result);
    if (!f->outbox)
        buf_adds(error, store_strerror(result));
    apart_fetch(poll, &f->client);
    look_at_pause(f);
    if (!f->outbox || !poll_set_options(poll, config, error)) {
        outbox_free(f->outbox);
        event_free(f->commit);
        free(f);
        return NULL;
    }
    f->poster = poster_new(b);
    f->messages = channel_new(MAX_MESSAGES);
    f->permits = permits_new(b, f->messages, MESSAGE_ANSWER, config->poll_interval.number / 1000);
    f->arrived = must_event(
        event_new(base, channel_fd(f->messages), EV_READ | EV_PERSIST, on_fetching_message, f));
    event_add(f->arrived, NULL);
    f->beat = must_event(event_new(base, -1, EV_PERSIST, on_beat, f));
    event_add(f->beat, &every);
    f->written = must_event(event_new(base, written, EV_READ | EV_PERSIST, on_fetching_written, f));
    event_add(f->written, NULL);
    f->errands = errands_new(base, b, poll, f->mine);
    start_reading_state(f);
    on_beat(-1, 0, f);
    return f;
}

static void say_goodbye(struct fetching *f)
{
    static const char gone[] = "{\"gone\":true}";
    char subject[BUS_SUBJECT];
    uint64_t seq;
    bus_subject(f->bus, "alive", bus_name(f->bus), subject);
    if (bus_is_connected(f->bus))
        bus_publish(f->bus, subject, gone, strlen(gone), NULL, false, &seq);
}

void fetching_free(struct fetching *f)
{
    if (!f)
        return;
    channel_close(f->messages);
    poster_free(f->poster);
    say_goodbye(f);
    int error = store_commit_end(f->store);
    if (!error && !f->broken && !(error = poll_save(f->poll)))
        error = store_commit(f->store);
    if (error)
        log_line(LOG_ERR, "batch_lost",
                 "the last batch was not written; its feeds are polled again at the next start",
                 LOG_T("error", store_strerror(error)));
    permits_free(f->permits);
    errands_free(f->errands);
    outbox_free(f->outbox);
    bus_reader_free(f->feeds);
    bus_reader_free(f->alive);
    event_free(f->arrived);
    event_free(f->beat);
    event_free(f->commit);
    event_free(f->written);
    channel_free(f->messages);
    for (size_t i = 0; i < f->n; i++) {
        free(f->known[i]->record);
        free(f->known[i]->login);
        free(f->known[i]);
    }
    free(f->known);
    forget_document(f);
    map_free(&f->by_number);
    map_free(&f->whole);
    free(f);
}

json_t *fetching_describe(const struct fetching *f)
{
    struct outbox_facts o;
    outbox_facts(f->outbox, &o);
    return json_pack("{s:I, s:I, s:I, s:I, s:b}", "fetchers", (json_int_t)f->members.n, "feeds",
                     (json_int_t)f->n_owned, "waiting", (json_int_t)(o.last - o.stored), "bytes",
                     (json_int_t)o.bytes, "full", o.full);
}
