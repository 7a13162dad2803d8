/* Requests generated texts for events from a model: queue, budget, retries, and applying the
 * responses. Prompts and results are built in generate.c and lib/digest/. */
#include "enrich/enrich.h"

#include "base/map.h"
#include "base/mem.h"
#include "ingest/batch.h"
#include "enrich/budget.h"
#include "enrich/generate.h"
#include "log.h"
#include "must.h"
#include "base/clock.h"
#include "net/fetch.h"
#include "poll/when.h"
#include "store/generated.h"
#include "store/record.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_WAITING = 1000, /* events; beyond it the lowest scores are dropped */
    MAX_GIVEN_UP = 10000,
    LOOKED_AT = 5000, /* events examined at the start */
    TRIES = 3,        /* per event; after that it must grow to be tried again */
    CONNECT_MS = 10000,
    LONGEST_PAUSE = 3600, /* seconds after failures; Retry-After may be longer */
    LONGEST_WAIT = 86400,
    MAX_URL = 2048,
    LOOK_MS = 60000,
};

struct waiting {
    uint64_t event, tries;
    int64_t score;
};

/* Counters in the database meta, since the store was created. */
static const char *const totals[] = {"enrich_asked", "enrich_answered", "enrich_failed",
                                     "enrich_kept", "enrich_dropped"};
enum { N_TOTALS = sizeof totals / sizeof *totals };

/* The current request, until its response is processed. */
struct asking {
    struct waiting of;
    uint64_t sources;
    struct prompt prompt;
    char *model;
    unsigned parts;
    bool by_schema;
    uint64_t tokens; /* reserved, on `day` */
    int64_t day, begun;
    struct fetch *fetch; /* NULL: finished */
    struct buf body;
    long status; /* 0: no response */
    char *error;
    int64_t retry_after; /* seconds; -1: not given */
    bool too_long;
};

struct enrich {
    struct event_base *base;
    struct ingest *ingest;
    const struct config *config;
    void (*wrote)(void *, int);
    void *arg;
    struct fetcher *fetcher; /* NULL until it is needed */
    struct event *timer;
    char *key;
    struct waiting waiting[MAX_WAITING];
    size_t n;
    struct map given_up; /* event -> its number of sources at that time */
    struct asking *asking;
    struct budget budget;
    int64_t not_before; /* monotonic ms */
    uint64_t fails;     /* consecutive failures */
    bool no_schema;     /* the server rejects response_format */
    bool poor;          /* the budget was exhausted at poor_at */
    int64_t poor_at;
    bool stopped;
    struct enrich_facts facts;
    uint64_t before[N_TOTALS]; /* totals[] at the start */
};

static void next_asking(struct enrich *e);

const char *enrich_failure_name(size_t i)
{
    static const char *const names[] = {
#define F(symbol, name) name,
        ENRICH_FAILURES(F)
#undef F
    };
    return i < ENRICH_FAILURE_COUNT ? names[i] : NULL;
}

static bool is_on(const struct enrich *e)
{
    return *e->config->enrich_url.text != 0;
}

static void wait_for_step(struct enrich *e, int64_t ms)
{
    const struct timeval in = {ms / 1000, (ms % 1000) * 1000};
    evtimer_add(e->timer, &in);
}

/* ---- the queue ------------------------------------------------------------------------------ */

static size_t place_of_event(const struct enrich *e, uint64_t event)
{
    size_t i = 0;
    while (i < e->n && e->waiting[i].event != event)
        i++;
    return i;
}

static void leave_queue(struct enrich *e, uint64_t event)
{
    size_t at = place_of_event(e, event);
    if (at < e->n)
        e->waiting[at] = e->waiting[--e->n];
}

/* The index for a new entry: the end, or that of the lowest score if the queue is full.
 * MAX_WAITING: no room. */
static size_t room_for(const struct enrich *e, int64_t score)
{
    size_t least = 0;
    if (e->n < MAX_WAITING)
        return e->n;
    for (size_t i = 1; i < e->n; i++)
        if (e->waiting[i].score < e->waiting[least].score)
            least = i;
    return e->waiting[least].score < score ? least : MAX_WAITING;
}

static const struct waiting *first_waiting(const struct enrich *e)
{
    const struct waiting *best = NULL;
    for (size_t i = 0; i < e->n; i++)
        if (!best || e->waiting[i].score > best->score ||
            (e->waiting[i].score == best->score && e->waiting[i].event < best->event))
            best = &e->waiting[i];
    return best;
}

