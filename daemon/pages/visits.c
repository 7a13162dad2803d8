/* The scheduler of article pages: decides which pages are wanted, queues them by rank, fetches
 * robots.txt, tdmrep.json and pages within the budgets, and stores the outcomes. Parsing is in
 * lib/page/ and lib/ingest/; per-host limits are those of polling (poll_wait_turn()). */
#include "pages/visits.h"

#include "ingest/article_page.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/url.h"
#include "ingest/batch.h"
#include "log.h"
#include "must.h"
#include "poll/outgoing.h"
#include "page/page.h"
#include "page/rights.h"
#include "ingest/page_bytes.h"
#include "ingest/site.h"
#include "ingest/wanted.h"
#include "base/clock.h"
#include "net/fetch.h"
#include "poll/when.h"
#include "store/record.h"
#include "ingest/subscription.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    MAX_WAITING =
        20000, /* pages; beyond it the lowest ranks are dropped until their event changes again */
    AT_ONCE = 12,    /* requests under way, all hosts together */
    EACH_EVENT = 64, /* only the newest articles of an event are considered */
    MAX_OPENED = 32,
    MAX_REDIRECTS = 5, /* to other hosts, whose robots.txt must be read first */
    MAX_TRIES = 3,     /* after 429 or 503 */
    TOO_OLD = 86400,   /* seconds */
    BUSY_PAUSE = 600,  /* seconds, without Retry-After */
    LONGEST_PAUSE = 86400,
    TELLING = 60, /* words; a copied text of this length is no coincidence */
    LOOK_MS = 1000,
    DAY = 86400,
};

/* A host with pages in the queue. */
struct place {
    uint64_t key;
    struct site *site;
    size_t waiting; /* pages, including those under way */
    bool busy;      /* a request to it is under way; at most one at a time */
};

/* A page in the queue. */
struct wait {
    uint64_t article, feed, rank;
    int64_t queued;
    char *url;
    struct place *place;
    unsigned redirects;
};

/* A request. */
struct visit {
    struct hosts_entry turn; /* first member, for casts */
    struct visits *of;
    enum { ROBOTS, TDM, PAGE } what;
    bool marked; /* recorded as requested; may start after the commit */
    bool ended;
    struct place *place;
    struct wait *wait; /* only for PAGE */
    struct outgoing *fetch;
    char *url;
    struct buf body;
    char *etag, *last_modified;             /* of the previous version, then of the response */
    char *at, *content_type, *robots, *tdm; /* of the response: final address and headers */
    bool as_before;                         /* 304 to a conditional request */
    char *redirect;                         /* other host to restart at, or NULL */
    const char *refused; /* why we aborted it: one of the constants below, or NULL */
    long status;
    char *error;
    int64_t retry_after;
    struct visit *next;
};

static const char over_there[] = "a redirect to another host", is_too_long[] = "too long",
                  is_no_html[] = "not HTML", says_no[] = "forbidden by robots.txt",
                  is_reserved[] = "reserved by the site";

struct visits {
    struct event_base *base;
    struct ingest *ingest;
    struct poll *poll;
    const struct config *config;
    void (*wrote)(void *, int);
    void *arg;
    struct event *timer;
    bool stopped, any; /* whether any feed's pages are wanted */
    struct wait **waiting;
    size_t n, cap;
    struct map by_article; /* queued or under way -> struct wait */
    struct map places;     /* hash of the host -> struct place */
    struct visit *first;   /* under way */
    size_t n_visits;
    uint64_t opened[MAX_OPENED];
    size_t n_opened;
    int64_t day;                         /* of the budgets, days since 1970 */
    struct map spent_feeds, spent_hosts; /* -> requests for pages today */
    struct map spent_sites;              /* feed -> robots.txt files fetched because of it today */
    struct visits_facts facts;
};

static void wait_for_visit(struct visits *v, int64_t ms)
{
    const struct timeval in = {ms / 1000, ms % 1000 * 1000};
    if (!v->stopped)
        evtimer_add(v->timer, &in);
}

static char *copy_string(const char *text)
{
    return text ? mem_str(text) : NULL;
}

static struct store *store_of(const struct visits *v)
{
    return ingest_store(v->ingest);
}

/* ---- budgets -------------------------------------------------------------------------------- */

static void begin_day(struct visits *v, int64_t now)
{
    if (v->day == now / DAY)
        return;
    v->day = now / DAY;
    v->facts.today = 0;
    map_free(&v->spent_feeds);
    map_free(&v->spent_hosts);
    map_free(&v->spent_sites);
}

