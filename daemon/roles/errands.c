/* Makes requests for the engine; see errands.h. A redirect is not followed but answered: the engine
 * knows what may be requested, and another fetcher may own the other host. */
#include "roles/errands.h"

#include "base/mem.h"
#include "must.h"
#include "net/fetch.h"
#include "poll/outgoing.h"
#include "poll/poll.h"
#include "roles/bus.h"
#include "roles/channel.h"
#include "roles/envelope.h"

#include <event2/event.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ERRANDS = 64, MAX_WAITING = 256, MOST_BODY = 32 << 20 };

struct errand {
    struct errands *of;
    struct fetch *fetch; /* NULL: the slot is free */
    uint64_t id;
    char *reply, *redirect;
    struct buf body;
};

struct errands {
    struct bus *bus;
    struct poll *poll;
    struct channel *messages;
    struct event *arrived;
    struct errand v[MOST_ERRANDS];
};

static const char is_redirect[] = "redirect", is_large[] = "the body is too large";

static void clear_errand(struct errand *e)
{
    free(e->reply);
    free(e->redirect);
    buf_free(&e->body);
    *e = (struct errand){0};
}

static const char *keep_body(void *arg, const struct fetch_answer *head, const char *bytes,
                             size_t n)
{
    struct errand *e = arg;
    (void)head;
    return buf_add(&e->body, bytes, n) ? NULL : is_large;
}

static const char *keep_redirect(void *arg, const char *url)
{
    struct errand *e = arg;
    free(e->redirect);
    e->redirect = mem_str(url);
    return is_redirect;
}

static void reply_with(struct errand *e, const struct fetch_answer *a)
{
    struct envelope_parts parts;
    json_t *headers = json_object(), *head;
    for (enum fetch_header i = 0; i < FETCH_HEADER_COUNT; i++)
        if (a->header[i])
            json_object_set_new(headers, fetch_header_name(i), json_string(a->header[i]));
    head = json_pack("{s:I, s:s*, s:s*, s:s*, s:s*, s:b, s:b, s:o}", "status",
                     (json_int_t)a->status, "error", e->redirect ? NULL : a->error, "redirect",
                     e->redirect, "url", a->url, "type", a->content_type, "conditional",
                     a->conditional, "cut", a->cut, "headers", headers);
    envelope_write(head, e->id, e->body.p, e->redirect ? 0 : e->body.len, &parts);
    for (size_t i = 0; i < parts.n; i++)
        bus_send(e->of->bus, e->reply, parts.v[i].p, parts.v[i].len);
    envelope_parts_free(&parts);
    json_decref(head);
}

static void on_errand_done(void *arg, const struct fetch_answer *a)
{
    struct errand *e = arg;
    reply_with(e, a);
    clear_errand(e);
}

static struct errand *free_errand(struct errands *all)
{
    for (size_t i = 0; i < MOST_ERRANDS; i++)
        if (!all->v[i].fetch)
            return &all->v[i];
    return NULL;
}

static void run_errand(struct errands *all, const json_t *ask, const char *reply)
{
    struct errand busy = {.of = all}, *e = free_errand(all);
    const char *url = json_string_value(json_object_get(ask, "url"));
    size_t most = (size_t)json_integer_value(json_object_get(ask, "max_body"));
    if (!e)
        e = &busy;
    *e = (struct errand){.of = all,
                         .id = (uint64_t)json_integer_value(json_object_get(ask, "id")),
                         .reply = mem_str(reply)};
    buf_init(&e->body, MOST_BODY);
    struct fetch_request r = outgoing_request(all->poll, url);
    r.max_body = most < MOST_BODY ? most : MOST_BODY;
    r.accept = json_string_value(json_object_get(ask, "accept"));
    r.known = (struct fetch_validators){
        .url = json_string_value(json_object_get(ask, "known")),
        .etag = json_string_value(json_object_get(ask, "etag")),
        .last_modified = json_string_value(json_object_get(ask, "last_modified"))};
    const struct fetch_client client = {
        .take = keep_body, .done = on_errand_done, .arg = e, .may = keep_redirect};
    if (e != &busy)
        e->fetch = fetch_start(poll_fetcher(all->poll), &r, &client);
    if (!e->fetch) {
        reply_with(e, &(struct fetch_answer){.error = e == &busy ? "the fetcher is busy"
                                                                 : "invalid address"});
        clear_errand(e);
    }
}

static void on_errand(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct errands *all = arg;
    struct message *m = channel_take(all->messages); /* one in a turn of the loop */
    if (!m)
        return;
    json_t *ask = json_loadb(m->data, m->n, 0, NULL);
    const char *reply = json_string_value(json_object_get(ask, "reply"));
    if (reply && json_is_string(json_object_get(ask, "url")))
        run_errand(all, ask, reply);
    json_decref(ask);
    message_free(m);
}

struct errands *errands_new(struct event_base *base, struct bus *b, struct poll *poll,
                            uint64_t member)
{
    char subject[BUS_SUBJECT], whose[24];
    struct errands *all = mem_zero(sizeof *all);
    all->bus = b;
    all->poll = poll;
    all->messages = channel_new(MAX_WAITING);
    all->arrived = must_event(
        event_new(base, channel_fd(all->messages), EV_READ | EV_PERSIST, on_errand, all));
    event_add(all->arrived, NULL);
    snprintf(whose, sizeof whose, "%016" PRIx64, member);
    bus_listen(b, bus_subject(b, "page", whose, subject), all->messages, 0);
    return all;
}

void errands_free(struct errands *all)
{
    if (!all)
        return;
    bus_unlisten(all->bus, all->messages);
    event_free(all->arrived);
    channel_free(all->messages);
    for (size_t i = 0; i < MOST_ERRANDS; i++)
        if (all->v[i].fetch) {
            fetch_cancel(all->v[i].fetch);
            clear_errand(&all->v[i]);
        }
    free(all);
}
