#include "poll/poll.h"

#include "address.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/url.h"
#include "feed/opml.h"
#include "log.h"
#include "poll/fetch.h"
#include "poll/handed.h"
#include "poll/hosts.h"
#include "poll/intake.h"
#include "poll/sched.h"
#include "poll/websub.h"
#include "poll/when.h"
#include "subscription.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

enum {
    MAX_LIST = 64 << 20,
    SLICE_MS = 3,
    SLICE_BYTES = 1 << 16,     /* read between two looks at the clock */
    SMALL_DOCUMENT = 1 << 20,  /* always let in */
    MAX_UNDER_WAY = 256 << 20, /* bytes of all longer documents together */
};

struct arrival {
    char *etag, *last_modified, *coding, *url; /* as in the record */
    bool whole;
};

struct feed_state {
    struct sched_entry
        entry; /* queued by the wall-clock second it is due; first, to be cast back */
    struct poll *poll;
    struct subscription *sub;
    struct hosts_entry turn;            /* among those that are due */
    struct fetch *fetch;                /* under way, or NULL */
    struct intake *intake;              /* its document on the way in, or NULL */
    size_t long_bytes;                  /* what of poll.under_way is its */
    struct arrival arrival;             /* what came with it */
    struct when_facts facts;            /* what the answer says of the next poll */
    char *moved;                        /* where the answer says that it lies now, or NULL */
    char *link_hub, *link_self;         /* of the answer's Link header, or NULL */
    struct fetch *hub_fetch;            /* the request to its hub under way, or NULL */
    bool pushed;                        /* its hub brought what is on the way in */
    bool archive;                       /* what is asked for is an older document */
    char *older;                        /* the one before that, or NULL */
    struct ingest_document *document;   /* being taken, or NULL */
    bool in_turn;                       /* there is something to read or take */
    struct feed_state *behind_document; /* whose turn is after it */
    bool fresh;                         /* not asked yet since it was taken up */
    bool listed;                        /* still in the list while one is being taken over */
    bool unsaved;                       /* the record is to be written with the batch */
};

struct poll {
    struct ingest *ingest;
    struct fetcher *fetcher;
    const struct config *config;
    struct sched queue;
    struct event *timer, *slice;
    struct feed_state *first_document, **last_document; /* in the order in which they came */
    struct feed_state **feeds;
    size_t n, cap;
    size_t under_way;     /* bytes of long documents on their way in */
    struct map by_number; /* feed number -> struct feed_state */
    struct hosts *hosts;
    unsigned char hub_key[WEBSUB_KEY];
    bool starting; /* requests: one that ends at once starts no others */
    char *user_agent;
    struct address_list allowed;
    bool broken; /* the store failed: nothing is written any more */
    void (*wrote)(void *, int);
    void *wrote_arg;
};

static int64_t wall_clock(void)
{
    return (int64_t)time(NULL);
}

static int64_t wall_clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static double chance(void)
{
    uint32_t r = 0;
    if (getrandom(&r, sizeof r, GRND_NONBLOCK) != sizeof r)
        r = 0;
    return (double)r / UINT32_MAX;
}

/* ---- what came back ------------------------------------------------------------------------- */

static void read_in_turn(struct feed_state *f);
static void leave_turn(struct feed_state *f);

/* What came with a document: the record has it only with the document's items. */
static void take_head(struct arrival *to, const struct fetch_answer *a)
{
    subscription_set_bytes(&to->etag, a->header[FETCH_ETAG]);
    subscription_set_bytes(&to->last_modified, a->header[FETCH_LAST_MODIFIED]);
    subscription_set(&to->coding, a->header[FETCH_CODING]);
    free(to->url);
    to->url = mem_str(a->url);
    to->whole = a->status == 200;
}

static void move_text(char **to, char **from)
{
    free(*to);
    *to = *from;
    *from = NULL;
}

static void keep_head(struct subscription *sub, struct arrival *from)
{
    move_text(&sub->etag, &from->etag);
    move_text(&sub->last_modified, &from->last_modified);
    move_text(&sub->coding, &from->coding);
    move_text(&sub->document_url, &from->url);
    if (from->whole)
        sub->document_time = sub->last_poll;
}

static void free_head(struct arrival *head)
{
    free(head->etag);
    free(head->last_modified);
    free(head->coding);
    free(head->url);
}

/* RFC 3229: the answer holds new entries alone. */
static bool is_part(const struct fetch_answer *a)
{
    const char *im = a->header[FETCH_IM];
    return a->status == 226 && im && !strcasecmp(im, "feed");
}

/* A piece of an answer's body. The memory for all documents has a ceiling: short ones always fit.
 */
static const char *take_piece(void *arg, const struct fetch_answer *head, const char *bytes,
                              size_t n)
{
    struct feed_state *f = arg;
    struct subscription *sub = f->sub;
    const struct intake_hashes last = {sub->head_hash,
                                       sub->errors || f->archive ? 0 : sub->body_hash};
    if (head->status != 200 && !is_part(head))
        return NULL;
    if (!f->intake)
        f->intake = intake_new(head->url, head->content_type, last);
    if (intake_length(f->intake) + n > SMALL_DOCUMENT) {
        if (f->poll->under_way + n > MAX_UNDER_WAY)
            return "too many long documents at once; it is asked for again later";
        f->poll->under_way += n;
        f->long_bytes += n;
    }
    intake_add(f->intake, bytes, n);
    read_in_turn(f);
    return NULL;
}

static void forget_length(struct feed_state *f)
{
    f->poll->under_way -= f->long_bytes;
    f->long_bytes = 0;
}