static uint64_t spent(const struct map *m, uint64_t key)
{
    return (uintptr_t)map_get(m, key);
}

static void add_one(struct map *m, uint64_t key)
{
    map_put(m, key, (void *)(uintptr_t)(spent(m, key) + 1));
}

static void spend(struct visits *v, uint64_t feed, uint64_t host)
{
    v->facts.today++;
    add_one(&v->spent_feeds, feed);
    add_one(&v->spent_hosts, host);
}

/* Whether the budgets allow the page, or with `site` its host's robots.txt. */
static bool can_pay(const struct visits *v, const struct wait *w, bool site)
{
    const struct config *c = v->config;
    const struct map *m = site ? &v->spent_sites : &v->spent_feeds;
    return spent(m, w->feed) < (uint64_t)c->pages_feed_budget.number &&
           spent(&v->spent_hosts, w->place->key) < (uint64_t)c->pages_host_budget.number;
}

/* ---- the queue ------------------------------------------------------------------------------ */

static uint64_t host_key(const char *host)
{
    return hash64(host, strlen(host), 0) | 1;
}

static int find_place(struct visits *v, const char *url, struct place **out)
{
    char host[SITE_MAX_HOST];
    int error = 0;
    *out = NULL;
    if (!site_host(url, host))
        return 0;
    *out = map_get(&v->places, host_key(host));
    if (*out)
        return 0;
    struct place *place = mem_zero(sizeof *place);
    error = site_load(store_of(v), host, &place->site);
    place->key = host_key(host);
    map_put(&v->places, place->key, place);
    *out = place;
    return error;
}

static void leave_place(struct visits *v, struct place *place)
{
    if (--place->waiting || place->busy)
        return;
    map_remove(&v->places, place->key);
    site_free(place->site);
    free(place);
}

static void free_wait(struct wait *w)
{
    free(w->url);
    free(w);
}

/* Removes a page from the maps and frees it; the caller has taken it out of the queue. */
static void drop_wait(struct visits *v, struct wait *w)
{
    map_remove(&v->by_article, w->article);
    leave_place(v, w->place);
    free_wait(w);
}

static bool wait_comes_before(const struct wait *a, const struct wait *b)
{
    return a->rank != b->rank ? a->rank > b->rank : a->article > b->article;
}

/* If the queue is full, drops its last page. Returns false if `w` itself is last. */
static bool make_wait_room(struct visits *v, const struct wait *w)
{
    size_t last = 0;
    if (v->n < MAX_WAITING)
        return true;
    for (size_t i = 1; i < v->n; i++)
        if (wait_comes_before(v->waiting[last], v->waiting[i]))
            last = i;
    if (!wait_comes_before(w, v->waiting[last]))
        return false;
    drop_wait(v, v->waiting[last]);
    v->waiting[last] = v->waiting[--v->n];
    return true;
}

static int enqueue(struct visits *v, const struct page_record *page)
{
    struct wait *w = mem_zero(sizeof *w);
    w->article = page->article;
    w->feed = page->feed;
    w->rank = page->rank;
    w->queued = page->queued;
    w->redirects = (unsigned)page->redirects;
    w->url = mem_str(page->url);
    int error = 0;
    if (!make_wait_room(v, w) || (error = find_place(v, w->url, &w->place)) || !w->place) {
        free_wait(w);
        return error;
    }
    w->place->waiting++;
    MEM_GROW(v->waiting, v->n, v->cap);
    v->waiting[v->n++] = w;
    map_put(&v->by_article, w->article, w);
    wait_for_visit(v, 0);
    return 0;
}

/* Without a record, its `article` is 0. */
static int get_page(struct visits *v, uint64_t article, struct page_record *out)
{
    int error = batch_page(store_of(v), article, out);
    return error == STORE_NOT_FOUND ? 0 : error;
}

/* Stores the outcome of a page, requested or not. */
static int settle_page(struct visits *v, struct page_record *page, struct article_page *of,
                       int64_t now)
{
    int error = article_page_settle(v->ingest, page, of, now);
    v->facts.outcomes[of->outcome]++;
    log_line(LOG_DEBUG, "page_settled", "page", LOG_N("article", page->article),
             LOG_T("url", page->url), LOG_T("state", page_outcome_state(of->outcome)),
             LOG_T("why", page_outcome_why(of->outcome)));
    return error;
}