static bool is_due(const struct enrich *e, const struct event_record *event)
{
    uint64_t given_up = (uintptr_t)map_get(&e->given_up, event->number);
    return generated_is_due(event, (uint64_t)e->config->enrich_min_sources.number) &&
           (!given_up || generated_has_grown(given_up, event->source_count));
}

void enrich_take(struct enrich *e, const struct event_record *event)
{
    uint64_t number = event->number;
    if (!is_on(e))
        return;
    if (!is_due(e, event)) {
        leave_queue(e, number);
        return;
    }
    if (e->asking && e->asking->of.event == number)
        return; /* examined again when its response is written */
    int64_t score = event->score;
    size_t at = place_of_event(e, number);
    if (at < e->n) {
        e->waiting[at].score = score;
        return;
    }
    at = room_for(e, score);
    if (at == MAX_WAITING)
        return;
    e->n += at == e->n;
    e->waiting[at] = (struct waiting){.event = number, .score = score};
}

static void give_up(struct enrich *e, const struct asking *a)
{
    if (e->given_up.n >= MAX_GIVEN_UP)
        map_free(&e->given_up);
    map_put(&e->given_up, a->of.event, (void *)(uintptr_t)a->sources);
}

/* Queues the event again, or gives up after TRIES. */
static void put_event_back(struct enrich *e, const struct asking *a, unsigned tries)
{
    struct waiting w = a->of;
    w.tries += tries;
    if (w.tries >= TRIES) {
        give_up(e, a);
        return;
    }
    size_t at = room_for(e, w.score);
    if (at == MAX_WAITING)
        return;
    e->n += at == e->n;
    e->waiting[at] = w;
}

/* ---- the budget and persistent counters ----------------------------------------------------- */

static uint64_t sum_values(const uint64_t *values, size_t n)
{
    uint64_t all = 0;
    while (n--)
        all += values[n];
    return all;
}

static void totals_now(const struct enrich *e, uint64_t now[N_TOTALS])
{
    const struct enrich_facts *f = &e->facts;
    now[0] = f->asked;
    now[1] = f->answered;
    now[2] = sum_values(f->failed, ENRICH_FAILURE_COUNT);
    now[3] = f->kept;
    now[4] = sum_values(f->dropped, CITED_REASON_COUNT);
}

static void keep_budget(struct enrich *e)
{
    struct store *s = ingest_store(e->ingest);
    uint64_t now[N_TOTALS];
    int error = store_set_number(s, "enrich_day", (uint64_t)e->budget.day);
    if (!error)
        error = store_set_number(s, "enrich_tokens", e->budget.spent);
    totals_now(e, now);
    for (size_t i = 0; !error && i < N_TOTALS; i++)
        error = store_set_number(s, totals[i], e->before[i] + now[i]);
    e->wrote(e->arg, error);
}

static void read_budget(struct enrich *e)
{
    struct store *s = ingest_store(e->ingest);
    uint64_t now[N_TOTALS];
    e->budget.day = (int64_t)store_number(s, "enrich_day");
    e->budget.spent = store_number(s, "enrich_tokens");
    totals_now(e, now);
    for (size_t i = 0; i < N_TOTALS; i++) {
        uint64_t kept = store_number(s, totals[i]);
        e->before[i] = kept > now[i] ? kept - now[i] : 0;
    }
}

/* ---- requests ------------------------------------------------------------------------------- */

static void free_asking(struct asking *a)
{
    if (!a)
        return;
    if (a->fetch)
        fetch_cancel(a->fetch);
    prompt_free(&a->prompt);
    buf_free(&a->body);
    free(a->model);
    free(a->error);
    free(a);
}

static const char *take_model_answer(void *arg, const struct fetch_answer *head, const char *bytes,
                                     size_t n)
{
    struct asking *a = ((struct enrich *)arg)->asking;
    (void)head;
    a->too_long = !buf_add(&a->body, bytes, n);
    return a->too_long ? "the response exceeds 256 KiB" : NULL;
}