static void drop_intake(struct feed_state *f)
{
    leave_turn(f);
    intake_abandon(f->intake);
    f->intake = NULL;
    forget_length(f);
}

/* All of it is there; unless it is the last one again, what is left is read in turn. */
static void take_document(struct feed_state *f, const struct fetch_answer *a, int64_t now,
                          enum when_outcome *outcome)
{
    struct subscription *sub = f->sub;
    if (!f->intake) {
        subscription_failed(sub, feed_strerror(FEED_EMPTY));
        return;
    }
    intake_close(f->intake);
    take_head(&f->arrival, a);
    if (!intake_unchanged(f->intake)) {
        read_in_turn(f);
        return;
    }
    drop_intake(f);
    keep_head(sub, &f->arrival);
    sub->unchanged++;
    *outcome = WHEN_UNCHANGED;
    subscription_succeeded(sub, 0, now);
}

static void take_status(struct feed_state *f, const struct fetch_answer *a, int64_t now,
                        enum when_outcome *outcome)
{
    struct subscription *sub = f->sub;
    if (a->status == 200 || is_part(a)) {
        take_document(f, a, now, outcome);
        return;
    }
    if (a->status == 304 && a->conditional) {
        if (a->header[FETCH_ETAG])
            subscription_set_bytes(&sub->etag, a->header[FETCH_ETAG]);
        if (a->header[FETCH_LAST_MODIFIED])
            subscription_set_bytes(&sub->last_modified, a->header[FETCH_LAST_MODIFIED]);
        sub->unchanged++;
        subscription_succeeded(sub, 0, now);
        *outcome = WHEN_UNCHANGED;
        return;
    }
    static const struct {
        long status;
        const char *message;
    } messages[] = {
        {226, "HTTP 226: a part of the feed in a form that was not asked for"},
        {304, "HTTP 304: \"as before\" to a request that named nothing before"},
        {401, "HTTP 401: the feed wants a login"},
        {403, "HTTP 403: the server refuses us"},
        {404, "HTTP 404: there is no feed at this address; look for its new one"},
        {410,
         "HTTP 410: the feed is gone for good; it is not asked any more; take it off the list"},
        {429, "HTTP 429: the server asks us to slow down"},
        {503, "HTTP 503: the server has too much to do"},
    };
    char text[64];
    snprintf(text, sizeof text, "HTTP %ld", a->status);
    const char *message = text;
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
        if (messages[i].status == a->status)
            message = messages[i].message;
    subscription_failed(sub, message);
    *outcome = a->status == 429 || a->status == 503 ? WHEN_BUSY : WHEN_FAILED;
}

static void start_due(struct poll *p);
static void end_request(struct feed_state *f);

static bool is_active(const struct subscription *sub)
{
    return sub->hub_state && !strcmp(sub->hub_state, "active") && sub->hub_until > wall_clock();
}

/* What the headers say of the next poll. */
static struct when_facts facts_of(const struct fetch_answer *a, int64_t now)
{
    return (struct when_facts){
        .retry_after = when_retry_after(a->header[FETCH_RETRY_AFTER], now),
        .max_age = when_max_age(a->header[FETCH_CACHE_CONTROL], a->header[FETCH_AGE]),
        .expires = when_expires(a->header[FETCH_EXPIRES], a->header[FETCH_DATE], now)};
}

static int64_t or_none(uint64_t seconds)
{
    return seconds ? (int64_t)seconds : -1;
}

static int64_t own_interval(const struct subscription *sub)
{
    int64_t ms;
    return config_duration(subscription_attribute(sub, "interval"), &ms) ? (ms + 999) / 1000 : -1;
}

static void plan(struct feed_state *f, enum when_outcome outcome)
{
    struct subscription *sub = f->sub;
    struct when_facts *facts = &f->facts;
    struct when_plan plan;
    facts->outcome = outcome;
    facts->errors = sub->errors;
    facts->own = own_interval(sub);
    facts->ttl = or_none(sub->ttl);
    facts->updates = or_none(sub->updates);
    facts->quiet = sub->last_poll - (sub->last_new ? sub->last_new : sub->added);
    facts->pushed = is_active(sub) ? sub->hub_until - sub->last_poll : 0;
    facts->skip_hours = (unsigned)sub->skip_hours;
    facts->skip_days = (unsigned)sub->skip_days;
    when_plan(f->poll->config, facts, sub->last_poll, chance(), &plan);
    sub->next_poll = plan.next;
    subscription_set(&sub->because, when_rule_name(plan.because));
    json_decref(sub->waits);
    sub->waits = json_object();
    for (size_t i = 0; i < WHEN_RULE_COUNT; i++)
        if (plan.wait[i] >= 0)
            json_object_set_new(sub->waits, when_rule_name((enum when_rule)i),
                                json_integer(plan.wait[i]));
}

static bool is_told_to_wait(const struct feed_state *f, int64_t now)
{
    return (f->sub->status == 429 || f->sub->status == 503) && f->sub->next_poll > now;
}

