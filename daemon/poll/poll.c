/* Entry point of polling: applies the configuration and the feed list, starts due requests, stores
 * records. See feed_state.h for the other files. */
#include "poll/poll.h"

#include "base/mem.h"
#include "log.h"
#include "must.h"
#include "base/clock.h"
#include "poll/answer.h"
#include "poll/apart_hooks.h"
#include "poll/archive.h"
#include "poll/feed_list.h"
#include "poll/feed_state.h"
#include "poll/handover.h"
#include "poll/hub.h"
#include "poll/outgoing.h"
#include "poll/plan.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* Its response has arrived but is not fully processed. */
static bool is_being_taken(const struct feed_state *f)
{
    return f->document || (f->intake && !f->fetch);
}

int poll_save(struct poll *p)
{
    int error = 0;
    for (size_t i = 0; !p->broken && !error && i < p->n; i++) {
        struct feed_state *f = p->feeds[i];
        if (!f->unsaved || is_being_taken(f))
            continue;
        error = subscription_save(ingest_store(p->ingest), f->sub);
        if (p->apart_engine)
            p->apart_engine->saved(p->apart_engine->arg, f->sub, f->login);
        f->unsaved = false;
    }
    return error;
}

static bool says_no(const char *option)
{
    return !strcasecmp(option, "no") || !strcasecmp(option, "false") || !strcmp(option, "0");
}

/* Uses the response that `storyctl feeds add` left (handed.h), if there is one. */
static bool take_handover(struct feed_state *f)
{
    const struct config *c = f->poll->config;
    struct handover *h = NULL;
    if (f->fresh)
        h = handover_take(c->store_path.text, f->sub->url, (size_t)c->poll_max_document.number,
                          wall_clock());
    f->fresh = false;
    if (!h)
        return false;
    if (h->n && !h->answer.error)
        h->answer.error = document_take_piece(f, &h->answer, h->body, h->n);
    answer_take(f, &h->answer, h->time);
    handover_free(h);
    return true;
}

/* A login in the list is for the listed server only, even if the feed has moved. */
static const char *login_of(const struct feed_state *f, const char *url)
{
    return f->login && login_follows(f->sub->listed, url) ? f->login
                                                          : logins_find(f->poll->logins, url);
}

static void ask_feed(struct hosts_entry *turn)
{
    struct feed_state *f = (struct feed_state *)((char *)turn - offsetof(struct feed_state, turn));
    struct poll *p = f->poll;
    const struct feed_record *sub = f->sub;
    const bool archive = sub->archive != NULL;
    if (p->apart_fetcher && !f->granted) {
        f->awaited = true;
        p->apart_fetcher->due(p->apart_fetcher->arg, sub);
        return;
    }
    f->granted = false;
    f->delivery = archive ? &archive_delivery : &answer_delivery;
    f->last = (struct intake_hashes){sub->head_hash, archive || sub->errors ? 0 : sub->body_hash};
    if (take_handover(f))
        return;
    char *etag = subscription_bytes(sub->etag), *modified = subscription_bytes(sub->last_modified);
    struct fetch_request r = outgoing_request(p, archive ? sub->archive : sub->url);
    r.login = login_of(f, r.url);
    r.http1 = says_no(subscription_attribute(sub, "http2"));
    if (!archive && !when_asks_anew(sub->document_time, wall_clock()))
        r.known = (struct fetch_validators){sub->document_url, sub->coding, etag, modified};
    const int64_t late = wall_clock_ms() - f->entry.due * 1000;
    log_line(LOG_DEBUG, "feed_polled", "polling", LOG_T("feed", sub->url),
             LOG_N("late_ms", (uint64_t)(late > 0 ? late : 0)));
    const struct fetch_client client = {
        .take = document_take_piece, .done = archive ? archive_done : answer_done, .arg = f};
    const char *why = fetch_refuses(r.url);
    f->asked = monotonic_us();
    f->fetch = why ? NULL : fetch_start(p->fetcher, &r, &client);
    free(etag);
    free(modified);
    if (!f->fetch) {
        struct buf error;
        buf_init(&error, 1024);
        buf_addf(&error, "invalid address: %s; correct it in the feed list",
                 why ? why : "not a URL");
        struct fetch_answer a = {.error = buf_text(&error)};
        client.done(f, &a);
        buf_free(&error);
    }
}

