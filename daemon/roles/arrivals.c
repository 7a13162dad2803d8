/* Ingests what fetchers send, and announces the feeds to them; see arrivals.h. */
#include "roles/arrivals.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/map.h"
#include "base/mem.h"
#include "feed/wire.h"
#include "ingest/ingest.h"
#include "log.h"
#include "must.h"
#include "poll/apart.h"
#include "poll/poll.h"
#include "roles/bus.h"
#include "roles/channel.h"
#include "roles/envelope.h"
#include "roles/poster.h"
#include "store/feed_record.h"
#include "store/store.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_WAITING = 64,
    SLICE_MS = 3,
    PURGE_MS = 2000,
};

/* A fetcher's store. */
struct sender {
    char from[STORE_ARRIVALS_KEY + 1]; /* its random name */
    char member[64];
    uint64_t last;     /* entry that is in the batch or in the store */
    uint64_t told;     /* that it was told is stored */
    bool tell;         /* it shall be told, even if nothing is new */
    int64_t seen;      /* wall clock, of its last message */
    uint64_t articles; /* since the start */
    struct envelope_join join;
};

struct arrivals {
    struct bus *bus;
    struct poll *poll;
    struct ingest *ingest;
    void (*wrote)(void *, int);
    void *arg;
    struct channel *messages;
    struct bus_reader *reader;
    struct poster *poster;
    struct event *arrived, *next; /* `next`: a timer of zero, while there is more to do */
    struct apart_engine client;
    struct map senders;   /* hash of the subject -> struct sender */
    struct sender **list; /* the same */
    size_t n, cap;
    struct map whole; /* feeds whose next announcement asks for the whole document */
    /* the envelope at work: */
    struct sender *sender;
    json_t *entries;
    size_t at;
    bool waiting; /* for the end of a document */
    uint64_t place, purged;
    int64_t purged_at;
};

static void work_on(struct arrivals *a);

static void wake_arrivals(struct arrivals *a)
{
    const struct timeval at_once = {0, 0};
    evtimer_add(a->next, &at_once);
}

/* ---- feeds ---------------------------------------------------------------------------------- */

static void announce_feed(struct arrivals *a, uint64_t feed, json_t *message)
{
    char subject[BUS_SUBJECT], number[24];
    snprintf(number, sizeof number, "%" PRIu64, feed);
    json_object_set_new(message, "format", json_integer(ENVELOPE_FORMAT));
    char *text = json_dumps(message, JSON_COMPACT);
    poster_put(a->poster, bus_subject(a->bus, "feed", number, subject), text);
    json_decref(message);
}

static void on_feed_saved(void *arg, const struct feed_record *sub, const char *login)
{
    struct arrivals *a = arg;
    json_t *o = json_pack("{s:o, s:s?, s:b}", "record", codec_write(&feed_table, sub), "login",
                          login, "whole", map_get(&a->whole, sub->number) != NULL);
    map_remove(&a->whole, sub->number);
    announce_feed(a, sub->number, o);
}

static void on_feed_dropped(void *arg, uint64_t feed)
{
    announce_feed(arg, feed, json_pack("{s:b}", "removed", 1));
}

/* ---- entries -------------------------------------------------------------------------------- */

static void entry_stored(struct arrivals *a, int error)
{
    struct sender *s = a->sender;
    unsigned char number[8];
    s->last++;
    store_u64(s->last, number);
    if (!error)
        error = store_put(ingest_store(a->ingest), STORE_ARRIVALS, s->from, STORE_ARRIVALS_KEY,
                          number, sizeof number);
    a->wrote(a->arg, error);
}

static void on_document_ended(void *arg, uint64_t feed, const struct ingest_counts *counts,
                              int error)
{
    struct arrivals *a = arg;
    if (!a->waiting)
        return;
    a->waiting = false;
    a->sender->articles += counts->articles;
    if (counts->missing && !error) {
        log_line(LOG_INFO, "document_incomplete",
                 "a fetcher left out articles that are not in the store; it sends the whole "
                 "document again",
                 LOG_N("feed", feed), LOG_N("articles", counts->missing));
        map_put(&a->whole, feed, a);
    }
    entry_stored(a, error);
    wake_arrivals(a);
}

