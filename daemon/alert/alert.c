/* Evaluates alert rules against events as they are written, and delivers alerts by webhook, command
 * or mail, with retries. Rules come from config.h; the contents of messages from message.c, the
 * requests of webhooks from hook.c. */
#include "alert/alert.h"

#include "alert/digests.h"
#include "alert/hook.h"
#include "alert/message.h"
#include "base/hash.h"
#include "base/mem.h"
#include "log.h"
#include "must.h"
#include "base/clock.h"
#include "net/fetch.h"
#include "poll/when.h"
#include "run.h"
#include "store/delivery_record.h"
#include "store/filter.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    AT_ONCE = 8,
    MAX_WAITING = 10000,
    MAX_ARGUMENTS = 64,
    KEY = 16, /* bytes: hash of the alert's name, number of the event */
    CONNECT_MS = 10000,
    ANSWER_MS = 30000,
    LONGEST_PAUSE = 3600,
    GIVE_UP = 3 * 86400, /* seconds after the alert was raised */
    HOUR_MS = 3600000,
    RUN_SECONDS = 60,
};

enum { WEBHOOK, COMMAND, MAIL, DIGEST };
static const char *const kind_names[ALERT_KINDS] = {
    [WEBHOOK] = "webhook", [COMMAND] = "command", [MAIL] = "mail", [DIGEST] = "digest"};

const char *alert_kind_name(size_t kind)
{
    return kind_names[kind];
}

struct dispatch {
    struct alerts *alerts;
    uint64_t number;
    size_t kind; /* of kind_names; ALERT_KINDS: a kind of a later version */
    struct delivery_record record;
    bool under_way, unwritten;
    struct fetch *fetch;
    uint64_t target; /* hash of the webhook's address at the last attempt */
};

/* What limits messages: of an alert, and of a webhook's address. Times are monotonic milliseconds.
 * Kept in memory only. */
struct throttle {
    uint64_t key;       /* hash of the alert's name, or of the address */
    int64_t since;      /* of an alert: when its hour began */
    int64_t sent;       /* messages in that hour */
    int64_t held_until; /* of an address: its server asked to wait (Retry-After) */
};

struct alerts {
    struct event_base *base;
    struct store *store;
    const struct config *config;
    void (*wrote)(void *, int);
    void *arg;
    struct fetcher *fetcher;
    struct runner *runner;
    struct digests *digests;
    struct event *timer;
    struct dispatch **v;
    size_t n, cap, under_way;
    struct throttle *throttles;
    size_t n_throttles, cap_throttles;
    uint64_t last; /* highest number of a delivery */
    int error;     /* of the store, kept from alerts_news() for alerts_check() */
    bool stopped;
    struct alerts_facts facts; /* what is counted */
};

/* ---- rules ---------------------------------------------------------------------------------- */

static const char *asked(const struct config_value *v)
{
    return *v->text ? v->text : NULL;
}

/* The number of sources that joined within `within` seconds before the last update. */
static int64_t growth(const struct event_record *event, int64_t within)
{
    const struct event_source *sources = event->sources.v;
    int64_t n = 0;
    for (size_t i = 0; i < event->sources.n; i++)
        n += sources[i].first >= event->updated - within;
    return n;
}

static bool rule_matches(const struct config_alert *rule, const struct event_record *event)
{
    const struct story_filter filter = {.status = "open",
                                        .category = asked(&rule->category),
                                        .lang = asked(&rule->lang),
                                        .source = asked(&rule->source),
                                        .words = asked(&rule->words)};
    return (int64_t)event->report_count >= rule->reports.number &&
           (int64_t)event->feeds.n >= rule->feeds.number && !event->muted &&
           (rule->growth.number == 1 ||
            growth(event, rule->growth_within.number / 1000) >= rule->growth.number) &&
           filter_takes(&filter, event);
}

static void alert_key(const char *name, uint64_t event, unsigned char key[KEY])
{
    store_u64(hash64(name, strlen(name), 0), key);
    store_u64(event, key + KEY / 2);
}