static int later_first(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

/* Until when several feeds of a host are told to wait; 0: so many are not. */
static int64_t host_rests_until(const struct poll *p, const struct host *host, int64_t now)
{
    enum { SEVERAL = 3 };
    int64_t *ends = mem_alloc((p->n + 1) * sizeof *ends), until = 0;
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        if (p->feeds[i]->turn.host == host && is_told_to_wait(p->feeds[i], now))
            ends[n++] = p->feeds[i]->sub->next_poll;
    qsort(ends, n, sizeof *ends, later_first);
    if (n >= SEVERAL)
        until = ends[SEVERAL - 1];
    free(ends);
    return until;
}

/* Written with the batch in hand. What of a document's items is not taken by then keeps the record
 * waiting, for it says already that they are. */
static void keep(struct feed_state *f, int error)
{
    struct poll *p = f->poll;
    f->unsaved = true;
    p->broken = error != 0;
    p->wrote(p->wrote_arg, error);
}

int poll_save(struct poll *p)
{
    int error = 0;
    for (size_t i = 0; !error && i < p->n; i++) {
        struct feed_state *f = p->feeds[i];
        if (!f->unsaved || f->document)
            continue;
        error = subscription_save(ingest_store(p->ingest), f->sub);
        f->unsaved = false;
    }
    return error;
}

/* A feed is told to wait for itself; where several are, it is meant for all of the host. */
static void spare_host(struct poll *p, const struct host *host, int64_t now)
{
    int64_t until = host_rests_until(p, host, now);
    for (size_t i = 0; until && i < p->n; i++) {
        struct feed_state *f = p->feeds[i];
        struct subscription *sub = f->sub;
        if (f->turn.host != host || f->turn.state == HOSTS_ASKED || f->intake || f->document ||
            !strcmp(sub->state, "gone") || sub->next_poll >= until)
            continue;
        sub->next_poll = until + (int64_t)((double)(until - now) * chance() / 10);
        subscription_set(&sub->because, when_rule_name(WHEN_HOST));
        if (!sub->waits)
            sub->waits = json_object();
        json_object_set_new(sub->waits, when_rule_name(WHEN_HOST), json_integer(until - now));
        hosts_end(p->hosts, &f->turn);
        sched_put(&p->queue, &f->entry, sub->next_poll);
        f->unsaved = true;
    }
}

/* ---- moves ---------------------------------------------------------------------------------- */

/* Whether an address that redirects lead to is another feed's: its items are taken there alone. */
static bool is_anothers(const struct feed_state *f, const char *url)
{
    uint64_t number = 0;
    if (!strcmp(url, f->sub->url))
        return false;
    return !subscription_number(ingest_store(f->poll->ingest), url, &number) && number &&
           number != f->sub->number && map_get(&f->poll->by_number, number);
}

static int move(struct feed_state *f)
{
    struct poll *p = f->poll;
    struct subscription *sub = f->sub;
    struct store *s = ingest_store(p->ingest);
    uint64_t other;
    int error = subscription_number(s, f->moved, &other);
    if (error)
        return error;
    log_line(LOG_INFOS, "feed moved", LOG_T("feed", sub->url), LOG_T("to", f->moved));
    if (is_anothers(f, f->moved))
        return subscription_merge(s, sub, other);
    error = subscription_move(s, sub, f->moved);
    f->turn.host = hosts_find(p->hosts, sub->url);
    sub->moved_since = 0;
    sub->moved_polls = 0;
    subscription_set(&sub->moved_to, NULL);
    return error;
}

/* An address changes only when the server said the same over days: a fault may answer so too. */
static int settle_move(struct feed_state *f)
{
    struct subscription *sub = f->sub;
    bool same = f->moved && sub->moved_to && !strcmp(f->moved, sub->moved_to);
    if (!same) {
        free(sub->moved_to);
        sub->moved_to = f->moved ? mem_str(f->moved) : NULL;
        sub->moved_since = f->moved ? sub->last_poll : 0;
        sub->moved_polls = f->moved ? 1 : 0;
        return 0;
    }
    sub->moved_polls++;
    return when_moves(sub->moved_since, sub->moved_polls, sub->last_poll) ? move(f) : 0;
}

/* ---- the end of a poll ---------------------------------------------------------------------- */

/* Older documents of a new feed come first. */
static void queue(struct feed_state *f)
{
    const struct subscription *sub = f->sub;
    if (strcmp(sub->state, "gone") != 0 && strcmp(sub->state, "merged") != 0)
        sched_put(&f->poll->queue, &f->entry, sub->archive ? sub->last_poll : sub->next_poll);
}

static void ask_hub(struct feed_state *f);

/* The poll is over: what came of it is kept, and the next one planned. */
static void finish_poll(struct feed_state *f, enum when_outcome outcome, int error)
{
    struct poll *p = f->poll;
    struct subscription *sub = f->sub;
    if (sub->last_error)
        log_line(LOG_WARNINGS, "feed failed", LOG_T("feed", sub->url),
                 LOG_T("error", sub->last_error), LOG_N("in_a_row", sub->errors));
    plan(f, outcome);
    if (sub->status == 410) {
        sub->state = "gone";
        sub->next_poll = 0;
    }
    if (!error && (outcome == WHEN_NEW || outcome == WHEN_UNCHANGED)) {
        ask_hub(f);
        error = settle_move(f);
    }
    queue(f);
    if (!error && outcome == WHEN_BUSY)
        spare_host(p, f->turn.host, sub->last_poll);
    keep(f, error);
}

/* ---- older documents: RFC 5005 -------------------------------------------------------------- */

/* So many are read of a feed that is new; each names the one before it. */
static void end_archive(struct feed_state *f, const char *older, int error)
{
    enum { MOST = 10 };
    struct subscription *sub = f->sub;
    f->archive = false;
    sub->archives += !error;
    bool more = older && sub->archives < MOST && strcmp(older, sub->archive) != 0;
    char *next = more ? mem_str(older) : NULL;
    free(sub->archive);
    sub->archive = next;
    queue(f);
    keep(f, error);
}

static void give_up_archive(struct feed_state *f, const char *why)
{
    log_line(LOG_WARNINGS, "older articles of a feed cannot be read", LOG_T("feed", f->sub->url),
             LOG_T("archive", f->sub->archive), LOG_T("error", why));
    end_archive(f, NULL, 0);
}

static void done_archive(struct feed_state *f, const struct fetch_answer *a)
{
    char status[32];
    if (!a->error && a->status == 200 && f->intake) {
        intake_close(f->intake);
        read_in_turn(f);
        return;
    }
    snprintf(status, sizeof status, "HTTP %ld", a->status);
    drop_intake(f);
    give_up_archive(f, a->error ? a->error : status);
}

static void take_answer(struct feed_state *f, const struct fetch_answer *a, int64_t now)
{
    struct poll *p = f->poll;
    struct subscription *sub = f->sub;
    enum when_outcome outcome = WHEN_FAILED;
    end_request(f);
    if (p->broken)
        return;
    if (f->archive) {
        done_archive(f, a);
        start_due(p);
        return;
    }
    sub->polls++;
    sub->last_poll = now;
    free(f->moved);
    f->moved = a->moved ? mem_str(a->moved) : NULL;
    free(f->link_hub);
    free(f->link_self);
    f->link_hub = websub_link(a->header[FETCH_LINK], "hub");
    f->link_self = websub_link(a->header[FETCH_LINK], "self");
    sub->status = (uint64_t)(a->status > 0 ? a->status : 0);
    f->facts = facts_of(a, now);
    if (a->error) {
        drop_intake(f);
        subscription_failed(sub, a->error);
    } else if (a->status == 200 && is_anothers(f, a->url)) {
        drop_intake(f);
        subscription_succeeded(sub, 0, now);
        outcome = WHEN_UNCHANGED;
    } else {
        take_status(f, a, now, &outcome);
    }
    if (!f->intake)
        finish_poll(f, outcome, 0);
    start_due(p);
}

static void done(void *arg, const struct fetch_answer *a)
{
    take_answer(arg, a, wall_clock());
}

/* ---- documents, in slices ------------------------------------------------------------------- */

static void read_in_turn(struct feed_state *f)
{
    struct poll *p = f->poll;
    const struct timeval at_once = {0, 0};
    if (f->in_turn)
        return;
    f->in_turn = true;
    f->behind_document = NULL;
    *p->last_document = f;
    p->last_document = &f->behind_document;
    evtimer_add(p->slice, &at_once);
}

static void leave_turn(struct feed_state *f)
{
    struct poll *p = f->poll;
    struct feed_state **at = &p->first_document;
    if (!f->in_turn)
        return;
    while (*at != f)
        at = &(*at)->behind_document;
    *at = f->behind_document;
    if (p->last_document == &f->behind_document)
        p->last_document = at;
    f->in_turn = false;
}

/* How often a feed says that it changes; sy:updateFrequency alone is times a day. */
static void take_rhythm(struct subscription *sub, const struct feed *feed)
{
    enum { DAY = 86400 };
    int period = feed->update_period ? feed->update_period : feed->update_frequency ? DAY : 0;
    sub->ttl = (uint64_t)feed->ttl * 60;
    sub->updates = (uint64_t)(period / (feed->update_frequency ? feed->update_frequency : 1));
    sub->skip_hours = feed->skip_hours;
    sub->skip_days = feed->skip_days;
}

static void begin_document(struct feed_state *f, struct feed *feed, int64_t now)
{
    const struct subscription *sub = f->sub;
    const struct feed_origin origin = {.url = sub->url, .name = sub->title, .lang = sub->lang};
    f->document = ingest_begin(f->poll->ingest, sub->number, &origin, feed, now);
}

static void begin_archive(struct feed_state *f, enum feed_status status, struct feed *feed)
{
    if (status != FEED_OK) {
        give_up_archive(f, feed_strerror(status));
        return;
    }
    free(f->older);
    f->older = feed->prev_archive ? mem_str(feed->prev_archive) : NULL;
    begin_document(f, feed, wall_clock());
}

static void begin_push(struct feed_state *f, enum feed_status status, struct feed *feed)
{
    if (status == FEED_OK) {
        begin_document(f, feed, wall_clock());
        return;
    }
    f->pushed = false;
    log_line(LOG_WARNINGS, "a hub sent what is no feed", LOG_T("feed", f->sub->url),
             LOG_T("error", feed_strerror(status)));
}

static void end_push(struct feed_state *f, uint64_t articles, int error)
{
    struct subscription *sub = f->sub;
    f->pushed = false;
    sub->pushes++;
    sub->articles += articles;
    if (articles)
        sub->last_new = wall_clock();
    log_line(LOG_DEBUGS, "pushed", LOG_T("feed", sub->url), LOG_N("new", articles));
    keep(f, error);
}

/* Who tells of news, and of what: the Link headers say it first. */
static void take_hub(struct feed_state *f, const struct feed *feed)
{
    struct subscription *sub = f->sub;
    const char *named = f->link_hub ? f->link_hub : feed->hub,
               *self = f->link_self ? f->link_self : feed->self;
    char *hub = named ? url_resolve(sub->document_url, named) : NULL,
         *topic = hub ? url_resolve(sub->document_url, self ? self : sub->document_url) : NULL;
    bool same = hub && sub->hub && !strcmp(hub, sub->hub) && !strcmp(topic, sub->topic);
    if (!same) {
        subscription_set(&sub->hub, hub);
        subscription_set(&sub->topic, topic);
        subscription_set(&sub->hub_state, NULL);
        sub->hub_asked = sub->hub_until = 0;
    }
    free(hub);
    free(topic);
}

/* The document is read: it is a feed with items to take, or none. */
static void end_intake(struct feed_state *f)
{
    struct subscription *sub = f->sub;
    struct feed *feed;
    const struct intake_hashes hashes = intake_hashes(f->intake);
    enum feed_status status = intake_end(f->intake, &feed);
    f->intake = NULL;
    forget_length(f);
    if (f->archive) {
        begin_archive(f, status, feed);
        return;
    }
    if (f->pushed) {
        begin_push(f, status, feed);
        return;
    }
    if (status != FEED_OK) {
        subscription_failed(sub, feed_strerror(status));
        finish_poll(f, WHEN_FAILED, 0);
        return;
    }
    if (feed->dropped)
        log_line(LOG_WARNINGS, "feed is too long", LOG_T("feed", sub->url),
                 LOG_N("left_out", feed->dropped));
    if (!sub->document_time && feed->prev_archive)
        sub->archive = mem_str(feed->prev_archive);
    sub->body_hash = hashes.all; /* stored with the last of the items only */
    sub->head_hash = hashes.head;
    keep_head(sub, &f->arrival);
    take_rhythm(sub, feed);
    take_hub(f, feed);
    if (!sub->title)
        subscription_set(&sub->title, feed->title);
    if (!sub->home)
        subscription_set(&sub->home, feed->link);
    begin_document(f, feed, sub->last_poll);
}

static void end_document(struct feed_state *f, int error)
{
    struct subscription *sub = f->sub;
    struct ingest_counts counts = ingest_end(f->document);
    f->document = NULL;
    if (f->pushed) {
        end_push(f, counts.articles, error);
        return;
    }
    if (f->archive) {
        sub->articles += counts.articles;
        end_archive(f, f->older, error);
        return;
    }
    subscription_succeeded(sub, counts.articles, sub->last_poll);
    log_line(LOG_DEBUGS, "read", LOG_T("feed", sub->url), LOG_N("new", counts.articles),
             LOG_N("known", counts.known), LOG_N("edited", counts.updated));
    finish_poll(f, counts.articles || counts.updated ? WHEN_NEW : WHEN_UNCHANGED, error);
}

static int64_t monotonic_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Reads or takes of one feed's document until the time is up. True when there is more to do. */
static bool work(struct feed_state *f, int64_t until, int *error)
{
    bool more = true;
    while (more && f->intake && monotonic_ms() < until) {
        more = intake_read(f->intake, SLICE_BYTES);
        if (!more && !f->fetch) {
            end_intake(f);
            more = f->document != NULL;
        }
    }
    while (more && f->document && !*error && monotonic_ms() < until)
        *error = ingest_next(f->document, &more);
    if (f->document && (!more || *error)) {
        end_document(f, *error);
        return false;
    }
    return more;
}

/* The first in line has its turn; then the loop has its own, and the document goes behind the
 * others: a long one keeps no short one waiting. */
static void on_slice(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct poll *p = arg;
    struct feed_state *f = p->first_document;
    const struct timeval at_once = {0, 0};
    int error = 0;
    if (!f || p->broken || ingest_is_committing(p->ingest))
        return;
    leave_turn(f);
    if (work(f, monotonic_ms() + SLICE_MS, &error)) {
        read_in_turn(f);
        if (f->document)
            p->wrote(p->wrote_arg, 0);
    }
    if (p->first_document)
        evtimer_add(p->slice, &at_once);
    start_due(p);
}

void poll_go_on(struct poll *p)
{
    const struct timeval at_once = {0, 0};
    if (p->first_document)
        evtimer_add(p->slice, &at_once);
}

/* ---- asking --------------------------------------------------------------------------------- */

static void end_request(struct feed_state *f)
{
    f->fetch = NULL;
    hosts_end(f->poll->hosts, &f->turn);
}

static bool says_no(const char *option)
{
    return !strcasecmp(option, "no") || !strcasecmp(option, "false") || !strcmp(option, "0");
}

static struct fetch_request request_to(const struct poll *p, const char *url)
{
    const struct config *c = p->config;
    return (struct fetch_request){.url = url,
                                  .user_agent = p->user_agent,
                                  .connect_timeout = c->poll_connect_timeout.number,
                                  .timeout = c->poll_timeout.number,
                                  .max_body = (size_t)c->poll_max_document.number,
                                  .ca_file = c->poll_ca_file.text,
                                  .proxy = c->poll_proxy.text,
                                  .allowed = &p->allowed};
}

/* The first answer may be there: of the one who added the feed. */
static bool take_handed(struct feed_state *f)
{
    const struct config *c = f->poll->config;
    struct handed *h = NULL;
    if (f->fresh)
        h = handed_take(c->store_path.text, f->sub->url, (size_t)c->poll_max_document.number,
                        wall_clock());
    f->fresh = false;
    if (!h)
        return false;
    if (h->n && !h->answer.error)
        h->answer.error = take_piece(f, &h->answer, h->body, h->n);
    take_answer(f, &h->answer, h->time);
    handed_free(h);
    return true;
}

static void ask(struct poll *p, struct feed_state *f)
{
    const struct subscription *sub = f->sub;
    f->archive = sub->archive != NULL;
    if (take_handed(f))
        return;
    char *etag = subscription_bytes(sub->etag), *modified = subscription_bytes(sub->last_modified);
    struct fetch_request r = request_to(p, f->archive ? sub->archive : sub->url);
    r.http1 = says_no(subscription_attribute(sub, "http2"));
    if (!f->archive && !when_asks_anew(sub->document_time, wall_clock()))
        r.known = (struct fetch_validators){sub->document_url, sub->coding, etag, modified};
    const int64_t late = wall_clock_ms() - f->entry.due * 1000;
    log_line(LOG_DEBUGS, "asks", LOG_T("feed", sub->url),
             LOG_N("late_ms", (uint64_t)(late > 0 ? late : 0)));
    const struct fetch_client client = {take_piece, done, f};
    f->fetch = fetch_start(p->fetcher, &r, &client);
    free(etag);
    free(modified);
    if (!f->fetch) {
        struct fetch_answer a = {
            .error = "this is no address that can be asked; mend it in the feed list"};
        done(f, &a);
    }
}

/* ---- hubs: WebSub --------------------------------------------------------------------------- */

static const char *take_nothing(void *arg, const struct fetch_answer *head, const char *bytes,
                                size_t n)
{
    (void)arg, (void)head, (void)bytes, (void)n;
    return NULL;
}

/* A hub that agrees asks back, in a request of its own. */
static void done_hub(void *arg, const struct fetch_answer *a)
{
    struct feed_state *f = arg;
    char status[32];
    f->hub_fetch = NULL;
    if (f->poll->broken || (!a->error && a->status >= 200 && a->status < 300))
        return;
    snprintf(status, sizeof status, "HTTP %ld", a->status);
    const char *why = a->error ? a->error : status;
    log_line(LOG_WARNINGS, "a hub does not take our subscription; the feed is asked as others are",
             LOG_T("feed", f->sub->url), LOG_T("hub", f->sub->hub), LOG_T("error", why));
    if (!is_active(f->sub))
        subscription_set(&f->sub->hub_state, "failed");
    keep(f, 0);
}

static void ask_hub(struct feed_state *f)
{
    enum { LEASE = 10 * 86400, MAX_ANSWER = 1 << 20, MAX_FORM = 1 << 16 };
    struct poll *p = f->poll;
    const struct config *c = p->config;
    struct subscription *sub = f->sub;
    int64_t now = sub->last_poll;
    char token[WEBSUB_TOKEN], secret[WEBSUB_SECRET];
    struct buf form;
    if (!*c->websub_callback.text || !sub->hub || f->hub_fetch ||
        !when_asks_hub(sub->hub_until, sub->hub_asked, now))
        return;
    websub_token(p->hub_key, sub->number, token);
    websub_secret(p->hub_key, sub->number, sub->topic, secret);
    buf_init(&form, MAX_FORM);
    websub_form(&form, &(struct websub_request){"subscribe", sub->topic, c->websub_callback.text,
                                                secret, sub->number, token, LEASE});
    struct fetch_request post = request_to(p, sub->hub);
    post.post = buf_text(&form);
    post.max_body = MAX_ANSWER;
    const struct fetch_client client = {take_nothing, done_hub, f};
    f->hub_fetch = fetch_start(p->fetcher, &post, &client);
    buf_free(&form);
    sub->hub_asked = now;
    if (!is_active(sub))
        subscription_set(&sub->hub_state, f->hub_fetch ? "asked" : "failed");
}

/* The feed whose callback address that is; NULL with `*known` true when it is gone. */
static struct feed_state *called(struct poll *p, uint64_t number, const char *token, bool *known)
{
    char right[WEBSUB_TOKEN];
    websub_token(p->hub_key, number, right);
    *known = !strcmp(right, token);
    return *known ? map_get(&p->by_number, number) : NULL;
}

bool poll_hub_verify(struct poll *p, uint64_t number, const char *token,
                     const struct poll_hub_call *call)
{
    enum { LEAST = 60, USUAL = 10 * 86400, MOST = 30 * 86400 };
    bool known;
    struct feed_state *f = called(p, number, token, &known);
    if (p->broken || !known)
        return false;
    if (!f) /* of what we do not subscribe any more the hub may be rid */
        return !strcmp(call->mode, "unsubscribe");
    struct subscription *sub = f->sub;
    if (!sub->hub_state || !sub->topic || strcmp(sub->topic, call->topic) != 0)
        return false;
    if (!strcmp(call->mode, "subscribe")) {
        int64_t lease = call->lease <= 0 ? USUAL : call->lease;
        lease = lease < LEAST ? LEAST : lease > MOST ? MOST : lease;
        subscription_set(&sub->hub_state, "active");
        sub->hub_until = wall_clock() + lease;
    } else if (!strcmp(call->mode, "denied")) {
        subscription_set(&sub->hub_state, "denied");
        sub->hub_until = 0;
        log_line(LOG_WARNINGS, "a hub denies us a feed; it is asked as others are",
                 LOG_T("feed", sub->url), LOG_T("hub", sub->hub), LOG_T("reason", call->reason));
    } else {
        return false;
    }
    keep(f, 0);
    return !p->broken;
}

enum poll_hub_reply poll_hub_deliver(struct poll *p, uint64_t number, const char *token,
                                     const char *signature, const char *type, const void *body,
                                     size_t n)
{
    bool known;
    struct feed_state *f = called(p, number, token, &known);
    char secret[WEBSUB_SECRET];
    if (!f)
        return known ? POLL_HUB_GONE : POLL_HUB_UNKNOWN;
    if (!is_active(f->sub))
        return POLL_HUB_IGNORED;
    websub_secret(p->hub_key, number, f->sub->topic, secret);
    if (!websub_signed(signature, secret, body, n)) {
        log_line(LOG_WARNINGS, "what a hub sent is not signed as it should be; it is ignored",
                 LOG_T("feed", f->sub->url), LOG_T("hub", f->sub->hub));
        return POLL_HUB_IGNORED;
    }
    if (p->broken || f->turn.state != HOSTS_IDLE || f->intake || f->document)
        return POLL_HUB_BUSY;
    f->pushed = true;
    f->intake = intake_new(f->sub->document_url, type, (struct intake_hashes){0});
    intake_add(f->intake, body, n);
    intake_close(f->intake);
    read_in_turn(f);
    return POLL_HUB_TAKEN;
}

/* The key is made once; all that hubs were told follows from it. */
static int read_hub_key(struct poll *p)
{
    static const char name[] = "hubs";
    struct store *s = ingest_store(p->ingest);
    struct store_value v;
    int error = store_get(s, STORE_SECRETS, name, sizeof name - 1, &v);
    if (!error && v.n != sizeof p->hub_key)
        return STORE_CORRUPT;
    if (!error)
        memcpy(p->hub_key, v.p, v.n);
    if (error != STORE_NOT_FOUND)
        return error;
    if (getrandom(p->hub_key, sizeof p->hub_key, 0) != sizeof p->hub_key)
        return errno;
    return store_put(s, STORE_SECRETS, name, sizeof name - 1, p->hub_key, sizeof p->hub_key);
}

/* ---- the next ------------------------------------------------------------------------------- */

static int64_t monotonic_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* For the next feed that comes to be due, and for the next of those that are. */
static void set_timer(struct poll *p)
{
    enum { SECOND = 1000000, MINUTE = 60 * SECOND };
    struct sched_entry *first = sched_first(&p->queue);
    int64_t now = monotonic_us(), wait = MINUTE; /* at least, in case the wall clock was set */
    if (first && first->due - wall_clock() < 60)
        wait = (first->due * 1000 - wall_clock_ms()) * 1000;
    if (hosts_when(p->hosts) - now < wait)
        wait = hosts_when(p->hosts) - now;
    wait = wait < 500 ? 500 : wait;
    const struct timeval in = {wait / SECOND, wait % SECOND};
    evtimer_add(p->timer, &in);
}

static struct feed_state *feed_of(struct hosts_entry *turn)
{
    return (struct feed_state *)((char *)turn - offsetof(struct feed_state, turn));
}

static void start_due(struct poll *p)
{
    int64_t now = wall_clock();
    struct sched_entry *first;
    struct hosts_entry *turn;
    if (p->starting)
        return;
    p->starting = true;
    while ((first = sched_first(&p->queue)) && first->due <= now) {
        struct feed_state *f = (struct feed_state *)first;
        sched_remove(&p->queue, first);
        if (f->pushed) {
            sched_put(&p->queue, first, now + 1); /* one document at a time */
            continue;
        }
        hosts_wait(p->hosts, &f->turn, monotonic_us());
    }
    while (!p->broken && (turn = hosts_next(p->hosts, monotonic_us())))
        ask(p, feed_of(turn));
    p->starting = false;
    set_timer(p);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    start_due(arg);
}

/* ---- the list ------------------------------------------------------------------------------- */

static bool read_list(const char *path, struct opml *out, struct buf *error)
{
    FILE *file = fopen(path, "rb");
    struct stat st;
    if (!file || fstat(fileno(file), &st)) {
        buf_addf(error, "%s: %s; [feeds] list must name an OPML file", path, strerror(errno));
        if (file)
            fclose(file);
        return false;
    }
    struct opml_error why = {0};
    bool ok = false;
    if (S_ISREG(st.st_mode) && st.st_size <= MAX_LIST) {
        char *bytes = mem_alloc((size_t)st.st_size + 1);
        size_t n = fread(bytes, 1, (size_t)st.st_size, file);
        ok = opml_parse(bytes, n, out, &why);
        free(bytes);
        if (!ok)
            buf_addf(error, "%s:%zu: %s", path, why.line, why.message);
        else if (out->breaks_off) { /* half a list would drop the feeds of the other half */
            buf_addf(error, "%s:%zu: the list breaks off; expected </opml>", path, out->breaks_off);
            opml_free(out);
            ok = false;
        }
    } else {
        buf_addf(error, "%s: not a file of at most 64 MiB", path);
    }
    fclose(file);
    return ok;
}

bool poll_check_list(const char *path, size_t *n_feeds, struct buf *error)
{
    struct opml list;
    if (!read_list(path, &list, error))
        return false;
    *n_feeds = list.n_feeds;
    opml_free(&list);
    return true;
}

static void drop_feed(struct poll *p, struct feed_state *f)
{
    if (f->fetch) {
        fetch_cancel(f->fetch);
    }
    end_request(f);
    drop_intake(f);
    if (f->document)
        ingest_end(f->document);
    free_head(&f->arrival);
    free(f->moved);
    free(f->older);
    free(f->link_hub);
    free(f->link_self);
    if (f->hub_fetch)
        fetch_cancel(f->hub_fetch);
    sched_remove(&p->queue, &f->entry);
    map_remove(&p->by_number, f->sub->number);
    subscription_free(f->sub);
    free(f);
}

/* When a feed that is taken up is asked; one that was taken off the list and is back, at once. */
static int64_t first_due(const struct poll *p, const struct subscription *sub, int64_t now)
{
    int64_t longest = (p->config->poll_max_backoff.number / 1000) * 2 + 10 * 86400;
    if (sub->archive || sub->next_poll == 0 || sub->next_poll > now + longest)
        return now; /* in the midst of its archives, never asked, or the clock was wrong when it was
                       planned */
    return sub->next_poll;
}

/* What the list says of the feed; attributes are its options too. */
static void take_names(struct subscription *sub, const struct opml_feed *listed)
{
    free(sub->listed);
    sub->listed = mem_str(listed->xml_url);
    if (listed->title)
        subscription_set(&sub->title, listed->title);
    if (listed->html_url)
        subscription_set(&sub->home, listed->html_url);
    subscription_set(&sub->group, listed->group);
    subscription_drop_attributes(sub);
    for (size_t i = 0; i < listed->n_attributes; i++)
        subscription_add_attribute(sub, listed->attributes[i].name, listed->attributes[i].value);
    subscription_set(&sub->lang, subscription_attribute(sub, "language"));
    if (*subscription_attribute(sub, "interval") && own_interval(sub) < 0)
        log_line(LOG_WARNINGS, "the feed list gives a feed an interval that is no duration",
                 LOG_T("feed", sub->url),
                 LOG_T("interval", subscription_attribute(sub, "interval")),
                 LOG_T("expected", "90s, 30m, 24h or 7d"));
}

static int take_feed(struct poll *p, const struct opml_feed *listed, int64_t now)
{
    struct subscription *sub;
    int error = subscription_find(ingest_store(p->ingest), listed->xml_url, &sub);
    if (error)
        return error;
    struct feed_state *f = map_get(&p->by_number, sub->number);
    bool back = !strcmp(sub->state, "removed");
    if (f) {
        subscription_free(sub);
        if (f->listed &&
            (!strcmp(f->sub->listed, f->sub->url) || strcmp(listed->xml_url, f->sub->url)))
            return 0; /* listed twice: the first counts, but for one under its own address */
        f->listed = true;
        f->unsaved = true;
        take_names(f->sub, listed);
        return 0;
    }
    take_names(sub, listed);
    if (back)
        sub->state = "new";
    if (!sub->added || back)
        sub->added = now;
    f = mem_zero(sizeof *f);
    f->poll = p;
    f->sub = sub;
    f->turn.host = hosts_find(p->hosts, sub->url);
    f->listed = true;
    f->fresh = (!sub->last_poll || back) && !sub->archive;
    f->entry.order = sub->number;
    MEM_GROW(p->feeds, p->n, p->cap);
    p->feeds[p->n++] = f;
    map_put(&p->by_number, sub->number, f);
    if (strcmp(sub->state, "gone") != 0)
        sched_put(&p->queue, &f->entry, first_due(p, sub, now));
    return subscription_save(ingest_store(p->ingest), sub);
}

static int mark_removed(struct poll *p, uint64_t number)
{
    struct subscription *sub;
    int error = subscription_load(ingest_store(p->ingest), number, &sub);
    if (error || !strcmp(sub->state, "removed") || !strcmp(sub->state, "merged")) {
        if (!error)
            subscription_free(sub);
        return error;
    }
    log_line(LOG_INFOS, "feed removed", LOG_T("feed", sub->url));
    sub->state = "removed";
    sub->next_poll = 0;
    error = subscription_save(ingest_store(p->ingest), sub);
    subscription_free(sub);
    return error;
}

static int drop_unlisted(struct poll *p)
{
    size_t kept = 0;
    int error = 0;
    for (size_t i = 0; i < p->n; i++) {
        struct feed_state *f = p->feeds[i];
        if (f->listed) {
            p->feeds[kept++] = f;
            continue;
        }
        drop_feed(p, f);
    }
    p->n = kept;
    /* those of earlier runs too: a list may have changed while nobody was running */
    uint64_t feeds = store_number(ingest_store(p->ingest), "feeds");
    for (uint64_t number = 1; !error && number <= feeds; number++)
        if (!map_get(&p->by_number, number))
            error = mark_removed(p, number);
    return error;
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
    fetcher_set(p->fetcher, c->poll_connections_per_host.number);
}

static void set_allowed(struct poll *p)
{
    struct buf error;
    buf_init(&error, 1024);
    if (!address_list_read(p->config->poll_allow_addresses.text, &p->allowed, &error))
        abort(); /* config_read() saw to it */
    buf_free(&error);
}

bool poll_configure(struct poll *p, const struct config *config, struct buf *error)
{
    struct opml list;
    if (!read_list(config->feeds_list.text, &list, error))
        return false;
    p->config = config;
    set_user_agent(p);
    set_allowed(p);
    for (size_t i = 0; i < p->n; i++)
        p->feeds[i]->listed = false;
    int64_t now = wall_clock();
    int failed = poll_save(p); /* what is dropped now, too */
    if (!failed)
        failed = read_hub_key(p);
    for (size_t i = 0; !failed && i < list.n_feeds; i++)
        failed = take_feed(p, &list.feeds[i], now);
    if (!failed)
        failed = drop_unlisted(p);
    opml_free(&list);
    p->broken = failed != 0;
    p->wrote(p->wrote_arg, failed);
    set_limits(p);
    start_due(p);
    return true;
}

struct poll *poll_new(struct event_base *base, struct ingest *ingest, void (*wrote)(void *, int),
                      void *arg)
{
    struct poll *p = mem_zero(sizeof *p);
    p->ingest = ingest;
    p->wrote = wrote;
    p->wrote_arg = arg;
    p->hosts = hosts_new();
    p->fetcher = fetcher_new(base);
    p->timer = evtimer_new(base, on_timer, p);
    p->slice = evtimer_new(base, on_slice, p);
    p->last_document = &p->first_document;
    if (!p->timer || !p->slice)
        abort(); /* out of memory */
    return p;
}

void poll_free(struct poll *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->n; i++)
        drop_feed(p, p->feeds[i]);
    free(p->feeds);
    hosts_free(p->hosts);
    map_free(&p->by_number);
    sched_free(&p->queue);
    fetcher_free(p->fetcher);
    event_free(p->timer);
    event_free(p->slice);
    free(p->user_agent);
    free(p);
}

size_t poll_feeds(const struct poll *p)
{
    return p->n;
}