static int settle_unread(struct visits *v, struct page_record *page, enum page_outcome outcome,
                         int64_t now)
{
    struct article_page none = {.outcome = outcome, .show = -1};
    return settle_page(v, page, &none, now);
}

/* ---- wanted pages --------------------------------------------------------------------------- */

static enum wanted_mode mode_of(const struct visits *v, uint64_t feed)
{
    enum wanted_mode own = wanted_mode(poll_attribute(v->poll, feed, "pages"));
    return own < WANTED_MODE_COUNT ? own : (enum wanted_mode)v->config->pages_fetch.number;
}

static uint64_t words_in(const char *text)
{
    uint64_t n = 0;
    for (bool in = false; *text; text++) {
        bool is = (unsigned char)*text > ' ';
        n += is && !in;
        in = is;
    }
    return n;
}

/* Considers an article without a page record: queues its page if it is wanted. */
static int consider(struct visits *v, uint64_t article, uint64_t sources, bool opened, int64_t now)
{
    struct article_record record;
    struct place *place;
    uint64_t rank;
    int error = batch_article(store_of(v), article, &record);
    if (error)
        return error == STORE_NOT_FOUND ? 0 : error;
    const struct article_reason *why = article_why(&record);
    const struct wanted_facts facts = {.mode = mode_of(v, record.feed),
                                       .opened = opened,
                                       .copy = record.copy_of &&
                                               words_in(article_body(&record)) >= TELLING,
                                       .sources = sources,
                                       .probability = why->probability,
                                       .threshold = why->threshold};
    const char *because = wanted(&facts, &rank);
    if (!because) {
        codec_free(&article_table, &record);
        return 0;
    }
    const char *url = record_address(record.url);
    struct page_record page = page_record_init(article);
    codec_set_string(&page.url, url);
    page.feed = record.feed;
    codec_set_string(&page.state, "waiting");
    codec_set_text(&page.why, because);
    page.rank = rank;
    page.queued = now;
    error = find_place(v, url, &place);
    if (place) {
        codec_set_string(&page.host, place->site->host);
        place->waiting++;
    }
    if (error)
        ;
    else if (!place || fetch_refuses(url))
        error = settle_unread(v, &page, PAGE_ADDRESS_OUTCOME, now);
    else if (!opened && site_has_no_more(place->site, words_in(article_body(&record))))
        error = settle_unread(v, &page, PAGE_WHOLE_OUTCOME, now);
    else if (!(error = batch_put_page(store_of(v), &page)))
        error = enqueue(v, &page);
    if (place)
        leave_place(v, place);
    codec_free(&page_record_table, &page);
    codec_free(&article_table, &record);
    return error;
}

static int look_at_article(struct visits *v, uint64_t article, uint64_t sources, bool opened,
                           int64_t now)
{
    struct page_record page;
    struct wait *w = map_get(&v->by_article, article);
    if (w) {
        if (opened)
            w->rank = UINT64_MAX;
        return 0;
    }
    int error = get_page(v, article, &page);
    if (!error && !page.article)
        error = consider(v, article, sources, opened, now);
    else if (!error && !strcmp(page.state, "waiting"))
        error = enqueue(v, &page);
    codec_free(&page_record_table, &page);
    return error;
}

static int look_at_event(struct visits *v, uint64_t event, uint64_t sources, bool opened)
{
    uint64_t *articles = NULL;
    size_t n = 0;
    int64_t now = wall_clock();
    int error = store_linked(store_of(v), event, &articles, &n);
    for (size_t i = n > EACH_EVENT ? n - EACH_EVENT : 0; !error && i < n; i++)
        if (engine_article(ingest_engine(v->ingest), articles[i]))
            error = look_at_article(v, articles[i], sources, opened, now);
    free(articles);
    return error;
}

int visits_event(struct visits *v, const struct event_record *event)
{
    if (v->stopped || !v->any || strcmp(event->status, "open") != 0)
        return 0;
    return look_at_event(v, event->number, event->source_count, false);
}

void visits_opened(struct visits *v, uint64_t event)
{
    if (v->stopped || !v->any || v->n_opened == MAX_OPENED)
        return;
    v->opened[v->n_opened++] = event;
    wait_for_visit(v, 0);
}

/* ---- requests ------------------------------------------------------------------------------- */