static int was_raised(struct alerts *a, const char *name, uint64_t event, bool *raised)
{
    unsigned char key[KEY];
    struct store_value v;
    alert_key(name, event, key);
    int error = store_get(a->store, STORE_ALERTS, key, KEY, &v);
    *raised = !error;
    return error == STORE_NOT_FOUND ? 0 : error;
}

static int set_raised(struct alerts *a, const char *name, uint64_t event)
{
    unsigned char key[KEY];
    alert_key(name, event, key);
    return store_put(a->store, STORE_ALERTS, key, KEY, "", 0);
}

/* Copies the raised alerts of `from` to `to`, so that neither a merged event nor a split-off part
 * triggers them again. */
static int inherit_alerts(struct alerts *a, uint64_t from, uint64_t to)
{
    int error = 0;
    for (size_t i = 0; !error && i < a->config->n_alerts; i++) {
        bool raised;
        error = was_raised(a, a->config->alerts[i].name, from, &raised);
        if (!error && raised)
            error = set_raised(a, a->config->alerts[i].name, to);
    }
    return error;
}

void alerts_news(struct alerts *a, const struct ingest_news *news)
{
    if (!a->error && (news->kind == ENGINE_MERGED || news->kind == ENGINE_SPLIT))
        a->error = inherit_alerts(a, news->from, news->event);
}

/* ---- deliveries ----------------------------------------------------------------------------- */

static int write_delivery(struct dispatch *d)
{
    char *text = codec_dump(&delivery_table, &d->record);
    int error = store_put_u64(d->alerts->store, STORE_DELIVERIES, d->number, text, strlen(text));
    free(text);
    return error;
}

static size_t kind_number(const char *name)
{
    size_t i = 0;
    while (i < ALERT_KINDS && strcmp(kind_names[i], name) != 0)
        i++;
    return i;
}

/* Takes the record's texts. */
static struct dispatch *add_delivery(struct alerts *a, uint64_t number,
                                     struct delivery_record record)
{
    struct dispatch *d = mem_zero(sizeof *d);
    *d = (struct dispatch){
        .alerts = a, .number = number, .record = record, .kind = kind_number(record.kind)};
    MEM_GROW(a->v, a->n, a->cap);
    a->v[a->n++] = d;
    a->last = number > a->last ? number : a->last;
    return d;
}

static void remove_delivery(struct dispatch *d)
{
    struct alerts *a = d->alerts;
    size_t i = 0;
    while (a->v[i] != d)
        i++;
    a->v[i] = a->v[--a->n];
    codec_free(&delivery_table, &d->record);
    free(d);
}

static void end_delivery(struct dispatch *d)
{
    struct alerts *a = d->alerts;
    int error = store_delete_u64(a->store, STORE_DELIVERIES, d->number);
    remove_delivery(d);
    a->wrote(a->arg, error);
}

static void count_outcome(struct dispatch *d, enum alert_outcome outcome)
{
    if (d->kind < ALERT_KINDS)
        d->alerts->facts.by[d->kind].outcomes[outcome]++;
}

static int64_t waited(const struct dispatch *d, int64_t now)
{
    return now > d->record.made ? now - d->record.made : 0;
}

/* 1 s, 2 s, 4 s, ... */
static int64_t pause_after_tries(uint64_t tries)
{
    return tries < 12 && INT64_C(1) << tries < LONGEST_PAUSE ? INT64_C(1) << tries : LONGEST_PAUSE;
}

/* After the clock was set back, makes deliveries due that were planned by the old time. */
static void heed_delivery_clock(struct dispatch *d, int64_t now)
{
    struct delivery_record *r = &d->record;
    if (clock_was_set_back(r->tries ? r->due - pause_after_tries(r->tries - 1) : r->made, now))
        r->due = now;
    if (clock_was_set_back(r->made, now))
        r->made = now;
}

static void put_off(struct dispatch *d, const char *why)
{
    struct delivery_record *r = &d->record;
    int64_t now = wall_clock();
    bool last = waited(d, now) > GIVE_UP;
    count_outcome(d, last ? ALERT_ABANDONED : ALERT_RETRIED);
    log_line(last ? LOG_ERR : LOG_WARNING, last ? "alert_abandoned" : "alert_retried",
             last ? "alert not delivered within three days; giving up"
                  : "alert not delivered; will retry",
             LOG_T("alert", r->alert), LOG_T("by", r->kind), LOG_T("delivery", r->id),
             LOG_T("error", why));
    if (last) {
        end_delivery(d);
        return;
    }
    r->due = now + pause_after_tries(r->tries++);
    d->alerts->wrote(d->alerts->arg, write_delivery(d));
}

