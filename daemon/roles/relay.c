/* Sends the engine's requests to fetchers; see relay.h, errands.h. */
#include "roles/relay.h"

#include "base/clock.h"
#include "base/mem.h"
#include "must.h"
#include "net/fetch.h"
#include "poll/apart.h"
#include "roles/bus.h"
#include "roles/channel.h"
#include "roles/envelope.h"
#include "roles/share.h"

#include <event2/event.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_MESSAGES = 512,
    MAX_HOPS = 10, /* redirects */
    LOOK_MS = 500,
    GRACE_MS = 10000, /* for the way there and back, after the request's own timeout */
};
enum { MESSAGE_ALIVE, MESSAGE_PAGE };

struct relayed {
    struct relayed *next;
    uint64_t id;
    struct fetch_client client;
    char *url, *accept, *etag, *last_modified; /* validators are those of the first address */
    size_t max_body;
    int64_t until;
    int hops;
    struct envelope_join join;
};

struct relay {
    struct bus *bus;
    struct poll *poll;
    struct apart_relay hook;
    char reply[BUS_SUBJECT];
    struct channel *messages;
    struct bus_reader *alive;
    struct event *arrived, *timer;
    struct share_members members;
    struct relayed *first;
    uint64_t last_id;
};

static void free_relayed(struct relayed *q)
{
    free(q->url);
    free(q->accept);
    free(q->etag);
    free(q->last_modified);
    envelope_join_free(&q->join);
    free(q);
}

static void unlink_relayed(struct relay *r, const struct relayed *q)
{
    struct relayed **at = &r->first;
    while (*at != q)
        at = &(*at)->next;
    *at = q->next;
}

static void end_relayed(struct relay *r, struct relayed *q, const struct fetch_answer *a)
{
    unlink_relayed(r, q);
    q->client.done(q->client.arg, a);
    free_relayed(q);
}

static char *copy_optional(const char *text)
{
    return text ? mem_str(text) : NULL;
}

/* To the owner of the host; without any fetcher it waits until it times out. */
static void send_relayed(struct relay *r, const struct relayed *q)
{
    char subject[BUS_SUBJECT], whose[24];
    share_drop_dead(&r->members, 0, monotonic_ms());
    if (!r->members.n)
        return;
    snprintf(whose, sizeof whose, "%016" PRIx64,
             r->members.hash[share_owner(r->members.hash, r->members.n, share_host(q->url))]);
    json_t *o =
        json_pack("{s:I, s:s, s:s, s:s*, s:s*, s:s*, s:s*, s:I}", "id", (json_int_t)q->id, "reply",
                  r->reply, "url", q->url, "accept", q->accept, "known", q->hops ? NULL : q->url,
                  "etag", q->hops ? NULL : q->etag, "last_modified",
                  q->hops ? NULL : q->last_modified, "max_body", (json_int_t)q->max_body);
    char *text = json_dumps(o, JSON_COMPACT);
    if (text)
        bus_send(r->bus, bus_subject(r->bus, "page", whose, subject), text, strlen(text));
    free(text);
    json_decref(o);
}

static void *start_relayed(void *arg, const struct fetch_request *request,
                           const struct fetch_client *client)
{
    const struct timeval every = {0, LOOK_MS * 1000};
    struct relay *r = arg;
    struct relayed *q = mem_zero(sizeof *q);
    q->id = ++r->last_id;
    q->client = *client;
    q->url = mem_str(request->url);
    q->accept = copy_optional(request->accept);
    q->etag = copy_optional(request->known.etag);
    q->last_modified = copy_optional(request->known.last_modified);
    q->max_body = request->max_body;
    q->until = monotonic_ms() + request->timeout + GRACE_MS;
    q->next = r->first;
    r->first = q;
    send_relayed(r, q);
    evtimer_add(r->timer, &every);
    return q;
}

static void cancel_relayed(void *arg, void *request)
{
    unlink_relayed(arg, request);
    free_relayed(request);
}

/* ---- answers -------------------------------------------------------------------------------- */

static void follow_relayed(struct relay *r, struct relayed *q, const char *to, long status)
{
    const char *why = ++q->hops > MAX_HOPS ? "too many redirects" : NULL;
    if (!why && q->client.may)
        why = q->client.may(q->client.arg, to);
    if (!why)
        why = fetch_refuses(to);
    if (why) {
        end_relayed(r, q, &(struct fetch_answer){.error = why, .status = status, .url = q->url});
        return;
    }
    free(q->url);
    q->url = mem_str(to);
    send_relayed(r, q);
}