static void free_visit(struct visits *v, struct visit *visit)
{
    struct visit **at = &v->first;
    while (*at != visit)
        at = &(*at)->next;
    *at = visit->next;
    v->n_visits--;
    if (visit->fetch)
        outgoing_cancel(visit->fetch);
    poll_end_turn(v->poll, &visit->turn);
    buf_free(&visit->body);
    free(visit->etag);
    free(visit->last_modified);
    free(visit->at);
    free(visit->content_type);
    free(visit->robots);
    free(visit->tdm);
    free(visit->redirect);
    free(visit->url);
    free(visit->error);
    free(visit);
}

static const char *take_piece(void *arg, const struct fetch_answer *head, const char *bytes,
                              size_t n)
{
    struct visit *visit = arg;
    if (!fetch_is_document(head->status))
        return NULL;
    if (visit->what == PAGE && !visit->body.len && !page_bytes_is_html(head->content_type))
        visit->refused = is_no_html;
    else if (!buf_add(&visit->body, bytes, n))
        visit->refused = is_too_long;
    return visit->refused;
}

static bool reserves(const struct site *site, const char *url)
{
    return site->tdm && tdmrep_reserves(site->tdm, strlen(site->tdm), url) == 1;
}

/* Checks a redirect. To another host, the request is aborted and queued again there, since that
 * host's robots.txt must be read first. */
static const char *may_follow(void *arg, const char *url)
{
    struct visit *visit = arg;
    char host[SITE_MAX_HOST];
    if (visit->what != PAGE)
        return NULL;
    if (!site_host(url, host))
        return over_there;
    if (strcmp(host, visit->place->site->host) != 0) {
        free(visit->redirect);
        visit->redirect = mem_str(url);
        visit->refused = over_there;
    } else if (visit->place->site->robots && !robots_allow(visit->place->site->robots, url)) {
        visit->refused = says_no;
    } else if (reserves(visit->place->site, url)) {
        visit->refused = is_reserved;
    }
    return visit->refused;
}

/* Processed later, from the timer, outside the callback of the request. */
static void on_visit_answer(void *arg, const struct fetch_answer *a)
{
    struct visit *visit = arg;
    visit->fetch = NULL;
    visit->ended = true;
    visit->status = a->status;
    visit->error = copy_string(a->error);
    visit->retry_after = when_retry_after(a->header[FETCH_RETRY_AFTER], wall_clock());
    subscription_set_bytes(&visit->etag, a->header[FETCH_ETAG]);
    subscription_set_bytes(&visit->last_modified, a->header[FETCH_LAST_MODIFIED]);
    visit->as_before = a->status == 304 && a->conditional;
    visit->at = copy_string(a->url);
    visit->content_type = copy_string(a->content_type);
    visit->robots = copy_string(a->header[FETCH_ROBOTS]);
    visit->tdm = copy_string(a->header[FETCH_TDM]);
    poll_end_turn(visit->of->poll, &visit->turn);
    wait_for_visit(visit->of, 0);
}

/* Sends the request. */
static void on_host_turn(struct hosts_entry *turn)
{
    static const char *const accept[] = {[ROBOTS] = "text/plain, */*;q=0.1",
                                         [TDM] = "application/json, */*;q=0.1",
                                         [PAGE] = "text/html, application/xhtml+xml, */*;q=0.1"};
    struct visit *visit = (struct visit *)turn;
    struct fetch_request r = outgoing_request(visit->of->poll, visit->url);
    char *etag = subscription_bytes(visit->etag),
         *modified = subscription_bytes(visit->last_modified);
    r.accept = accept[visit->what];
    if (etag || modified)
        r.known =
            (struct fetch_validators){.url = visit->url, .etag = etag, .last_modified = modified};
    const struct fetch_client client = {
        .take = take_piece, .done = on_visit_answer, .arg = visit, .may = may_follow};
    if (visit->what == PAGE)
        visit->of->facts.requests++;
    else
        visit->of->facts.robots++;
    visit->fetch = outgoing_start(visit->of->poll, &r, &client);
    free(etag);
    free(modified);
    if (!visit->fetch)
        on_visit_answer(visit, &(struct fetch_answer){.error = "invalid address"});
}

/* Queues for the host, together with its feeds. Honours Crawl-delay if it is longer than the
 * configured pause. */
static void wait_turn(struct visits *v, struct visit *visit)
{
    enum { LONGEST = 600000 };
    const struct robots *robots = visit->place->site->robots;
    int64_t pause = robots ? robots_delay(robots) : -1;
    poll_wait_turn(v->poll, &visit->turn, visit->url, pause < LONGEST ? pause : LONGEST);
}

