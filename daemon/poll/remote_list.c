/* Polls the feed list of an address, checks it, and keeps the last good copy; see remote_list.h. A
 * list that would remove too many feeds is held beside the copy until it comes back, or an operator
 * confirms it. */
#include "poll/remote_list.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/url.h"
#include "config.h"
#include "feed/opml.h"
#include "file.h"
#include "log.h"
#include "must.h"
#include "poll/feed_list.h"
#include "poll/feed_state.h"
#include "poll/outgoing.h"
#include "poll/plan.h"
#include "poll/poll.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ID = 17, MAX_STATE = 1 << 20, MAX_COPY = 64 << 20, MAX_WHY = 2000 };

/* Kept in state.json over restarts. */
struct list_state {
    char *url; /* that it is of; NULL: of none */
    char *etag, *last_modified, *coding,
        *validated; /* validators, and the address they came from */
    int64_t document_time, last_poll, next_poll;
    uint64_t errors;
    char *error;             /* of the last poll; NULL: it succeeded */
    char copy[ID], held[ID]; /* hashes of the copy and of the held list; "": there is none */
    uint64_t feeds, removed, subscribed; /* of the held list */
};

struct remote_list {
    struct poll *poll;
    const struct config *config;
    struct event *timer;
    struct hosts_entry turn;
    struct fetch *fetch;
    struct buf body;
    char *url, *login; /* of the configuration; `url` NULL: the list is a file */
    bool told_moved;
    struct list_state state;
    void (*changed)(void *);
    void *arg;
};

/* ---- files ---------------------------------------------------------------------------------- */

static void path_in_store(const struct remote_list *r, const char *name, char out[CONFIG_MAX_PATH])
{
    snprintf(out, CONFIG_MAX_PATH, "%s/list/%s", r->config->store_path.text, name);
}

static void forget_state(struct list_state *s)
{
    char **texts[] = {&s->url, &s->etag, &s->last_modified, &s->coding, &s->validated, &s->error};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(*texts[i]);
    *s = (struct list_state){0};
}

static void forget_validators(struct list_state *s)
{
    subscription_set(&s->etag, NULL);
    subscription_set(&s->last_modified, NULL);
}

static void forget_held(struct remote_list *r)
{
    char path[CONFIG_MAX_PATH];
    path_in_store(r, "held.opml", path);
    unlink(path);
    *r->state.held = 0;
}

static void save_list_state(struct remote_list *r)
{
    const struct list_state *s = &r->state;
    char path[CONFIG_MAX_PATH];
    const char *at = path;
    json_t *all = json_pack(
        "{s:s*,s:s*,s:s*,s:s*,s:s*,s:s*,s:s,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "url", s->url,
        "etag", s->etag, "last_modified", s->last_modified, "coding", s->coding, "validated",
        s->validated, "error", s->error, "copy", s->copy, "held", s->held, "document_time",
        (json_int_t)s->document_time, "last_poll", (json_int_t)s->last_poll, "next_poll",
        (json_int_t)s->next_poll, "errors", (json_int_t)s->errors, "feeds", (json_int_t)s->feeds,
        "removed", (json_int_t)s->removed, "subscribed", (json_int_t)s->subscribed);
    char *text = all ? json_dumps(all, JSON_COMPACT) : NULL;
    path_in_store(r, "state.json", path);
    if (!text || !file_replace(path, text, strlen(text)))
        log_line(LOG_WARNING, "list_state_failed",
                 "cannot store the state of the feed list; it is polled anew at a start",
                 LOG_T("path", at), LOG_T("error", strerror(errno)));
    free(text);
    json_decref(all);
}