/* Processed later, from the timer, outside the callback of the request. */
static void on_model_answer(void *arg, const struct fetch_answer *answer)
{
    struct enrich *e = arg;
    struct asking *a = e->asking;
    a->fetch = NULL;
    a->status = answer->error ? 0 : answer->status;
    a->error = answer->error ? mem_str(answer->error) : NULL;
    a->retry_after = when_retry_after(answer->header[FETCH_RETRY_AFTER], wall_clock());
    wait_for_step(e, 0);
}

static bool send_model_request(struct enrich *e, const char *body)
{
    char url[MAX_URL], type[] = "Content-Type: application/json";
    char plain[] = "Accept-Encoding: identity";
    const char *base = e->config->enrich_url.text, *headers[4] = {type, plain};
    size_t n = strlen(base);
    struct buf key;
    while (n && base[n - 1] == '/')
        n--;
    snprintf(url, sizeof url, "%.*s/chat/completions", (int)n, base);
    buf_init(&key, 4096);
    if (e->key) {
        buf_addf(&key, "Authorization: Bearer %s", e->key);
        headers[2] = buf_text(&key);
    }
    const struct fetch_request request = {.url = url,
                                          .user_agent = "storyd/" STORYD_VERSION,
                                          .post = body,
                                          .headers = headers,
                                          .connect_timeout = CONNECT_MS,
                                          .timeout = e->config->enrich_timeout.number,
                                          .max_body = SIZE_MAX,
                                          .ca_file = e->config->poll_ca_file.text,
                                          .proxy = e->config->poll_proxy.text};
    const struct fetch_client client = {
        .take = take_model_answer, .done = on_model_answer, .arg = e};
    if (!e->fetcher)
        e->fetcher = fetcher_new(e->base);
    e->asking->begun = monotonic_ms();
    e->asking->fetch = fetch_start(e->fetcher, &request, &client);
    buf_free(&key);
    return e->asking->fetch != NULL;
}

/* Reserves the tokens of a request. Returns false if the budget is exhausted. */
static bool pay(struct enrich *e, struct asking *a, const char *body)
{
    int64_t now = wall_clock();
    a->tokens = prompt_tokens(body);
    bool can = budget_take(&e->budget, a->tokens, (uint64_t)e->config->enrich_budget.number, now);
    a->day = e->budget.day;
    if (can) {
        keep_budget(e);
    } else if (!e->poor) {
        log_line(LOG_WARNING, "model_budget_spent",
                 "daily token budget exhausted; requests to the model resume tomorrow",
                 LOG_N("spent", e->budget.spent), LOG_N("budget", e->config->enrich_budget.number),
                 LOG_N("waiting", e->n));
    }
    e->poor = !can;
    e->poor_at = now;
    return can;
}

/* Settles the reservation: `used` tokens were spent. */
static void settle_budget(struct enrich *e, const struct asking *a, uint64_t used)
{
    budget_settle(&e->budget, a->day, a->tokens, used);
    e->poor = false;
    keep_budget(e);
}

/* Requests texts for an event. Returns false if there is nothing to request, or not now. */
static bool begin_asking(struct enrich *e, const struct waiting *w,
                         const struct event_record *event)
{
    struct asking *a = mem_zero(sizeof *a);
    a->of = *w;
    a->sources = event->source_count;
    a->model = mem_str(e->config->enrich_model.text);
    a->by_schema = !e->no_schema;
    buf_init(&a->body, CITED_ANSWER);
    prompt_parts(e->config->enrich_parts.text, &a->parts);
    int error = generate_prompt(e->ingest, event, &a->prompt);
    char *body =
        error || !a->prompt.n ? NULL : prompt_request(&a->prompt, a->model, a->parts, a->by_schema);
    e->asking = a;
    bool paid = body && pay(e, a, body), sent = paid && send_model_request(e, body);
    if (paid && !sent) {
        settle_budget(e, a, 0);
        log_line(LOG_ERR, "model_url_invalid", "invalid url in [enrich]; correct it",
                 LOG_T("url", e->config->enrich_url.text));
        e->not_before = monotonic_ms() + INT64_C(1000) * LONGEST_PAUSE;
    }
    if (sent || !body)
        leave_queue(e, a->of.event);
    if (sent) {
        e->facts.asked++;
        log_line(LOG_DEBUG, "model_asked", "requested from the model", LOG_N("event", a->of.event),
                 LOG_N("sentences", a->prompt.n), LOG_N("tokens", a->tokens));
    } else {
        free_asking(a);
        e->asking = NULL;
    }
    free(body);
    if (error)
        e->wrote(e->arg, error);
    return sent;
}

