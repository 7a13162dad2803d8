/* Posts hub.mode=publish to each hub for each outgoing feed, and again after failures. */
#include "poll/announce.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/mem.h"
#include "config.h"
#include "log.h"
#include "must.h"
#include "net/fetch.h"
#include "poll/hub_list.h"
#include "poll/outgoing.h"
#include "poll/poll.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const announced_feeds[] = {"/feed.atom", "/feed.json", "/feed.ninjs"};
enum { FEEDS = sizeof announced_feeds / sizeof *announced_feeds, MAX_FORM = 1 << 14 };

/* What one hub is told of one feed. */
struct announcement {
    struct announcer *all;
    char *hub, *topic;
    struct fetch *fetch; /* under way, or NULL */
    int64_t next;        /* not before then; monotonic milliseconds */
    unsigned failures;   /* in a row */
    bool changed;        /* the hub must be told */
};

struct announcer {
    struct poll *poll;
    struct event *timer;
    uint64_t version;
    struct announcement v[HUB_LIST_MAX * FEEDS];
    size_t n;
};

int64_t announce_pause(unsigned failures)
{
    enum { MOST = 3600000, DOUBLINGS = 6 };
    int64_t pause = (int64_t)ANNOUNCE_PAUSE << (failures < DOUBLINGS ? failures : DOUBLINGS);
    return pause < MOST ? pause : MOST;
}

/* ---- telling -------------------------------------------------------------------------------- */

static void announce_later(struct announcer *a)
{
    int64_t now = monotonic_ms(), wait = INT64_MAX;
    for (size_t i = 0; i < a->n; i++)
        if (a->v[i].changed && !a->v[i].fetch && a->v[i].next - now < wait)
            wait = a->v[i].next - now;
    if (wait == INT64_MAX)
        return;
    wait = wait > 0 ? wait : 0;
    const struct timeval in = {wait / 1000, wait % 1000 * 1000};
    evtimer_add(a->timer, &in);
}

static const char *drop_hub_answer(void *arg, const struct fetch_answer *head, const char *bytes,
                                   size_t n)
{
    (void)arg, (void)head, (void)bytes, (void)n;
    return NULL;
}

static void announced(void *arg, const struct fetch_answer *a)
{
    struct announcement *to = arg;
    char status[32];
    to->fetch = NULL;
    if (!a->error && a->status >= 200 && a->status < 300) {
        to->failures = 0;
    } else {
        snprintf(status, sizeof status, "HTTP %ld", a->status);
        const char *why = a->error ? a->error : status;
        if (!to->failures++)
            log_line(LOG_WARNING, "hub_not_told",
                     "a hub cannot be told that a feed has changed; will be retried",
                     LOG_T("hub", to->hub), LOG_T("topic", to->topic), LOG_T("error", why));
        to->changed = true;
        to->next = monotonic_ms() + announce_pause(to->failures);
    }
    announce_later(to->all);
}

static void announce(struct announcement *to)
{
    enum { MAX_ANSWER = 1 << 20 };
    struct buf form;
    buf_init(&form, MAX_FORM);
    buf_adds(&form, "hub.mode=publish&hub.url=");
    escape_text(&form, ESCAPE_QUERY, to->topic);
    struct fetch_request post = outgoing_request(to->all->poll, to->hub);
    post.post = buf_text(&form);
    post.max_body = MAX_ANSWER;
    const struct fetch_client client = {.take = drop_hub_answer, .done = announced, .arg = to};
    to->changed = false;
    to->next = monotonic_ms() + announce_pause(0);
    to->fetch = fetch_start(poll_fetcher(to->all->poll), &post, &client);
    if (!to->fetch)
        announced(to, &(struct fetch_answer){.error = "not a URL"});
    buf_free(&form);
}

static void on_announce_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct announcer *a = arg;
    int64_t now = monotonic_ms();
    for (size_t i = 0; i < a->n; i++)
        if (a->v[i].changed && !a->v[i].fetch && a->v[i].next <= now)
            announce(&a->v[i]);
    announce_later(a);
}

void announce_committed(struct announcer *a, uint64_t version)
{
    if (version == a->version)
        return;
    a->version = version;
    for (size_t i = 0; i < a->n; i++)
        a->v[i].changed = true;
    announce_later(a);
}

/* ---- configuration -------------------------------------------------------------------------- */

static void drop_announcements(struct announcer *a)
{
    for (size_t i = 0; i < a->n; i++) {
        if (a->v[i].fetch)
            fetch_cancel(a->v[i].fetch);
        free(a->v[i].hub);
        free(a->v[i].topic);
    }
    a->n = 0;
}

void announce_configure(struct announcer *a, const struct config *config)
{
    const char *list = config->websub_hubs.text, *base = config->http_base_url.text, *hub;
    size_t hub_length, n = strlen(base);
    drop_announcements(a);
    while (n && base[n - 1] == '/')
        n--;
    while ((hub_length = hub_list_next(&list, &hub)))
        for (size_t i = 0; i < FEEDS; i++) {
            struct buf topic;
            buf_init(&topic, MAX_FORM);
            buf_addf(&topic, "%.*s%s", (int)n, base, announced_feeds[i]);
            a->v[a->n++] = (struct announcement){
                .all = a, .hub = mem_strn(hub, hub_length), .topic = buf_take(&topic)};
        }
}

struct announcer *announce_new(struct event_base *base, struct poll *poll, uint64_t version)
{
    struct announcer *a = mem_zero(sizeof *a);
    a->poll = poll;
    a->version = version;
    a->timer = must_event(evtimer_new(base, on_announce_timer, a));
    return a;
}

void announce_free(struct announcer *a)
{
    if (!a)
        return;
    drop_announcements(a);
    event_free(a->timer);
    free(a);
}