static struct visit *begin_visit(struct visits *v, struct place *place, int what, const char *url)
{
    struct visit *visit = mem_zero(sizeof *visit);
    visit->turn.ask = on_host_turn;
    visit->of = v;
    visit->what = what;
    visit->place = place;
    visit->url = mem_str(url);
    buf_init(&visit->body, what == PAGE     ? PAGE_BYTES_MOST
                           : what == ROBOTS ? ROBOTS_MAX_BYTES
                                            : SITE_MAX_TDM);
    visit->next = v->first;
    v->first = visit;
    v->n_visits++;
    place->busy = true;
    return visit;
}

/* Requests robots.txt or tdmrep.json; needs no record, so no commit first. */
static void ask_site(struct visits *v, struct place *place, int what, const char *url)
{
    wait_turn(v, begin_visit(v, place, what, url));
}

/* Requests tdmrep.json, unless robots.txt forbids it; then nothing counts as reserved. */
static void ask_for_tdm(struct visits *v, struct place *place, const char *like)
{
    struct site *site = place->site;
    char *url = url_resolve(like, "/.well-known/tdmrep.json");
    if (!site->robots || robots_allow(site->robots, url)) {
        ask_site(v, place, TDM, url);
    } else {
        free(site->tdm);
        site->tdm = NULL;
    }
    free(url);
}

/* ---- the next request ----------------------------------------------------------------------- */

static bool is_free(const struct visits *v, const struct wait *w, int64_t now)
{
    const struct site *site = w->place->site;
    bool rests = site->not_before > now && site->not_before <= now + LONGEST_PAUSE;
    if (w->place->busy || rests || poll_is_told_to_wait(v->poll, w->feed, now))
        return false;
    bool due = site_is_due(site, now);
    return (due || !site->unreachable) && can_pay(v, w, due);
}

static size_t choose_wait(const struct visits *v, int64_t now)
{
    size_t best = v->n;
    for (size_t i = 0; i < v->n; i++)
        if (is_free(v, v->waiting[i], now) &&
            (best == v->n || wait_comes_before(v->waiting[i], v->waiting[best])))
            best = i;
    return best;
}

static struct wait *take_waiting(struct visits *v, size_t at)
{
    struct wait *w = v->waiting[at];
    v->waiting[at] = v->waiting[--v->n];
    return w;
}

/* Records the page as requested. The request starts after the commit (visits_go_on()), so that no
 * restart repeats it. */
static int mark_page(struct visits *v, struct wait *w, struct page_record *page, int64_t now)
{
    struct visit *visit = begin_visit(v, w->place, PAGE, w->url);
    visit->etag = copy_string(page->etag);
    visit->last_modified = copy_string(page->last_modified);
    visit->wait = w;
    visit->marked = true;
    spend(v, w->feed, w->place->key);
    codec_set_string(&page->state, "asked");
    page->asked = now;
    page->tries++;
    return batch_put_page(store_of(v), page);
}

static enum page_outcome refusal_of(const struct visits *v, const struct wait *w, int64_t now)
{
    const struct site *site = w->place->site;
    if (now - w->queued > TOO_OLD || !engine_article(ingest_engine(v->ingest), w->article))
        return PAGE_OLD_OUTCOME;
    if (mode_of(v, w->feed) == WANTED_OFF)
        return PAGE_OFF_OUTCOME;
    if (site->robots && !robots_allow(site->robots, w->url))
        return PAGE_ROBOTS_OUTCOME;
    if (reserves(site, w->url))
        return PAGE_TDM_OUTCOME;
    return PAGE_OUTCOME_COUNT;
}

/* Begins the next request. Returns true if more may be begun now. */
static bool begin_next(struct visits *v, int64_t now, int *error)
{
    begin_day(v, now);
    if (!v->any || v->n_visits >= AT_ONCE ||
        v->facts.today >= (uint64_t)v->config->pages_budget.number)
        return false;
    size_t at = choose_wait(v, now);
    if (at == v->n)
        return false;
    struct wait *w = v->waiting[at];
    if (site_is_due(w->place->site, now) && now - w->queued <= TOO_OLD) {
        char *url = url_resolve(w->url, "/robots.txt");
        add_one(&v->spent_sites, w->feed);
        ask_site(v, w->place, ROBOTS, url);
        free(url);
        return true;
    }
    struct page_record page;
    take_waiting(v, at);
    *error = get_page(v, w->article, &page);
    enum page_outcome refusal = refusal_of(v, w, now);
    if (!*error && page.article && refusal == PAGE_OUTCOME_COUNT) {
        *error = mark_page(v, w, &page, now);
    } else {
        if (!*error && page.article)
            *error = settle_unread(v, &page, refusal, now);
        drop_wait(v, w);
    }
    codec_free(&page_record_table, &page);
    v->wrote(v->arg, *error);
    return !*error;
}