/* ---- responses ------------------------------------------------------------------------------ */

static enum enrich_failure failure_of(const struct enrich *e, const struct asking *a)
{
    int64_t took = monotonic_ms() - a->begun;
    return a->too_long                                ? ENRICH_SIZE
           : a->status == 429                         ? ENRICH_BUSY
           : a->status / 100 == 5                     ? ENRICH_SERVER
           : a->status / 100 == 2                     ? ENRICH_FORM
           : a->status                                ? ENRICH_REFUSED
           : took >= e->config->enrich_timeout.number ? ENRICH_TIMEOUT
                                                      : ENRICH_NETWORK;
}

static void pause_after_failure(struct enrich *e, const struct asking *a)
{
    int64_t s = e->fails < 12 && INT64_C(1) << e->fails < LONGEST_PAUSE ? INT64_C(1) << e->fails
                                                                        : LONGEST_PAUSE;
    if (a->retry_after > s)
        s = a->retry_after < LONGEST_WAIT ? a->retry_after : LONGEST_WAIT;
    e->fails++;
    e->not_before = monotonic_ms() + s * 1000;
}

/* Handles a failure and queues the event again. Unspent tokens are returned; an interrupted request
 * counts as spent, since its cost is unknown. */
static void asking_failed(struct enrich *e, struct asking *a, uint64_t tokens)
{
    enum enrich_failure why = failure_of(e, a);
    bool unspent = a->status ? a->status / 100 != 2 : why == ENRICH_NETWORK && !a->body.len;
    e->facts.failed[why]++;
    log_line(LOG_WARNING, "model_failed", "request to the model failed; the extracted texts remain",
             LOG_N("event", a->of.event), LOG_T("cause", enrich_failure_name(why)),
             LOG_N("status", a->status), LOG_T("error", a->error));
    settle_budget(e, a, unspent ? 0 : tokens ? tokens : a->tokens);
    if (why != ENRICH_FORM)
        pause_after_failure(e, a);
    put_event_back(e, a,
                   why == ENRICH_BUSY   ? 0
                   : why == ENRICH_FORM ? 2
                                        : 1); /* form: little hope */
}

/* Some servers reject response_format; the prompt then describes the format in words. */
static bool refuses_schema(const struct asking *a)
{
    return a->by_schema && (a->status == 400 || a->status == 422 || a->status == 501);
}

static void apply_answer(struct enrich *e, struct asking *a, struct digest *said)
{
    size_t kept;
    int error = ingest_commit_end(e->ingest);
    if (!error)
        error =
            generate_apply(e->ingest, a->of.event, said, a->model, a->sources, wall_clock(), &kept);
    if (!error) {
        e->facts.kept += kept;
        log_line(LOG_DEBUG, "model_answered", "response of the model stored",
                 LOG_N("event", a->of.event), LOG_N("statements", kept));
    }
    e->wrote(e->arg, error);
}

static void asking_answered(struct enrich *e, struct asking *a)
{
    const struct cited_rules rules = {
        .lang = langs_get(engine_langs(ingest_engine(e->ingest)), a->prompt.lang),
        .rarity = engine_rarity(ingest_engine(e->ingest)),
        .by = a->model,
        .parts = a->parts};
    struct cited_answer answer = {0};
    struct digest said;
    size_t dropped[CITED_REASON_COUNT];
    if (!a->error && a->status / 100 == 2 &&
        cited_answer(buf_text(&a->body), a->body.len, &answer) &&
        cited_read(answer.text, &a->prompt, &rules, &said, dropped)) {
        e->fails = 0;
        e->facts.answered++;
        for (size_t i = 0; i < CITED_REASON_COUNT; i++)
            e->facts.dropped[i] += dropped[i];
        apply_answer(e, a, &said);
        settle_budget(e, a, answer.tokens ? answer.tokens : a->tokens);
        codec_free(&digest_table, &said);
    } else if (refuses_schema(a)) {
        e->no_schema = true;
        settle_budget(e, a, 0);
        put_event_back(e, a, 0);
    } else {
        asking_failed(e, a, answer.tokens);
    }
    free(answer.text);
}

/* ---- the next step -------------------------------------------------------------------------- */