static void deliver(struct alerts *a);

/* `error` NULL: delivered. */
static void came_back(struct dispatch *d, const char *error)
{
    struct alerts *a = d->alerts;
    d->under_way = false;
    d->fetch = NULL;
    a->under_way--;
    if (error) {
        put_off(d, error);
    } else {
        log_line(LOG_INFO, "alert_delivered", "alert delivered", LOG_T("alert", d->record.alert),
                 LOG_T("by", d->record.kind), LOG_T("delivery", d->record.id));
        count_outcome(d, ALERT_DELIVERED);
        if (d->kind < ALERT_KINDS)
            histogram_add(&a->facts.by[d->kind].delays, waited(d, wall_clock()) * 1000000);
        end_delivery(d);
    }
    deliver(a);
}

/* ---- webhook -------------------------------------------------------------------------------- */

static const char *ignore_body(void *arg, const struct fetch_answer *head, const char *bytes,
                               size_t n)
{
    (void)arg, (void)head, (void)bytes, (void)n;
    return NULL; /* the body is ignored */
}

static struct throttle *throttle_of(struct alerts *a, uint64_t key)
{
    for (size_t i = 0; i < a->n_throttles; i++)
        if (a->throttles[i].key == key)
            return &a->throttles[i];
    MEM_GROW(a->throttles, a->n_throttles, a->cap_throttles);
    a->throttles[a->n_throttles] = (struct throttle){.key = key, .since = -HOUR_MS};
    return &a->throttles[a->n_throttles++];
}

/* Holds back all deliveries to a server that asks for a pause. */
static void heed_retry_after(const struct dispatch *d, const struct fetch_answer *answer)
{
    int64_t s = when_retry_after(answer->header[FETCH_RETRY_AFTER], wall_clock());
    if (s > 0)
        throttle_of(d->alerts, d->target)->held_until =
            monotonic_ms() + (s < LONGEST_PAUSE ? s : LONGEST_PAUSE) * 1000;
}

/* Seconds, rounded up. */
static int64_t held_for(struct alerts *a, uint64_t target)
{
    int64_t ms = throttle_of(a, target)->held_until - monotonic_ms();
    return ms > 0 ? (ms + 999) / 1000 : 0;
}

static void on_hook_answer(void *arg, const struct fetch_answer *answer)
{
    char text[80];
    snprintf(text, sizeof text, "HTTP status %ld", answer->status);
    bool ok = !answer->error && answer->status / 100 == 2;
    if (!ok)
        heed_retry_after(arg, answer);
    came_back(arg, answer->error ? answer->error : ok ? NULL : text);
}

static const char *begin_webhook(struct dispatch *d, const void *section)
{
    const struct config_alert *rule = section;
    const struct config *c = d->alerts->config;
    const struct hook_order order = {.format = (enum config_format)rule->format.number,
                                     .url = rule->webhook.text,
                                     .secret = rule->secret,
                                     .base = c->http_base_url.text,
                                     .body = d->record.body,
                                     .now = wall_clock()};
    struct hook hook;
    hook_make(&order, &hook);
    const struct fetch_request request = {.url = hook.url,
                                          .user_agent = "storyd/" STORYD_VERSION,
                                          .post = hook.body,
                                          .put = hook.put,
                                          .headers = (const char *const *)hook.headers,
                                          .connect_timeout = CONNECT_MS,
                                          .timeout = ANSWER_MS,
                                          .max_body = SIZE_MAX,
                                          .ca_file = c->poll_ca_file.text,
                                          .proxy = c->poll_proxy.text};
    const struct fetch_client client = {.take = ignore_body, .done = on_hook_answer, .arg = d};
    d->fetch = fetch_start(d->alerts->fetcher, &request, &client);
    hook_free(&hook);
    return d->fetch ? NULL : "webhook is not a valid address";
}