/* A state that cannot be read is none: the list is polled at once. */
static void load_list_state(struct remote_list *r)
{
    struct list_state *s = &r->state;
    char path[CONFIG_MAX_PATH];
    const char *texts[8] = {0};
    json_int_t n[7] = {0};
    size_t length;
    forget_state(s);
    path_in_store(r, "state.json", path);
    char *bytes = file_read(path, MAX_STATE, &length);
    json_t *all = bytes ? json_loadb(bytes, length, 0, NULL) : NULL;
    free(bytes);
    if (!all ||
        json_unpack(all, "{s?s,s?s,s?s,s?s,s?s,s?s,s?s,s?s,s?I,s?I,s?I,s?I,s?I,s?I,s?I}", "url",
                    &texts[0], "etag", &texts[1], "last_modified", &texts[2], "coding", &texts[3],
                    "validated", &texts[4], "error", &texts[5], "copy", &texts[6], "held",
                    &texts[7], "document_time", &n[0], "last_poll", &n[1], "next_poll", &n[2],
                    "errors", &n[3], "feeds", &n[4], "removed", &n[5], "subscribed", &n[6])) {
        json_decref(all);
        return;
    }
    char **fields[] = {&s->url, &s->etag, &s->last_modified, &s->coding, &s->validated, &s->error};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        *fields[i] = texts[i] ? mem_str(texts[i]) : NULL;
    snprintf(s->copy, sizeof s->copy, "%s", texts[6] ? texts[6] : "");
    snprintf(s->held, sizeof s->held, "%s", texts[7] ? texts[7] : "");
    s->document_time = n[0];
    s->last_poll = n[1];
    s->next_poll = n[2];
    s->errors = (uint64_t)n[3];
    s->feeds = (uint64_t)n[4];
    s->removed = (uint64_t)n[5];
    s->subscribed = (uint64_t)n[6];
    json_decref(all);
}

static void name_list(const void *bytes, size_t n, char out[ID])
{
    snprintf(out, ID, "%016" PRIx64, hash64(bytes, n, 0));
}

/* ---- what a response contains --------------------------------------------------------------- */

/* One feed may always go, unless none may. */
static bool removes_too_many(const struct config *c, size_t removed, size_t subscribed)
{
    size_t percent = (size_t)c->feeds_max_removed.number, most = subscribed * percent / 100;
    return removed > (most || !percent ? most : 1);
}

static bool write_list(struct remote_list *r, const char *name, struct buf *why)
{
    char path[CONFIG_MAX_PATH];
    path_in_store(r, name, path);
    if (file_replace(path, r->body.p, r->body.len))
        return true;
    buf_addf(why, "cannot write %s: %s", path, strerror(errno));
    return false;
}

/* Keeps the list beside the copy. */
static bool hold_list(struct remote_list *r, const char *id, const struct opml *list,
                      size_t removed, size_t subscribed, struct buf *why)
{
    struct list_state *s = &r->state;
    if (!write_list(r, "held.opml", why))
        return false;
    snprintf(s->held, sizeof s->held, "%s", id);
    s->feeds = list->n_feeds;
    s->removed = removed;
    s->subscribed = subscribed;
    log_line(LOG_WARNING, "list_held",
             "the new feed list removes too many feeds (max_removed in [feeds]); keeping the last "
             "one. If that is intended, run storyctl feeds confirm with the id",
             LOG_T("list", s->url), LOG_T("id", id), LOG_N("feeds", list->n_feeds),
             LOG_N("removed", removed), LOG_N("subscribed", subscribed));
    return true;
}

/* Decides about a list that is neither the copy nor held. */
static bool judge_list(struct remote_list *r, const char *id, const struct opml *list, bool *new,
                       struct buf *why)
{
    size_t subscribed, removed;
    int error = list_compare(r->poll, list, &subscribed, &removed);
    if (error) {
        buf_addf(why, "the store cannot be read: %s", store_strerror(error));
        return false;
    }
    if (removes_too_many(r->config, removed, subscribed))
        return hold_list(r, id, list, removed, subscribed, why);
    if (!write_list(r, "feeds.opml", why))
        return false;
    forget_held(r);
    snprintf(r->state.copy, sizeof r->state.copy, "%s", id);
    *new = true;
    return true;
}