static void take_outbox_entry(struct arrivals *a, const json_t *entry)
{
    const json_t *document = json_object_get(entry, "document");
    struct feed *feed = document ? wire_read(document, json_object_get(entry, "items")) : NULL;
    a->waiting = true;
    if (!apart_arrive(a->poll, (uint64_t)json_integer_value(json_object_get(entry, "feed")),
                      json_object_get(entry, "record"),
                      json_string_value(json_object_get(entry, "moved")), feed)) {
        a->waiting = false;
        entry_stored(a, 0);
    }
}

/* ---- envelopes ------------------------------------------------------------------------------ */

static struct sender *find_sender(struct arrivals *a, const char *subject)
{
    uint64_t key = hash64(subject, strlen(subject), 0) | 1;
    struct sender *s = map_get(&a->senders, key);
    if (s)
        return s;
    s = mem_zero(sizeof *s);
    map_put(&a->senders, key, s);
    MEM_GROW(a->list, a->n, a->cap);
    a->list[a->n++] = s;
    return s;
}

/* Another process, or a new store, under the same name. */
static int begin_sender(struct arrivals *a, struct sender *s, const char *from)
{
    struct store_value v;
    if (!strcmp(s->from, from))
        return 0;
    snprintf(s->from, sizeof s->from, "%s", from);
    int error = store_get(ingest_store(a->ingest), STORE_ARRIVALS, s->from, STORE_ARRIVALS_KEY, &v);
    s->last = s->told = error || v.n != 8 ? 0 : store_from_u64(v.p);
    s->tell = true;
    return error == STORE_NOT_FOUND ? 0 : error;
}

static json_t *read_outbox_entries(const struct buf *lines)
{
    json_t *all = json_loadb(buf_text(lines), lines->len, 0, NULL);
    if (json_is_array(all))
        return all;
    json_decref(all);
    return NULL;
}

/* Begins with the first entry that is new. An entry that does not follow the last one must wait:
 * its fetcher is told where to continue. */
static int take_envelope(struct arrivals *a, struct sender *s, const json_t *head,
                         const struct buf *body)
{
    const char *from = json_string_value(json_object_get(head, "from")),
               *member = json_string_value(json_object_get(head, "member"));
    uint64_t first = (uint64_t)json_integer_value(json_object_get(head, "first"));
    if (!from || strlen(from) != STORE_ARRIVALS_KEY || !first)
        return 0;
    int error = begin_sender(a, s, from);
    snprintf(s->member, sizeof s->member, "%s", member ? member : "");
    s->seen = wall_clock();
    if (error || first > s->last + 1) {
        s->tell = true;
        return error;
    }
    a->entries = read_outbox_entries(body);
    a->at = s->last + 1 - first;
    a->sender = s;
    if (a->at >= json_array_size(a->entries))
        s->tell = true; /* all are stored: the answer was lost */
    return 0;
}

static void take_arrival(struct arrivals *a, const struct message *m)
{
    json_t *head;
    struct buf body;
    if (!m->place || !m->subject)
        return; /* a broker has lost messages: fetchers send what they are not told is stored */
    struct sender *s = find_sender(a, m->subject);
    int got = envelope_read(&s->join, m->data, m->n, &head, &body);
    a->place = m->place;
    if (got < 0)
        log_line(LOG_WARNING, "arrival_invalid",
                 "a message of a fetcher has another format; upgrade the fetcher or the engine",
                 LOG_T("subject", m->subject));
    if (got <= 0)
        return;
    int error = take_envelope(a, s, head, &body);
    if (error)
        a->wrote(a->arg, error);
    json_decref(head);
    buf_free(&body);
}

static void end_envelope(struct arrivals *a)
{
    json_decref(a->entries);
    a->entries = NULL;
    a->sender = NULL;
}

static void tell_sender(struct arrivals *a, struct sender *s)
{
    char subject[BUS_SUBJECT], text[64];
    snprintf(text, sizeof text, "{\"stored\":%" PRIu64 "}", s->told);
    bus_send(a->bus, bus_subject(a->bus, "stored", s->from, subject), text, strlen(text));
    s->tell = false;
}