/* Wakes up for the next feed that becomes due, or the next due one that may start. */
static void set_timer(struct poll *p)
{
    enum { SECOND = 1000000, MINUTE = 60 * SECOND };
    struct sched_entry *first = sched_first(&p->queue);
    int64_t now = monotonic_us(), wait = MINUTE; /* at most, in case the clock is set */
    if (first && !p->paused && first->due - wall_clock() < 60)
        wait = (first->due - wall_clock()) * SECOND; /* whole seconds, rounded up */
    if (hosts_when(p->hosts) - now < wait)
        wait = hosts_when(p->hosts) - now;
    wait = wait < 500 ? 500 : wait;
    const struct timeval in = {wait / SECOND, wait % SECOND};
    evtimer_add(p->timer, &in);
}

/* After the clock was set back, feeds planned by the old time are due now. */
static void heed_poll_clock(struct poll *p, int64_t now)
{
    size_t n = 0;
    int64_t before = p->clock;
    p->clock = now;
    if (!clock_was_set_back(before, now))
        return;
    for (size_t i = 0; i < p->n; i++) {
        struct feed_state *f = p->feeds[i];
        if (!subscription_set_back(f->sub, now))
            continue;
        f->unsaved = true;
        n++;
        if (f->entry.place)
            plan_queue(f);
    }
    log_line(LOG_WARNING, "clock_set_back",
             "the clock was set back; feeds polled after the new time are due",
             LOG_N("seconds", before - now), LOG_N("feeds", n));
}

static void start_due(struct poll *p)
{
    int64_t now = wall_clock();
    struct sched_entry *first;
    struct hosts_entry *turn;
    if (p->broken)
        return;
    heed_poll_clock(p, now);
    while (!p->paused && (first = sched_first(&p->queue)) && first->due <= now) {
        struct feed_state *f = (struct feed_state *)first;
        sched_remove(&p->queue, first);
        if (document_is_under_way(f)) {
            sched_put(&p->queue, first, now + 1); /* one document at a time */
            continue;
        }
        hosts_wait(p->hosts, &f->turn, monotonic_us());
    }
    while (!p->broken && (turn = hosts_next(p->hosts, monotonic_us())))
        turn->ask(turn);
    set_timer(p);
}

static void on_poll_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    start_due(arg);
}

static void set_user_agent(struct poll *p)
{
    struct buf b;
    buf_init(&b, 1024);
    config_user_agent(p->config, &b);
    free(p->user_agent);
    p->user_agent = buf_take(&b);
}

static void set_limits(struct poll *p)
{
    const struct config *c = p->config;
    const struct hosts_limits limits = {.at_once = (size_t)c->poll_connections.number,
                                        .at_once_per_host =
                                            (size_t)c->poll_connections_per_host.number,
                                        .pause = c->poll_pause_per_host.number * 1000,
                                        .gap = hosts_gap(p->n, c->poll_interval.number * 1000)};
    hosts_set(p->hosts, &limits);
    fetcher_renew(p->fetcher, c->poll_connections_per_host.number);
}

static void set_allowed(struct poll *p)
{
    struct buf error;
    buf_init(&error, 1024);
    if (!address_list_read(p->config->poll_allow_addresses.text, &p->allowed, &error))
        abort(); /* config_read() checked it */
    buf_free(&error);
}

static void warn_of_logins(const char *path, const struct opml *list)
{
    struct stat st;
    size_t n = 0;
    for (size_t i = 0; i < list->n_feeds; i++)
        n += list->feeds[i].login != NULL;
    if (n && !stat(path, &st) && st.st_mode & S_IROTH)
        log_line(LOG_WARNING, "list_world_readable",
                 "the feed list contains logins and is world-readable; restrict it (chmod o=), or "
                 "use login_file in [feeds]",
                 LOG_T("list", path), LOG_N("logins", n));
}

/* All of the configuration but the list. */
static void use_config(struct poll *p, const struct config *config, struct logins *logins)
{
    logins_free(p->logins);
    p->logins = logins;
    p->config = config;
    set_user_agent(p);
    set_allowed(p);
}

bool poll_set_options(struct poll *p, const struct config *config, struct buf *error)
{
    struct logins *logins = logins_read(config->feeds_login_file.text, error);
    if (!logins)
        return false;
    use_config(p, config, logins);
    set_limits(p);
    poll_wake(p);
    return true;
}