/* Finds the next due event and its record; number 0: none. */
static int find_next_event(struct enrich *e, struct waiting *w, struct event_record *event)
{
    const struct waiting *first;
    int error = 0;
    *event = (struct event_record){.number = 0};
    while (!error && (first = first_waiting(e))) {
        *w = *first;
        error = batch_stored_event(ingest_store(e->ingest), w->event, event);
        if (!error && is_due(e, event))
            return 0;
        error = error == STORE_NOT_FOUND ? 0 : error;
        codec_free(&event_table, event);
        leave_queue(e, w->event);
    }
    return error;
}

static void ask_next(struct enrich *e)
{
    struct waiting w;
    struct event_record event;
    int64_t now = monotonic_ms();
    if (now < e->not_before) {
        wait_for_step(e, e->not_before - now);
        return;
    }
    if (e->poor && budget_next(wall_clock()) == budget_next(e->poor_at)) {
        wait_for_step(e, LOOK_MS); /* poll the clock, which may be set */
        return;
    }
    int error = find_next_event(e, &w, &event);
    if (error)
        e->wrote(e->arg, error);
    if (event.number && !begin_asking(e, &w, &event) && e->n)
        wait_for_step(e, e->poor ? LOOK_MS : e->not_before > now ? e->not_before - now : 0);
    codec_free(&event_table, &event);
}

/* Does the next step; nothing while a batch is being written, enrich_go_on() then follows. */
static void next_asking(struct enrich *e)
{
    if (e->stopped || ingest_is_committing(e->ingest) || (e->asking && e->asking->fetch))
        return;
    if (e->asking) {
        struct asking *a = e->asking;
        e->asking = NULL;
        asking_answered(e, a);
        free_asking(a);
        if (!e->stopped)
            wait_for_step(e, 0);
        return;
    }
    if (is_on(e))
        ask_next(e);
}

static void on_enrich_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    next_asking(arg);
}

void enrich_go_on(struct enrich *e)
{
    if (e->asking || e->n)
        next_asking(e);
}

/* ---- start and stop ------------------------------------------------------------------------- */

void enrich_look(struct enrich *e, story_db *db)
{
    story_view *view;
    story_list *list;
    struct story_entry entry;
    free(e->key);
    e->key = config_enrich_key(e->config);
    map_free(&e->given_up);
    e->n = 0;
    e->fails = 0;
    e->not_before = 0;
    e->no_schema = e->poor = false;
    if (e->fetcher)
        fetcher_renew(e->fetcher, 0);
    if (e->asking && !is_on(e)) {
        free_asking(e->asking);
        e->asking = NULL;
    }
    if (!is_on(e) || story_view_begin(db, &view))
        return;
    if (!story_events(view, &list)) {
        for (int i = 0; i < LOOKED_AT && !story_next(list, &entry); i++) {
            struct event_record event;
            codec_load(&event_table, entry.json, entry.length, &event);
            enrich_take(e, &event);
            codec_free(&event_table, &event);
        }
        story_list_free(list);
    }
    story_view_end(view);
    if (e->n)
        wait_for_step(e, 0);
}

void enrich_stop(struct enrich *e)
{
    e->stopped = true;
    evtimer_del(e->timer);
}

void enrich_again(struct enrich *e)
{
    e->stopped = false;
    read_budget(e);
    wait_for_step(e, 0);
}

struct enrich_facts enrich_facts(const struct enrich *e)
{
    struct enrich_facts f = e->facts;
    struct budget today = e->budget;
    budget_day(&today, wall_clock());
    f.on = is_on(e);
    f.spent = today.spent;
    f.budget = (uint64_t)e->config->enrich_budget.number;
    f.waiting = e->n;
    f.under_way = e->asking != NULL;
    return f;
}

struct enrich *enrich_new(struct event_base *base, struct ingest *ingest,
                          const struct config *config, void (*wrote)(void *, int), void *arg)
{
    struct enrich *e = mem_zero(sizeof *e);
    e->base = base;
    e->ingest = ingest;
    e->config = config;
    e->wrote = wrote;
    e->arg = arg;
    e->timer = must_event(evtimer_new(base, on_enrich_timer, e));
    read_budget(e);
    return e;
}

void enrich_free(struct enrich *e)
{
    if (!e)
        return;
    free_asking(e->asking);
    fetcher_free(e->fetcher);
    event_free(e->timer);
    map_free(&e->given_up);
    free(e->key);
    free(e);
}