static bool is_whole_list(const struct opml *list, struct buf *why)
{
    if (list->breaks_off)
        buf_addf(why, "line %zu: the list is truncated; expected </opml>", list->breaks_off);
    else if (list->dropped)
        buf_addf(why, "the list has more than %d feeds", OPML_MAX_FEEDS);
    else if (!list->n_feeds)
        buf_adds(why, "the list has no feeds");
    return !why->len;
}

static bool take_list_body(struct remote_list *r, bool *new, struct buf *why)
{
    struct opml list;
    struct opml_error error = {0};
    char id[ID];
    name_list(buf_text(&r->body), r->body.len, id);
    if (!strcmp(id, r->state.held))
        return true;
    if (!strcmp(id, r->state.copy) && !list_is_awaited(r->config)) {
        if (*r->state.held)
            log_line(LOG_INFO, "list_released", "the feed list is as before again",
                     LOG_T("list", r->state.url));
        forget_held(r);
        return true;
    }
    if (!opml_parse(buf_text(&r->body), r->body.len, &list, &error)) {
        buf_addf(why, "line %zu: %s", error.line, error.message);
        return false;
    }
    bool ok = is_whole_list(&list, why) && judge_list(r, id, &list, new, why);
    opml_free(&list);
    return ok;
}

static void keep_list_head(struct list_state *s, const struct fetch_answer *a)
{
    subscription_set_bytes(&s->etag, a->header[FETCH_ETAG]);
    subscription_set_bytes(&s->last_modified, a->header[FETCH_LAST_MODIFIED]);
    subscription_set(&s->coding, a->header[FETCH_CODING]);
    subscription_set(&s->validated, a->url);
    s->document_time = s->last_poll;
}

static enum when_outcome take_list_answer(struct remote_list *r, const struct fetch_answer *a,
                                          bool *new, struct buf *why)
{
    if (a->error)
        buf_adds(why, a->error);
    else if (a->status == 304 && a->conditional)
        return WHEN_UNCHANGED;
    else if (!fetch_is_document(a->status))
        buf_addf(why, "HTTP %ld", a->status);
    else if (a->cut || r->body.full)
        buf_adds(why, "the list is truncated");
    else if (take_list_body(r, new, why)) {
        keep_list_head(&r->state, a);
        return *new ? WHEN_NEW : WHEN_UNCHANGED;
    }
    return !a->error && (a->status == 429 || a->status == 503) ? WHEN_BUSY : WHEN_FAILED;
}

/* ---- requests ------------------------------------------------------------------------------- */

static void plan_list(struct remote_list *r, int64_t least)
{
    enum { HOUR = 3600 }; /* at most, in case the clock is set */
    int64_t wait = r->state.next_poll - wall_clock();
    wait = wait < least ? least : wait > HOUR ? HOUR : wait;
    const struct timeval in = {wait, 0};
    evtimer_add(r->timer, &in);
}

static void tell_list_moved(struct remote_list *r, const struct fetch_answer *a)
{
    if (a->moved && !r->told_moved)
        log_line(LOG_WARNING, "list_moved",
                 "the feed list has moved permanently; change list in [feeds]",
                 LOG_T("list", r->url), LOG_T("to", a->moved));
    r->told_moved = a->moved != NULL;
}