bool poll_configure(struct poll *p, const struct config *config, struct buf *error)
{
    struct opml list = {0};
    char path[CONFIG_MAX_PATH];
    bool awaited = list_is_awaited(config);
    if (!config_list_path(config, path) || (!awaited && !list_read(path, &list, error)))
        return false;
    struct logins *logins = logins_read(config->feeds_login_file.text, error);
    if (!logins) {
        opml_free(&list);
        return false;
    }
    list_warn(path, &list);
    warn_of_logins(path, &list);
    bool first = !p->config;
    use_config(p, config, logins);
    if (p->broken) { /* reload from the store and discard unwritten changes */
        while (p->n > 0)
            list_drop_feed(p, p->feeds[--p->n]);
        p->broken = false;
    }
    for (size_t i = 0; i < p->n; i++)
        p->feeds[i]->listed = false;
    int64_t now = wall_clock();
    int failed = poll_save(p); /* including feeds that are dropped below */
    if (!failed && first)
        failed = subscription_drop_logins(ingest_store(p->ingest));
    if (!failed)
        failed = hub_read_key(p);
    for (size_t i = 0; !failed && i < list.n_feeds; i++)
        failed = list_take_feed(p, &list.feeds[i], now);
    if (!failed && !awaited) /* what is polled stays until there is a list */
        failed = list_drop_unlisted(p);
    opml_free(&list);
    p->broken = failed != 0;
    p->wrote(p->wrote_arg, failed);
    set_limits(p);
    start_due(p);
    return true;
}

void poll_go_on(struct poll *p)
{
    const struct timeval at_once = {0, 0};
    if (p->first_document)
        evtimer_add(p->slice, &at_once);
}

void poll_stop(struct poll *p)
{
    p->broken = true;
    evtimer_del(p->timer);
}

struct poll *poll_new(struct event_base *base, struct ingest *ingest, void (*wrote)(void *, int),
                      void *arg)
{
    struct poll *p = mem_zero(sizeof *p);
    p->ingest = ingest;
    p->wrote = wrote;
    p->wrote_arg = arg;
    p->ask = ask_feed;
    p->hosts = hosts_new();
    p->fetcher = fetcher_new(base);
    p->timer = must_event(evtimer_new(base, on_poll_timer, p));
    p->slice = must_event(evtimer_new(base, document_slice, p));
    p->last_document = &p->first_document;
    return p;
}

void poll_free(struct poll *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->n; i++)
        list_drop_feed(p, p->feeds[i]);
    free(p->feeds);
    hosts_free(p->hosts);
    map_free(&p->by_number);
    sched_free(&p->queue);
    fetcher_free(p->fetcher);
    event_free(p->timer);
    event_free(p->slice);
    free(p->user_agent);
    logins_free(p->logins);
    free(p);
}

void poll_wait_turn(struct poll *p, struct hosts_entry *turn, const char *url, int64_t pause)
{
    turn->host = hosts_find(p->hosts, url);
    if (pause >= 0)
        hosts_set_pause(turn->host, pause * 1000);
    hosts_wait(p->hosts, turn, monotonic_us());
    poll_wake(p);
}

void poll_end_turn(struct poll *p, struct hosts_entry *turn)
{
    if (!turn->host)
        return;
    hosts_end(p->hosts, turn);
    hosts_leave(turn->host);
    turn->host = NULL;
    poll_wake(p);
}

struct fetcher *poll_fetcher(struct poll *p)
{
    return p->fetcher;
}

const char *poll_attribute(const struct poll *p, uint64_t feed, const char *name)
{
    const struct feed_state *f = map_get(&p->by_number, feed);
    return f ? subscription_attribute(f->sub, name) : "";
}

bool poll_has_attribute(const struct poll *p, const char *name)
{
    for (size_t i = 0; i < p->n; i++)
        if (*subscription_attribute(p->feeds[i]->sub, name))
            return true;
    return false;
}

bool poll_is_told_to_wait(const struct poll *p, uint64_t feed, int64_t now)
{
    const struct feed_state *f = map_get(&p->by_number, feed);
    return f && plan_is_told_to_wait(f, now);
}

size_t poll_feeds(const struct poll *p)
{
    return p->n;
}

void poll_lag(const struct poll *p, int64_t now, struct poll_lag *out)
{
    *out = (struct poll_lag){0};
    for (size_t i = 0; i < p->n; i++) {
        const struct feed_record *sub = p->feeds[i]->sub;
        out->by_state[subscription_state(sub)]++;
        if (!subscription_is_polled(sub))
            continue;
        out->due += sub->next_poll <= now;
        if (sub->next_poll && now - sub->next_poll > out->longest_due)
            out->longest_due = now - sub->next_poll;
    }
}

const struct poll_counts *poll_counts(const struct poll *p)
{
    return &p->counts;
}