static void take_relayed(struct relay *r, struct relayed *q, const json_t *head,
                         const struct buf *body)
{
    const char *redirect = json_string_value(json_object_get(head, "redirect")),
               *url = json_string_value(json_object_get(head, "url"));
    const json_t *headers = json_object_get(head, "headers");
    struct fetch_answer a = {
        .error = json_string_value(json_object_get(head, "error")),
        .status = (long)json_integer_value(json_object_get(head, "status")),
        .url = url ? url : q->url,
        .conditional = json_is_true(json_object_get(head, "conditional")),
        .cut = json_is_true(json_object_get(head, "cut")),
        .content_type = json_string_value(json_object_get(head, "type")),
    };
    for (enum fetch_header i = 0; i < FETCH_HEADER_COUNT; i++)
        a.header[i] = json_string_value(json_object_get(headers, fetch_header_name(i)));
    if (redirect) {
        follow_relayed(r, q, redirect, a.status);
        return;
    }
    const char *wrong =
        !a.error && body->len ? q->client.take(q->client.arg, &a, body->p, body->len) : NULL;
    if (wrong)
        a.error = wrong;
    end_relayed(r, q, &a);
}

static void take_page_message(struct relay *r, const struct message *m)
{
    uint64_t id = envelope_id(m->data, m->n);
    struct relayed *q = r->first;
    struct buf body;
    json_t *head;
    while (q && q->id != id)
        q = q->next;
    if (!q)
        return; /* late */
    if (envelope_read(&q->join, m->data, m->n, &head, &body) != 1)
        return;
    take_relayed(r, q, head, &body);
    buf_free(&body);
    json_decref(head);
}

static void on_relay_message(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct relay *r = arg;
    struct message *m = channel_take(r->messages); /* one in a turn of the loop */
    if (m && m->kind == MESSAGE_PAGE)
        take_page_message(r, m);
    else if (m && m->subject)
        share_hear(&r->members, m->subject, m->data, m->n, 0, monotonic_ms());
    message_free(m);
}

static void look_for_late_pages(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    const struct timeval every = {0, LOOK_MS * 1000};
    struct relay *r = arg;
    int64_t now = monotonic_ms();
    for (struct relayed *q = r->first, *next; q; q = next) {
        next = q->next;
        if (now > q->until)
            end_relayed(r, q,
                        &(struct fetch_answer){.error = "no fetcher has answered", .url = q->url});
    }
    if (r->first)
        evtimer_add(r->timer, &every);
}

struct relay *relay_new(struct event_base *base, struct bus *b, struct poll *poll)
{
    char subject[BUS_SUBJECT];
    struct relay *r = mem_zero(sizeof *r);
    r->bus = b;
    r->poll = poll;
    r->last_id = (uint64_t)wall_clock_ms() * 1000; /* answers to an earlier process are not ours */
    bus_subject(b, "paged", bus_name(b), r->reply);
    r->messages = channel_new(MAX_MESSAGES);
    r->arrived = must_event(
        event_new(base, channel_fd(r->messages), EV_READ | EV_PERSIST, on_relay_message, r));
    event_add(r->arrived, NULL);
    r->timer = must_event(evtimer_new(base, look_for_late_pages, r));
    bus_listen(b, r->reply, r->messages, MESSAGE_PAGE);
    r->alive = bus_read(b, BUS_STATE, bus_subject(b, "alive", "*", subject), 0, r->messages,
                        MESSAGE_ALIVE);
    r->hook = (struct apart_relay){start_relayed, cancel_relayed, r};
    apart_relay_by(poll, &r->hook);
    return r;
}

void relay_free(struct relay *r)
{
    if (!r)
        return;
    apart_relay_by(r->poll, NULL);
    while (r->first)
        end_relayed(r, r->first, &(struct fetch_answer){.error = "storyd stops"});
    channel_close(r->messages);
    bus_unlisten(r->bus, r->messages);
    bus_reader_free(r->alive);
    event_free(r->arrived);
    event_free(r->timer);
    channel_free(r->messages);
    free(r);
}