/* ---- command and mail ----------------------------------------------------------------------- */

static void on_run_ended(void *arg, const char *error)
{
    came_back(arg, error);
}

/* Splits `text` in place and appends its words to the `n` in `argv`. */
static void add_arguments(char *argv[MAX_ARGUMENTS + 1], size_t n, char *text)
{
    char *rest;
    for (char *word = strtok_r(text, " \t", &rest); word && n < MAX_ARGUMENTS;
         word = strtok_r(NULL, " \t", &rest))
        argv[n++] = word;
    argv[n] = NULL;
}

static const char *begin_run(struct dispatch *d, char *const argv[], const char *input, size_t n)
{
    const struct run_program program = {
        .argv = argv, .input = input, .n = n, .output = -1, .seconds = RUN_SECONDS};
    int error = run_start(d->alerts->runner, &program, on_run_ended, d);
    return error ? strerror(error) : NULL;
}

static const char *begin_command(struct dispatch *d, const void *section)
{
    const struct config_alert *rule = section;
    char *argv[MAX_ARGUMENTS + 1], *words = mem_str(rule->command.text);
    const char *body = d->record.body;
    add_arguments(argv, 0, words);
    const char *error = argv[0] ? begin_run(d, argv, body, strlen(body)) : "command is empty";
    free(words);
    return error;
}

static const char *send_mail(struct dispatch *d, const char *to,
                             void (*write)(const json_t *message, const char *to, const char *base,
                                           struct buf *out))
{
    static char program[] = "sendmail", dots[] = "-i", end[] = "--";
    char *argv[MAX_ARGUMENTS + 1] = {program, dots, end}, *words = mem_str(to);
    json_t *message = json_loads(d->record.body, 0, NULL);
    struct buf mail;
    buf_init(&mail, 1 << 22);
    write(message, to, d->alerts->config->http_base_url.text, &mail);
    add_arguments(argv, 3, words);
    const char *error = begin_run(d, argv, buf_text(&mail), mail.len);
    buf_free(&mail);
    json_decref(message);
    free(words);
    return error;
}

static const char *begin_mail(struct dispatch *d, const void *section)
{
    const struct config_alert *rule = section;
    return send_mail(d, rule->mail.text, message_mail);
}

static const char *begin_digest(struct dispatch *d, const void *section)
{
    const struct config_digest *digest = section;
    return send_mail(d, digest->mail.text, message_digest);
}

/* ---- rules to deliveries -------------------------------------------------------------------- */

static const struct delivery_kind {
    size_t option; /* of struct config_alert, or of config_digest: not used if empty */
    const char *(*begin)(struct dispatch *, const void *section);
} kinds[ALERT_KINDS] = {
    [WEBHOOK] = {offsetof(struct config_alert, webhook), begin_webhook},
    [COMMAND] = {offsetof(struct config_alert, command), begin_command},
    [MAIL] = {offsetof(struct config_alert, mail), begin_mail},
    [DIGEST] = {offsetof(struct config_digest, mail), begin_digest},
};

static bool has_kind(const void *section, const struct delivery_kind *kind)
{
    const struct config_value *v = (const void *)((const char *)section + kind->option);
    return *v->text;
}

static struct dispatch *new_delivery(struct alerts *a, const char *alert, size_t kind,
                                     const char *id, int64_t now, int64_t due, const char *body)
{
    const struct delivery_record record = {.alert = mem_str(alert),
                                           .kind = mem_str(kind_names[kind]),
                                           .id = mem_str(id),
                                           .made = now,
                                           .due = due,
                                           .body = mem_str(body)};
    struct dispatch *d = add_delivery(a, a->last + 1, record);
    d->unwritten = true;
    return d;
}

/* Whether one more message to people may be sent in this hour. */
static bool within_rate(struct alerts *a, const struct config_alert *rule)
{
    struct throttle *t = throttle_of(a, hash64(rule->name, strlen(rule->name), 0));
    int64_t now = monotonic_ms();
    if (now - t->since >= HOUR_MS) {
        t->since = now;
        t->sent = 0;
    }
    return ++t->sent <= rule->per_hour.number;
}