/* Those that wait for an answer, although nothing of theirs is in the batch. */
static void tell_again(struct arrivals *a)
{
    for (size_t i = 0; i < a->n; i++)
        if (a->list[i]->tell && *a->list[i]->from && a->list[i]->told == a->list[i]->last)
            tell_sender(a, a->list[i]);
}

/* Entries in slices, while no batch is being written. */
static void work_on(struct arrivals *a)
{
    const int64_t until = monotonic_ms() + SLICE_MS;
    while (!a->waiting && !ingest_is_committing(a->ingest) && monotonic_ms() < until) {
        struct message *m;
        if (a->entries && a->at < json_array_size(a->entries)) {
            take_outbox_entry(a, json_array_get(a->entries, a->at++));
            continue;
        }
        end_envelope(a);
        if (!(m = channel_take(a->messages)))
            break;
        take_arrival(a, m);
        message_free(m);
    }
    tell_again(a);
    if (a->entries && !a->waiting && !ingest_is_committing(a->ingest))
        wake_arrivals(a);
}

static void on_arrival(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct arrivals *a = arg;
    if (!a->waiting && !ingest_is_committing(a->ingest))
        work_on(a);
    else
        event_del(a->arrived); /* until that has ended */
}

static void on_next(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct arrivals *a = arg;
    event_add(a->arrived, NULL);
    work_on(a);
}

struct arrivals *arrivals_new(struct event_base *base, struct bus *b, struct poll *poll,
                              struct ingest *ingest, void (*wrote)(void *, int), void *arg)
{
    struct arrivals *a = mem_zero(sizeof *a);
    a->bus = b;
    a->poll = poll;
    a->ingest = ingest;
    a->wrote = wrote;
    a->arg = arg;
    a->client = (struct apart_engine){on_feed_saved, on_feed_dropped, on_document_ended, a};
    a->poster = poster_new(b);
    a->messages = channel_new(MAX_WAITING);
    a->arrived =
        must_event(event_new(base, channel_fd(a->messages), EV_READ | EV_PERSIST, on_arrival, a));
    a->next = must_event(evtimer_new(base, on_next, a));
    apart_engine(poll, &a->client);
    return a;
}

void arrivals_start(struct arrivals *a)
{
    char subject[BUS_SUBJECT];
    apart_announce(a->poll);
    event_add(a->arrived, NULL);
    a->reader =
        bus_read(a->bus, BUS_IN, bus_subject(a->bus, "in", "*", subject), 1, a->messages, 0);
}

void arrivals_free(struct arrivals *a)
{
    if (!a)
        return;
    channel_close(a->messages);
    bus_reader_free(a->reader);
    poster_free(a->poster);
    event_free(a->arrived);
    event_free(a->next);
    channel_free(a->messages);
    json_decref(a->entries);
    for (size_t i = 0; i < a->n; i++) {
        envelope_join_free(&a->list[i]->join);
        free(a->list[i]);
    }
    free(a->list);
    map_free(&a->senders);
    map_free(&a->whole);
    free(a);
}

/* What is in the store need not stay at the broker; a message of which a part is missing does. */
static void purge_stored(struct arrivals *a)
{
    uint64_t before = a->place;
    int64_t now = monotonic_ms();
    if (now - a->purged_at < PURGE_MS || before <= a->purged)
        return;
    for (size_t i = 0; i < a->n; i++)
        if (a->list[i]->join.next)
            return;
    a->purged = before;
    a->purged_at = now;
    poster_purge(a->poster, before);
}

void arrivals_committed(struct arrivals *a)
{
    for (size_t i = 0; i < a->n; i++) {
        struct sender *s = a->list[i];
        if (!*s->from || (s->told == s->last && !s->tell))
            continue;
        s->told = s->last;
        tell_sender(a, s);
    }
    if (!a->entries)
        purge_stored(a);
    wake_arrivals(a);
}

json_t *arrivals_describe(const struct arrivals *a)
{
    json_t *out = json_array();
    for (size_t i = 0; i < a->n; i++) {
        const struct sender *s = a->list[i];
        if (*s->from)
            json_array_append_new(out,
                                  json_pack("{s:s, s:I, s:I, s:I}", "member", s->member, "seen",
                                            (json_int_t)s->seen, "stored", (json_int_t)s->told,
                                            "articles", (json_int_t)s->articles));
    }
    return out;
}