/* Drops one page that has waited too long, if its host is idle. Returns true if it did. */
static bool drop_old(struct visits *v, int64_t now, int *error)
{
    for (size_t i = 0; i < v->n; i++) {
        struct wait *w = v->waiting[i];
        struct page_record page;
        if (now - w->queued <= TOO_OLD || w->place->busy)
            continue;
        take_waiting(v, i);
        *error = get_page(v, w->article, &page);
        if (!*error && page.article)
            *error = settle_unread(v, &page, PAGE_OLD_OUTCOME, now);
        drop_wait(v, w);
        codec_free(&page_record_table, &page);
        v->wrote(v->arg, *error);
        return !*error;
    }
    return false;
}

/* ---- responses ------------------------------------------------------------------------------ */

static int take_robots(struct visits *v, struct visit *visit, int64_t now)
{
    struct site *site = visit->place->site;
    bool whole = !visit->error || visit->refused == is_too_long,
         there = whole && fetch_is_document(visit->status);
    site_take_robots(site, whole ? visit->status : 0, there ? buf_text(&visit->body) : NULL,
                     visit->body.len, now);
    return site_save(store_of(v), site);
}

static int take_tdm(struct visits *v, struct visit *visit)
{
    struct site *site = visit->place->site;
    free(site->tdm);
    site->tdm = !visit->error && visit->status == 200 && visit->body.len
                    ? mem_str(buf_text(&visit->body))
                    : NULL;
    return site_save(store_of(v), site);
}

static bool is_busy(const struct visit *visit)
{
    return !visit->error && (visit->status == 429 || visit->status == 503);
}

static enum page_outcome outcome_of_visit(const struct visit *visit)
{
    const char *why = visit->refused;
    if (why)
        return why == is_too_long   ? PAGE_SIZE_OUTCOME
               : why == is_no_html  ? PAGE_TYPE_OUTCOME
               : why == says_no     ? PAGE_ROBOTS_OUTCOME
               : why == is_reserved ? PAGE_TDM_OUTCOME
                                    : PAGE_NETWORK_OUTCOME;
    if (visit->error)
        return PAGE_NETWORK_OUTCOME;
    switch (visit->status) {
    case 200:
    case 202:
    case 203:
        return PAGE_READ_OUTCOME;
    case 401:
    case 402:
    case 403:
    case 407:
    case 451:
        return PAGE_LOGIN_OUTCOME;
    case 429:
    case 503:
        return PAGE_BUSY_OUTCOME;
    default:
        return PAGE_STATUS_OUTCOME;
    }
}

static void spare_host(const struct visit *visit, int64_t now)
{
    int64_t pause = visit->retry_after > 0 ? visit->retry_after : BUSY_PAUSE;
    visit->place->site->not_before = now + (pause < LONGEST_PAUSE ? pause : LONGEST_PAUSE);
}

/* Queues the page again, for a later try or at the host of a redirect. */
static int put_page_back(struct visits *v, const struct visit *visit, struct page_record *page)
{
    codec_set_string(&page->state, "waiting");
    if (visit->redirect) {
        char host[SITE_MAX_HOST];
        page->redirects = visit->wait->redirects + 1;
        codec_set_string(&page->url, visit->redirect);
        if (site_host(visit->redirect, host))
            codec_set_string(&page->host, host);
    }
    return batch_put_page(store_of(v), page);
}

static int read_visited_page(struct visits *v, struct visit *visit, struct page_record *page,
                             int64_t now)
{
    struct article_page of;
    struct page what;
    const struct page_bytes_head head = {.url = visit->at,
                                         .content_type = visit->content_type,
                                         .robots = visit->robots,
                                         .tdm = visit->tdm};
    codec_set_text(&page->etag, visit->etag);
    codec_set_text(&page->last_modified, visit->last_modified);
    page_bytes_read(&head, buf_text(&visit->body), visit->body.len, visit->place->site, now, &what,
                    &of);
    int error = settle_page(v, page, &of, now);
    page_free(&what);
    return error ? error : site_save(store_of(v), visit->place->site);
}