static void done_list(void *arg, const struct fetch_answer *a)
{
    enum { LATER = 60 };
    struct remote_list *r = arg;
    struct list_state *s = &r->state;
    struct buf why;
    bool new = false;
    r->fetch = NULL;
    poll_end_turn(r->poll, &r->turn);
    if (r->poll->broken) { /* nothing can be compared or applied now */
        plan_list(r, LATER);
        return;
    }
    buf_init(&why, MAX_WHY);
    s->last_poll = wall_clock();
    struct when_facts facts = plan_facts(a, s->last_poll);
    facts.outcome = take_list_answer(r, a, &new, &why);
    s->errors = why.len ? s->errors + 1 : 0;
    facts.errors = s->errors;
    facts.own = facts.ttl = facts.updates = facts.quiet = -1;
    subscription_set(&s->error, buf_text(&why));
    if (why.len)
        log_line(LOG_WARNING, "list_unread", "the feed list was not read; keeping the last one",
                 LOG_T("list", s->url), LOG_T("error", s->error), LOG_N("in_a_row", s->errors));
    tell_list_moved(r, a);
    struct when_plan plan;
    when_plan(r->config, &facts, s->last_poll, plan_chance(), &plan);
    s->next_poll = plan.next;
    buf_free(&why);
    buf_free(&r->body);
    save_list_state(r);
    plan_list(r, 0);
    if (new)
        r->changed(r->arg);
}

static const char *take_list_piece(void *arg, const struct fetch_answer *head, const char *bytes,
                                   size_t n)
{
    struct remote_list *r = arg;
    (void)head;
    return buf_add(&r->body, bytes, n) ? NULL : "the list is larger than max_document";
}

static void ask_for_list(struct hosts_entry *turn)
{
    struct remote_list *r =
        (struct remote_list *)((char *)turn - offsetof(struct remote_list, turn));
    struct poll *p = r->poll;
    struct list_state *s = &r->state;
    char *etag = subscription_bytes(s->etag), *modified = subscription_bytes(s->last_modified);
    struct fetch_request q = outgoing_request(p, r->url);
    q.login = r->login ? r->login : logins_find(p->logins, r->url);
    q.accept = "text/x-opml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5";
    if ((etag || modified) && !when_asks_anew(s->document_time, wall_clock()))
        q.known = (struct fetch_validators){s->validated, s->coding, etag, modified};
    const struct fetch_client client = {.take = take_list_piece, .done = done_list, .arg = r};
    buf_free(&r->body);
    buf_init(&r->body, q.max_body);
    r->fetch = fetch_start(p->fetcher, &q, &client);
    free(etag);
    free(modified);
    if (!r->fetch)
        done_list(r, &(struct fetch_answer){.error = "invalid address; correct list in [feeds]"});
}

static void on_list_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    enum { LATER = 60 };
    struct remote_list *r = arg;
    int64_t now = wall_clock();
    if (r->fetch || r->turn.host)
        return; /* under way */
    if (r->state.last_poll > now)
        r->state.next_poll = now; /* the clock was set back */
    if (r->poll->broken || r->state.next_poll > now)
        plan_list(r, r->poll->broken ? LATER : 1);
    else
        poll_wait_turn(r->poll, &r->turn, r->url, -1);
}

/* ---- configuration -------------------------------------------------------------------------- */

static void stop_list(struct remote_list *r)
{
    evtimer_del(r->timer);
    if (r->fetch)
        fetch_cancel(r->fetch);
    r->fetch = NULL;
    poll_end_turn(r->poll, &r->turn);
    free(r->url);
    free(r->login);
    r->url = r->login = NULL;
}

/* The held list becomes the copy. */
static bool promote_held(struct remote_list *r, struct buf *why)
{
    char held[CONFIG_MAX_PATH], copy[CONFIG_MAX_PATH], id[ID] = "";
    size_t n;
    path_in_store(r, "held.opml", held);
    path_in_store(r, "feeds.opml", copy);
    char *bytes = file_read(held, MAX_COPY, &n);
    if (bytes)
        name_list(bytes, n, id);
    free(bytes);
    if (strcmp(id, r->state.held) != 0 || rename(held, copy)) {
        buf_addf(why, "cannot use %s; it is fetched again", held);
        forget_validators(&r->state);
        forget_held(r);
        r->state.next_poll = 0;
    } else {
        snprintf(r->state.copy, sizeof r->state.copy, "%s", id);
        *r->state.held = 0;
    }
    save_list_state(r);
    return !why->len;
}