/* Counts an event in the message that closes the hour. */
static int count_more(struct alerts *a, const struct config_alert *rule, int64_t now)
{
    struct dispatch *d = NULL;
    for (size_t i = 0; !d && i < a->n; i++)
        if (!a->v[i]->under_way && a->v[i]->record.more &&
            !strcmp(a->v[i]->record.alert, rule->name))
            d = a->v[i];
    if (!d) {
        uint64_t hash = hash64(rule->name, strlen(rule->name), 0);
        int64_t ms = throttle_of(a, hash)->since + HOUR_MS - monotonic_ms();
        char id[64];
        snprintf(id, sizeof id, "%016" PRIx64 "-more-%" PRIu64, hash, a->last + 1);
        d = new_delivery(a, rule->name, WEBHOOK, id, now, now + ms / 1000, "");
        log_line(LOG_INFO, "alert_limited",
                 "an alert reached its messages per hour; one more will count the rest",
                 LOG_T("alert", rule->name), LOG_N("per_hour", rule->per_hour.number));
    }
    free(d->record.body);
    d->record.body = message_more(d->record.id, rule->name, d->record.made, ++d->record.more);
    d->unwritten = true;
    return write_delivery(d);
}

static int raise_alert(struct alerts *a, const struct config_alert *rule,
                       const struct event_record *event)
{
    uint64_t number = event->number;
    int64_t now = wall_clock();
    char id[48];
    snprintf(id, sizeof id, "%016" PRIx64 "-%" PRIu64, hash64(rule->name, strlen(rule->name), 0),
             number);
    char *body = message_json(id, rule->name, now, event);
    int error = set_raised(a, rule->name, number);
    for (size_t i = 0; !error && i <= MAIL; i++) {
        if (!has_kind(rule, &kinds[i]))
            continue;
        if (a->n >= MAX_WAITING) {
            log_line(LOG_ERR, "alert_dropped", "too many undelivered alerts; dropping one",
                     LOG_T("alert", rule->name), LOG_T("by", kind_names[i]),
                     LOG_N("event", number));
            a->facts.by[i].outcomes[ALERT_DROPPED]++;
            continue;
        }
        if (i == WEBHOOK && rule->format.number != FORMAT_STORYD && !within_rate(a, rule))
            error = count_more(a, rule, now);
        else
            error = write_delivery(new_delivery(a, rule->name, i, id, now, now, body));
    }
    free(body);
    return error;
}

int alerts_check(struct alerts *a, const struct event_record *event)
{
    int error = a->error;
    for (size_t i = 0; !error && i < a->config->n_alerts; i++) {
        const struct config_alert *rule = &a->config->alerts[i];
        bool raised;
        if (!rule_matches(rule, event))
            continue;
        error = was_raised(a, rule->name, event->number, &raised);
        if (!error && !raised)
            error = raise_alert(a, rule, event);
    }
    return error;
}

/* The section that a delivery belongs to, or NULL. */
static const void *section_of(const struct dispatch *d)
{
    const struct config *c = d->alerts->config;
    const char *name = d->record.alert;
    if (d->kind == DIGEST)
        for (size_t i = 0; i < c->n_digests; i++)
            if (!strcmp(c->digests[i].name, name))
                return &c->digests[i];
    for (size_t i = 0; d->kind < DIGEST && i < c->n_alerts; i++)
        if (!strcmp(c->alerts[i].name, name) && has_kind(&c->alerts[i], &kinds[d->kind]))
            return &c->alerts[i];
    return NULL;
}

/* Waits as long as the server of its webhook asked for. */
static bool is_held(struct dispatch *d, const struct config_alert *rule)
{
    d->target = hash64(rule->webhook.text, strlen(rule->webhook.text), 0);
    int64_t wait = held_for(d->alerts, d->target);
    if (wait)
        d->record.due = wall_clock() + wait;
    return wait > 0;
}

/* A count of events is nothing for a webhook that now gets JSON. */
static bool is_obsolete(const struct dispatch *d, const struct config_alert *rule)
{
    return d->record.more && rule->format.number == FORMAT_STORYD;
}