/* Not modified: keeps the previous content. */
static int keep_as_read(struct visits *v, struct page_record *page, int64_t now)
{
    codec_set_string(&page->state, page_outcome_state(PAGE_READ_OUTCOME));
    codec_set_text(&page->why, NULL);
    page->done = now;
    return batch_put_page(store_of(v), page);
}

static int settle_answer(struct visits *v, struct visit *visit, struct page_record *page,
                         int64_t now)
{
    enum page_outcome outcome = outcome_of_visit(visit);
    if (visit->as_before)
        return keep_as_read(v, page, now);
    v->facts.bytes += visit->body.len;
    page->bytes = (int64_t)visit->body.len;
    return outcome == PAGE_READ_OUTCOME ? read_visited_page(v, visit, page, now)
                                        : settle_unread(v, page, outcome, now);
}

static int take_visited_page(struct visits *v, struct visit *visit, int64_t now)
{
    struct wait *w = visit->wait;
    struct page_record page;
    bool again = false;
    int error = get_page(v, w->article, &page);
    if (!error && visit->status > 0)
        page.status = (uint64_t)visit->status;
    if (!error && is_busy(visit)) {
        spare_host(visit, now);
        error = site_save(store_of(v), visit->place->site);
    }
    if (!error && page.article) {
        again = (is_busy(visit) && page.tries - w->redirects < MAX_TRIES) ||
                (visit->redirect && w->redirects < MAX_REDIRECTS);
        error = again ? put_page_back(v, visit, &page) : settle_answer(v, visit, &page, now);
    }
    drop_wait(v, w);
    if (!error && again)
        error = enqueue(v, &page);
    codec_free(&page_record_table, &page);
    return error;
}

/* Processes a finished request. May free its place. */
static int end_visit(struct visits *v, struct visit *visit)
{
    struct place *place = visit->place;
    int64_t now = wall_clock();
    int error = 0;
    place->waiting++; /* keeps the place alive */
    if (visit->what == ROBOTS)
        error = take_robots(v, visit, now);
    else if (visit->what == TDM)
        error = take_tdm(v, visit);
    else
        error = take_visited_page(v, visit, now);
    place->busy = false;
    if (!error && visit->what == ROBOTS && !place->site->unreachable)
        ask_for_tdm(v, place, visit->url);
    free_visit(v, visit);
    leave_place(v, place);
    v->wrote(v->arg, error);
    return error;
}

/* ---- the next step -------------------------------------------------------------------------- */

static struct visit *ended_visit(const struct visits *v)
{
    struct visit *visit = v->first;
    while (visit && !visit->ended)
        visit = visit->next;
    return visit;
}

static void take_opened(struct visits *v)
{
    struct event_record event;
    uint64_t number = v->opened[--v->n_opened];
    int error = batch_stored_event(store_of(v), number, &event);
    if (!error && !strcmp(event.status, "open"))
        error = look_at_event(v, number, event.source_count, true);
    codec_free(&event_table, &event);
    v->wrote(v->arg, error == STORE_NOT_FOUND ? 0 : error);
}

/* Does one thing per call, and nothing while a batch is being written. */
static void next_visit(struct visits *v)
{
    int error = 0;
    int64_t now = wall_clock();
    if (v->stopped || ingest_is_committing(v->ingest))
        return;
    struct visit *visit = ended_visit(v);
    if (visit) {
        if (!end_visit(v, visit))
            wait_for_visit(v, 0);
    } else if (v->n_opened) {
        take_opened(v);
        wait_for_visit(v, 0);
    } else if (begin_next(v, now, &error) || (!error && drop_old(v, now, &error))) {
        wait_for_visit(v, 0);
    } else if (!error && v->n) {
        wait_for_visit(v, LOOK_MS);
    }
}

static void on_visit_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    next_visit(arg);
}

void visits_go_on(struct visits *v)
{
    if (v->stopped)
        return;
    for (struct visit *visit = v->first; visit; visit = visit->next)
        if (visit->marked) {
            visit->marked = false;
            wait_turn(v, visit);
        }
    if (v->n || v->first || v->n_opened)
        wait_for_visit(v, 0);
}

/* ---- start and stop ------------------------------------------------------------------------- */

struct loading {
    struct visits *v;
    int64_t now;
    struct page_record *lost; /* their requests were under way when storyd ended; they are not
                                 requested again */
    size_t n, cap;
    struct map sites; /* hosts with outcomes today */
};