void remote_list_configure(struct remote_list *r, const struct config *config)
{
    char folder[CONFIG_MAX_PATH], *login;
    struct list_state *s = &r->state;
    struct buf why;
    r->config = config;
    char *url =
        config_list_is_remote(config) ? url_without_login(config->feeds_list.text, &login) : NULL;
    bool same = url && r->url && !strcmp(url, r->url);
    if (!same)
        stop_list(r);
    if (!url)
        return;
    free(r->url);
    free(r->login);
    r->url = url;
    r->login = login;
    path_in_store(r, "", folder);
    mkdir(folder, 0700); /* not for the group: lists contain logins */
    if (!same)
        load_list_state(r);
    if (!s->url || strcmp(s->url, url) != 0) {
        forget_held(r);
        forget_state(s);
        s->url = mem_str(url);
    }
    if (list_is_awaited(config) && !*s->held) {
        forget_validators(s);
        s->next_poll = s->errors ? s->next_poll : 0;
    }
    buf_init(&why, MAX_WHY);
    if (*s->held && !removes_too_many(config, s->removed, s->subscribed) && !promote_held(r, &why))
        log_line(LOG_WARNING, "list_held_lost", "the held feed list is lost",
                 LOG_T("error", buf_text(&why)));
    buf_free(&why);
    if (!r->fetch && !r->turn.host)
        plan_list(r, 0);
}

struct remote_list *remote_list_new(struct event_base *base, struct poll *poll,
                                    void (*changed)(void *), void *arg)
{
    struct remote_list *r = mem_zero(sizeof *r);
    r->poll = poll;
    r->changed = changed;
    r->arg = arg;
    r->turn.ask = ask_for_list;
    r->timer = must_event(evtimer_new(base, on_list_timer, r));
    return r;
}

void remote_list_free(struct remote_list *r)
{
    if (!r)
        return;
    stop_list(r);
    event_free(r->timer);
    buf_free(&r->body);
    forget_state(&r->state);
    free(r);
}

/* ---- status --------------------------------------------------------------------------------- */

const char *remote_list_state(const struct remote_list *r)
{
    return !r->url                      ? "file"
           : *r->state.held             ? "held"
           : r->state.error             ? "failing"
           : list_is_awaited(r->config) ? "waiting"
                                        : "ok";
}

json_t *remote_list_describe(const struct remote_list *r)
{
    const struct list_state *s = &r->state;
    json_t *all = json_pack("{s:s,s:I}", "state", remote_list_state(r), "feeds",
                            (json_int_t)poll_feeds(r->poll));
    if (!r->url)
        return all;
    size_t shown = strcspn(r->url, "?#"); /* a query may be a secret */
    json_t *more = json_pack("{s:s%,s:I,s:I,s:I,s:s*}", "url", r->url, shown, "last_poll",
                             (json_int_t)s->last_poll, "next_poll", (json_int_t)s->next_poll,
                             "errors", (json_int_t)s->errors, "error", s->error);
    json_object_update(all, more);
    json_decref(more);
    if (*s->held)
        json_object_set_new(all, "held",
                            json_pack("{s:s,s:I,s:I,s:I}", "id", s->held, "feeds",
                                      (json_int_t)s->feeds, "removed", (json_int_t)s->removed,
                                      "subscribed", (json_int_t)s->subscribed));
    return all;
}

int remote_list_confirm(struct remote_list *r, const char *id, struct buf *why)
{
    if (!r->url || !*r->state.held) {
        buf_adds(why, "no feed list awaits confirmation");
        return 404;
    }
    if (strcmp(id, r->state.held) != 0) {
        buf_adds(why, "another feed list awaits confirmation by now; look at it first");
        return 409;
    }
    if (!promote_held(r, why)) {
        plan_list(r, 0);
        return 409;
    }
    log_line(LOG_INFO, "list_confirmed", "the feed list was confirmed", LOG_T("list", r->state.url),
             LOG_T("id", id));
    r->changed(r->arg);
    return 0;
}