/* Delivers as currently configured; a delivery whose section is gone is dropped. */
static void begin_delivery(struct dispatch *d)
{
    struct alerts *a = d->alerts;
    const void *section = section_of(d);
    if (!section || (d->kind == WEBHOOK && is_obsolete(d, section))) {
        end_delivery(d);
        return;
    }
    if (d->kind == WEBHOOK && is_held(d, section))
        return;
    const char *error = kinds[d->kind].begin(d, section);
    d->under_way = !error;
    a->under_way += d->under_way;
    if (error)
        put_off(d, error);
}

static void deliver(struct alerts *a)
{
    if (a->stopped)
        return;
    int64_t now = wall_clock(), next = now + 60;
    for (size_t i = 0; i < a->n; i++)
        heed_delivery_clock(a->v[i], now);
    for (size_t i = a->n; i-- > 0 && a->under_way < AT_ONCE;)
        if (!a->v[i]->under_way && !a->v[i]->unwritten && a->v[i]->record.due <= now)
            begin_delivery(a->v[i]); /* if it ends, the last one takes its place */
    bool waits = false;
    for (size_t i = 0; i < a->n; i++) {
        waits |= !a->v[i]->under_way;
        if (!a->v[i]->under_way && a->v[i]->record.due < next)
            next = a->v[i]->record.due;
    }
    const struct timeval in = {next > now ? (time_t)(next - now) : 1, 0};
    if (waits)
        evtimer_add(a->timer, &in);
    else
        evtimer_del(a->timer);
}

void alerts_written(struct alerts *a)
{
    for (size_t i = 0; i < a->n; i++)
        a->v[i]->unwritten = false;
    deliver(a);
}

static void on_delivery_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    deliver(arg);
}

static int load_delivery(void *arg, uint64_t number, struct store_value v)
{
    struct delivery_record record;
    if (codec_load(&delivery_table, v.p, v.n, &record)) {
        add_delivery(arg, number, record);
        return 0;
    }
    codec_free(&delivery_table, &record);
    return STORE_CORRUPT;
}

void alerts_stop(struct alerts *a)
{
    a->stopped = true;
    evtimer_del(a->timer);
}

int alerts_load(struct alerts *a)
{
    return store_each(a->store, STORE_DELIVERIES, 0, load_delivery, a);
}

static int post_digest(void *arg, const char *name, const char *id, int64_t now, const char *body)
{
    return write_delivery(new_delivery(arg, name, DIGEST, id, now, now, body));
}

static void digest_wrote(void *arg, int error)
{
    struct alerts *a = arg;
    a->wrote(a->arg, error);
}

void alerts_tick(struct alerts *a, struct story_db *reader, int64_t now)
{
    if (!a->stopped)
        digests_tick(a->digests, reader, now);
}

struct alerts *alerts_new(struct event_base *base, struct store *store, const struct config *config,
                          void (*wrote)(void *, int), void *arg)
{
    struct alerts *a = mem_zero(sizeof *a);
    *a =
        (struct alerts){.base = base, .store = store, .config = config, .wrote = wrote, .arg = arg};
    a->fetcher = fetcher_new(base);
    a->runner = runner_new(base);
    a->digests = digests_new(base, store, config, post_digest, digest_wrote, a);
    a->timer = must_event(evtimer_new(base, on_delivery_timer, a));
    return a;
}

void alerts_reloaded(struct alerts *a)
{
    fetcher_renew(a->fetcher, 0);
}

void alerts_free(struct alerts *a)
{
    if (!a)
        return;
    fetcher_free(a->fetcher);
    runner_free(a->runner);
    digests_free(a->digests);
    event_free(a->timer);
    while (a->n)
        remove_delivery(a->v[a->n - 1]);
    free(a->v);
    free(a->throttles);
    free(a);
}

struct alerts_facts alerts_facts(const struct alerts *a, int64_t now)
{
    struct alerts_facts f = a->facts;
    for (size_t i = 0; i < a->n; i++) {
        if (a->v[i]->kind >= ALERT_KINDS)
            continue;
        struct alert_kind_facts *by = &f.by[a->v[i]->kind];
        const int64_t age = waited(a->v[i], now);
        by->waiting++;
        by->oldest = age > by->oldest ? age : by->oldest;
    }
    return f;
}