static int load_page(void *arg, uint64_t article, struct store_value value)
{
    struct loading *l = arg;
    struct page_record page;
    (void)article;
    codec_load(&page_record_table, value.p, value.n, &page);
    const int64_t today = l->now / DAY;
    const uint64_t host = *page.host ? host_key(page.host) : 0;
    if (host && page.asked / DAY == today)
        spend(l->v, page.feed, host);
    if (host && page.done / DAY == today && !map_get(&l->sites, host)) {
        map_put(&l->sites, host, l);
        add_one(&l->v->spent_sites, page.feed);
    }
    int error = !strcmp(page.state, "waiting") ? enqueue(l->v, &page) : 0;
    if (!error && !strcmp(page.state, "asked")) {
        MEM_GROW(l->lost, l->n, l->cap);
        l->lost[l->n++] = page;
        return 0;
    }
    codec_free(&page_record_table, &page);
    return error;
}

static void forget_visits(struct visits *v)
{
    while (v->first) {
        struct visit *visit = v->first;
        struct place *place = visit->place;
        struct wait *w = visit->wait;
        place->waiting++;
        place->busy = false;
        free_visit(v, visit);
        if (w)
            drop_wait(v, w);
        leave_place(v, place);
    }
    while (v->n)
        drop_wait(v, v->waiting[--v->n]);
    v->n_opened = 0;
    v->day = 0;
}

int visits_load(struct visits *v)
{
    struct loading l = {.v = v, .now = wall_clock()};
    forget_visits(v);
    v->stopped = false;
    begin_day(v, l.now);
    visits_look(v);
    int error = store_each(store_of(v), STORE_PAGES, engine_oldest(ingest_engine(v->ingest)),
                           load_page, &l);
    for (size_t i = 0; i < l.n; i++) {
        if (!error)
            error = settle_unread(v, &l.lost[i], PAGE_STOPPED_OUTCOME, l.now);
        codec_free(&page_record_table, &l.lost[i]);
    }
    free(l.lost);
    map_free(&l.sites);
    return error;
}

/* Returns pages that were recorded as requested, but whose request did not start, to the queue. */
int visits_end(struct visits *v)
{
    int error = ingest_commit_end(v->ingest);
    for (struct visit *visit = v->first; !error && visit; visit = visit->next) {
        struct page_record page;
        if (!visit->wait || visit->fetch || visit->ended)
            continue;
        error = get_page(v, visit->wait->article, &page);
        if (!error && page.article) {
            codec_set_string(&page.state, "waiting");
            page.tries--;
            error = batch_put_page(store_of(v), &page);
        }
        codec_free(&page_record_table, &page);
    }
    v->stopped = true;
    return error;
}

void visits_look(struct visits *v)
{
    v->any = v->config->pages_fetch.number != WANTED_OFF || poll_has_attribute(v->poll, "pages");
    if (v->n)
        wait_for_visit(v, 0);
}

void visits_stop(struct visits *v)
{
    v->stopped = true;
    evtimer_del(v->timer);
    forget_visits(v);
}

struct visits_facts visits_facts(const struct visits *v, int64_t now)
{
    struct visits_facts f = v->facts;
    f.on = v->any;
    f.waiting = v->n;
    f.under_way = v->n_visits;
    f.budget = (uint64_t)v->config->pages_budget.number;
    for (size_t i = 0; i < v->n; i++)
        if (now - v->waiting[i]->queued > f.longest)
            f.longest = now - v->waiting[i]->queued;
    return f;
}

struct visits *visits_new(struct event_base *base, struct ingest *ingest, struct poll *poll,
                          const struct config *config, void (*wrote)(void *, int error), void *arg)
{
    struct visits *v = mem_zero(sizeof *v);
    v->base = base;
    v->ingest = ingest;
    v->poll = poll;
    v->config = config;
    v->wrote = wrote;
    v->arg = arg;
    v->timer = must_event(evtimer_new(base, on_visit_timer, v));
    return v;
}

void visits_free(struct visits *v)
{
    if (!v)
        return;
    v->stopped = true;
    forget_visits(v);
    event_free(v->timer);
    map_free(&v->by_article);
    map_free(&v->places);
    map_free(&v->spent_feeds);
    map_free(&v->spent_hosts);
    map_free(&v->spent_sites);
    free(v->waiting);
    free(v);
}
