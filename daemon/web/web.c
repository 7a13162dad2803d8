/* Handlers of the page: read the records from the store and pass them to the files that write
 * HTML. */
#include "web/web.h"

#include "base/clock.h"
#include "base/mem.h"
#include "config.h"
#include "enrich/enrich.h"
#include "api/ask.h"
#include "api/lists.h"
#include "api/turns.h"
#include "ingest/ingest.h"
#include "pages/pictures.h"
#include "pages/visits.h"
#include "poll/poll.h"
#include "poll/remote_list.h"
#include "search/searcher.h"
#include "search/snippet.h"
#include "store/record.h"
#include "store/store.h"
#include "store/tombstone_record.h"
#include "upkeep.h"
#include "usage.h"
#include "web/asset.h"
#include "web/event_page.h"
#include "web/feeds_page.h"
#include "web/filter_bar.h"
#include "web/list_page.h"
#include "web/machine.h"
#include "web/frame.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PAGE_EVENTS "25"
enum { ROWS_MOST = 100 };

static void begin_page(struct reply *out)
{
    out->type = "text/html; charset=utf-8";
}

/* An answer that a person reads, in place of a problem document. */
static void message(struct reply *out, int status, const char *title, const char *text)
{
    begin_page(out);
    out->status = status;
    page_message(&out->body, title, text);
}

static void store_read_failed(struct reply *out, int error)
{
    message(out, 500, "The store cannot be read", story_strerror(error));
}

/* Whether this reader may send decisions, and need not name the editor; as in page_frame. */
static const char *decides(const struct routes_context *c, const struct request *r)
{
    struct request ask = *r;
    struct buf allow;
    int status;
    ask.method = REQUEST_POST;
    ask.path = "/api/v1/decisions";
    buf_init(&allow, 64);
    bool offered = routes_find(c->routes, &ask, &status, &allow) != NULL;
    buf_free(&allow);
    return !r->may_write || !offered ? NULL : r->user ? "signed-in" : "";
}

/* Adds what the record of an entry is read as; NULL: it is damaged, and left out. */
static void *read_into(struct codec_list *list, const struct codec_table *table,
                       const struct story_entry *e)
{
    void *added = codec_add(list, table->size);
    if (codec_load(table, e->json, e->length, added))
        return added;
    codec_remove(table, list, list->n - 1);
    return NULL;
}

/* ---- files ---------------------------------------------------------------------------------- */

void web_asset(struct routes_context *c, const struct request *r, struct reply *out)
{
    (void)c;
    for (const struct asset *a = assets(); a->name; a++)
        if (!strcmp(r->path, a->address)) {
            out->type = a->type;
            out->cache = "public, max-age=31536000, immutable";
            out->static_body = a->begin;
            out->static_length = (size_t)(a->end - a->begin);
            snprintf(out->etag, sizeof out->etag, "%s", a->etag);
            return;
        }
    reply_problem(out, 404, "no such file; reload the page");
}

/* KEY-WIDTH.jpg, as mark_picture() writes it. */
static bool is_picture_name(const char *name, uint64_t *key, enum shrink_size *size)
{
    char expected[48];
    *key = strtoull(name, NULL, 16);
    for (*size = 0; *size < SHRINK_SIZES; (*size)++) {
        snprintf(expected, sizeof expected, "%016" PRIx64 "-%d.jpg", *key, shrink_sizes[*size][0]);
        if (!strcmp(name, expected))
            return true;
    }
    return false;
}

void web_picture(struct routes_context *c, const struct request *r, struct reply *out)
{
    uint64_t key;
    enum shrink_size size;
    if (!c->pictures || !is_picture_name(r->rest, &key, &size) ||
        !pictures_read(c->pictures, key, size, &out->body)) {
        reply_problem(out, 404, "no such picture, or not any more; reload the page");
        return;
    }
    out->type = "image/jpeg";
    out->cache = "private, max-age=86400";
}

/* ---- one event ------------------------------------------------------------------------------ */

/* The head of an event that an article names, once. */
static void take_other(story_view *view, struct map *others, uint64_t number)
{
    struct story_entry e;
    if (!number || map_get(others, number) || story_event(view, number, &e))
        return;
    struct event_record *head = mem_alloc(sizeof *head);
    codec_load(&event_head_table, e.json, e.length, head);
    map_put(others, number, head);
}

static void free_others(struct map *others)
{
    for (size_t i = 0; i < others->slots; i++) {
        if (others->v[i].value)
            codec_free(&event_head_table, others->v[i].value);
        free(others->v[i].value);
    }
    map_free(others);
}

static int by_published(const void *a, const void *b)
{
    const struct article_record *x = a, *y = b;
    if (x->published != y->published)
        return x->published < y->published ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* The articles but the first ones, as published, and the events that they name. */
static int read_event_articles(story_view *view, uint64_t event, size_t skip,
                               struct codec_list *articles, struct map *others)
{
    story_list *list = NULL;
    struct story_entry e;
    int error = story_articles_of(view, event, &list);
    for (size_t i = 0;
         !error && articles->n < EVENT_MAX_ARTICLES && !(error = story_next(list, &e)); i++) {
        const struct article_record *a = i < skip ? NULL : read_into(articles, &article_table, &e);
        if (!a)
            continue;
        take_other(view, others, article_why(a)->compared_with);
        take_other(view, others, article_why(a)->runner_up);
    }
    story_list_free(list);
    if (articles->n)
        qsort(articles->v, articles->n, sizeof(struct article_record), by_published);
    return error == STORY_END ? 0 : error;
}

static size_t articles_to_skip(const struct event_record *event)
{
    uint64_t stored = event->article_count - event->articles_deleted;
    return stored > EVENT_MAX_ARTICLES ? (size_t)stored - EVENT_MAX_ARTICLES : 0;
}

/* The pages of the articles of an event that somebody looks at come first. */
static void tell_opened(struct routes_context *c, const struct request *r,
                        const struct event_record *event)
{
    if (c->visits && r->method == REQUEST_GET && !strcmp(event->status, "open"))
        visits_opened(c->visits, event->number);
}

static void event_deleted(story_view *view, uint64_t number, struct reply *out)
{
    struct story_entry e;
    struct tombstone_record t = {.title = NULL};
    if (!story_tombstone(view, number, &e))
        codec_load(&tombstone_table, e.json, e.length, &t);
    message(out, 410, t.title && *t.title ? t.title : "Event deleted",
            "This event is older than storyd is configured to keep events.");
    codec_free(&tombstone_table, &t);
}

static bool is_oldest_first(const struct request *r)
{
    const char *order = request_parameter(r, "order");
    return order && !strcmp(order, "oldest");
}

void web_event(struct routes_context *c, const struct request *r, struct reply *out)
{
    story_view *view = NULL;
    struct story_entry e = {.number = r->number};
    struct event_record event = {.number = 0};
    struct map others = {0};
    struct codec_list articles = {0};
    struct event_turn turns[TURNS_MOST];
    size_t n_turns = 0;
    int error = story_view_begin(c->db, &view);
    if (!error)
        error = story_event(view, r->number, &e);
    if (!error && !codec_load(&event_table, e.json, e.length, &event))
        error = STORY_CORRUPT;
    if (!error)
        error = read_event_articles(view, e.number, articles_to_skip(&event), &articles, &others);
    if (!error)
        n_turns = turns_read(view, e.number, turns);
    begin_page(out);
    if (error == STORY_NOT_FOUND)
        message(out, 404, "Event not found", "Check the number in the address.");
    else if (error == STORY_GONE)
        event_deleted(view, e.number, out);
    else if (error)
        store_read_failed(out, error);
    else
        event_page(&out->body,
                   &(struct event_view){.event = &event,
                                        .articles = articles.v,
                                        .n_articles = articles.n,
                                        .others = &others,
                                        .picture = pictures_of(c->pictures, view, &event),
                                        .turns = turns,
                                        .n_turns = n_turns,
                                        .rank = lists_rank(c->lists, e.number),
                                        .asked = r->number,
                                        .oldest_first = is_oldest_first(r),
                                        .now = wall_clock(),
                                        .decides = decides(c, r)});
    if (!error)
        tell_opened(c, r, &event);
    codec_free(&event_table, &event);
    codec_free_list(&article_table, &articles);
    turns_free(turns, n_turns);
    free_others(&others);
    story_view_end(view);
}

/* ---- feeds, machine ------------------------------------------------------------------------- */

/* One pass over all feeds, of which only those on the page are parsed. */
static int choose_feeds(story_view *view, struct feeds_choice *choice)
{
    story_list *list;
    struct story_entry e;
    int error = story_feeds(view, &list);
    if (error)
        return error;
    while (!(error = story_next(list, &e)))
        feeds_offer(choice, e.number, feeds_state(e.json, e.length));
    story_list_free(list);
    return error == STORY_END ? 0 : error;
}

static struct codec_list read_feeds(story_view *view, const struct feeds_choice *choice)
{
    uint64_t numbers[FEEDS_PAGE + 1];
    struct story_entry e;
    size_t n = feeds_chosen(choice, numbers);
    struct codec_list feeds = {0};
    for (size_t i = 0; i < n; i++) {
        struct feed_record *feed = codec_add(&feeds, sizeof *feed);
        if (story_feed(view, numbers[i], &e) || !codec_load(&feed_table, e.json, e.length, feed))
            codec_remove(&feed_table, &feeds, feeds.n - 1);
    }
    return feeds;
}

void web_feeds(struct routes_context *c, const struct request *r, struct reply *out)
{
    const char *state = request_parameter(r, "state"), *cursor = request_parameter(r, "cursor");
    struct feeds_choice choice;
    story_view *view = NULL;
    if (!feeds_choose(&choice, state ? state : "", cursor ? cursor : "")) {
        message(out, 400, "Page not found", "Check the address.");
        return;
    }
    int error = story_view_begin(c->db, &view);
    if (!error)
        error = choose_feeds(view, &choice);
    begin_page(out);
    if (error) {
        store_read_failed(out, error);
    } else {
        struct codec_list feeds = read_feeds(view, &choice);
        feeds_page(&out->body, &(struct feeds_view){.choice = &choice,
                                                    .feeds = feeds.v,
                                                    .n_feeds = feeds.n,
                                                    .cursor = cursor ? cursor : "",
                                                    .now = wall_clock()});
        codec_free_list(&feed_table, &feeds);
    }
    story_view_end(view);
}

static void measure_feeds(const struct poll *poll, struct machine_view *m)
{
    struct poll_lag lag;
    poll_lag(poll, m->now, &lag);
    m->feeds_failing = (int64_t)lag.by_state[SUBSCRIPTION_ERROR];
    m->feeds_due = (int64_t)lag.due;
    m->longest_due = lag.longest_due;
}

static int by_integer(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* The median delay between publication and arrival of the latest articles. */
static void measure_freshness(story_view *view, const uint64_t *articles, size_t n,
                              struct machine_view *m)
{
    enum { LATEST = 64 };
    int64_t ages[LATEST];
    size_t known = 0;
    for (size_t i = n > LATEST ? n - LATEST : 0; i < n; i++) {
        struct story_entry e;
        struct article_record a;
        if (story_article(view, articles[i], &e))
            continue;
        codec_load(&article_table, e.json, e.length, &a);
        ages[known++] = a.seen - a.published;
        codec_free(&article_table, &a);
    }
    if (known) {
        qsort(ages, known, sizeof *ages, by_integer);
        m->freshness = ages[known / 2];
    }
}

/* The articles of the last hour, from the latest changes. At most LATEST are read, so as not to
 * block the loop; if they span less than an hour, the number is extrapolated. */
static void measure_pace(story_view *view, struct machine_view *m)
{
    enum { LATEST = 1000, HOUR = 3600 };
    story_list *list;
    struct story_entry e;
    uint64_t articles[LATEST], last = story_last_seq(view);
    int64_t first = m->now, in_hour = 0;
    size_t n = 0;
    m->changes = (int64_t)last;
    if (story_changes_since(view, last > LATEST ? last - LATEST : 0, &list))
        return;
    while (n < LATEST && !story_next(list, &e)) {
        struct change_record change;
        codec_load(&change_table, e.json, e.length, &change);
        if (!strcmp(change.kind, "created") || !strcmp(change.kind, "joined")) {
            first = n ? first : change.time;
            in_hour += change.time > m->now - HOUR;
            m->last_article = change.time;
            articles[n++] = change.article;
        }
        codec_free(&change_table, &change);
    }
    story_list_free(list);
    int64_t span = m->now > first ? m->now - first : 1;
    m->articles_hour = last > LATEST && span < HOUR ? in_hour * HOUR / span : in_hour;
    measure_freshness(view, articles, n, m);
}

static void measure_process(struct routes_context *c, struct machine_view *m)
{
    struct stat st;
    char path[4096];
    snprintf(path, sizeof path, "%s/data.mdb", c->config->store_path.text);
    m->store = stat(path, &st) ? -1 : (int64_t)st.st_blocks * 512;
    m->memory = usage_memory();
    m->cpu = usage_processor();
    const struct upkeep_facts f = upkeep_facts(c->upkeep);
    int error = store_error(ingest_store(c->ingest));
    m->views = (int64_t)f.views;
    m->fill = f.fill;
    m->store_max = (int64_t)f.room.map_size;
    m->disk_free = (int64_t)(f.room.disk_size - f.room.disk_used);
    m->oldest_view = f.oldest_pid ? f.oldest_age : -1;
    m->oldest_pid = f.oldest_pid;
    m->trouble = store_is_full(error) ? store_strerror(error) : NULL;
}

static void measure_model(const struct enrich *e, struct machine_view *m)
{
    const struct enrich_facts f = enrich_facts(e);
    m->asks = f.on;
    m->model_asked = (int64_t)f.asked;
    m->model_answered = (int64_t)f.answered;
    m->model_kept = (int64_t)f.kept;
    for (size_t i = 0; i < CITED_REASON_COUNT; i++)
        m->model_dropped += (int64_t)f.dropped[i];
    m->model_waiting = (int64_t)f.waiting;
    m->tokens = (int64_t)f.spent;
    m->tokens_left = f.budget > f.spent ? (int64_t)(f.budget - f.spent) : 0;
}

static void measure_pages(const struct visits *v, struct machine_view *m)
{
    if (!v)
        return;
    const struct visits_facts f = visits_facts(v, m->now);
    m->reads_pages = f.on;
    m->pages_waiting = (int64_t)f.waiting;
    m->pages_longest = f.longest;
    m->pages_read = (int64_t)f.outcomes[PAGE_READ_OUTCOME];
    for (enum page_outcome o = 0; o < PAGE_OUTCOME_COUNT; o++) {
        const char *state = page_outcome_state(o);
        m->pages_refused += !strcmp(state, "refused") ? (int64_t)f.outcomes[o] : 0;
        m->pages_failed += !strcmp(state, "failed") ? (int64_t)f.outcomes[o] : 0;
    }
    m->pages_bytes = (int64_t)f.bytes;
    m->pages_today = (int64_t)f.today;
    m->pages_budget = (int64_t)f.budget;
}

static void measure_search(const struct searcher *s, struct machine_view *m, char state[64])
{
    const struct searcher_facts f = searcher_facts(s);
    m->search = !s ? "off" : !f.on ? "failed" : "complete";
    if (f.on && !f.complete) {
        snprintf(state, 64, "being made, %" PRIu64 " of %" PRIu64, f.done, f.of);
        m->search = state;
    }
    m->indexed = f.on ? (int64_t)f.articles : -1;
    m->index_bytes = f.on ? f.bytes : -1;
}

void web_machine(struct routes_context *c, const struct request *r, struct reply *out)
{
    (void)r;
    const struct engine *engine = ingest_engine(c->ingest);
    struct machine_view m = {.now = wall_clock(),
                             .list = remote_list_state(c->remote),
                             .started = c->started,
                             .freshness = -1,
                             .last_article = -1,
                             .articles_window = (int64_t)engine_articles(engine),
                             .events_open = (int64_t)engine_events(engine)};
    char state[64];
    story_view *view;
    int error = story_view_begin(c->db, &view);
    begin_page(out);
    if (error) {
        store_read_failed(out, error);
    } else {
        measure_feeds(c->poll, &m);
        measure_pace(view, &m);
        measure_process(c, &m);
        measure_model(c->enrich, &m);
        measure_pages(c->visits, &m);
        measure_search(c->searcher, &m, state);
        story_view_end(view);
        machine_page(&out->body, &m);
    }
}

/* ---- the list ------------------------------------------------------------------------------- */

/* What the address sets of the filters; empty fields of the form set nothing. */
static json_t *filters_of(const struct request *r)
{
    json_t *filters = json_object();
    for (size_t i = 0; i < r->n_parameters; i++)
        if (filter_is_known(r->parameters[i].name) && *r->parameters[i].value)
            json_object_set_new(filters, r->parameters[i].name,
                                json_string(r->parameters[i].value));
    return filters;
}

static size_t rank_asked(const struct request *r)
{
    const char *first = request_parameter(r, "first");
    long n = first ? strtol(first, NULL, 10) : 1;
    return n > 0 && n < 10000000 ? (size_t)n : 1;
}

/* The request as the API would have it; a writer of a list gets it alone. */
struct list_request {
    struct request asked;
    const struct request *from;
};

/* What a search found of the events of a page. */
struct matches {
    struct list_match *of;
    struct article_record *best;
    struct snippet *snippets;
    size_t n;
};

static void take_match(const struct lists_page *page, uint64_t event, bool by_relevance,
                       struct matches *m)
{
    const struct searcher_event *found = lists_found(page, event);
    size_t i = m->n++;
    struct story_entry e;
    if (!found || searcher_best(page->view, page->search, found, &m->best[i], &m->snippets[i]))
        return;
    m->of[i] = (struct list_match){&m->best[i], &m->snippets[i], found->n, m->best[i].seen};
    if (by_relevance)
        m->of[i].time = m->best[i].published;
    else if (!story_article(page->view, found->articles[0], &e))
        story_integer(&e, "seen", &m->of[i].time);
}

static struct matches find_matches(const struct lists_page *page, const struct codec_list *events,
                                   bool by_relevance)
{
    struct matches m = {NULL, NULL, NULL, 0};
    const struct event_record *event = events->v;
    if (!page->search || !events->n)
        return m;
    m.of = mem_zero(events->n * sizeof *m.of);
    m.best = mem_zero(events->n * sizeof *m.best);
    m.snippets = mem_zero(events->n * sizeof *m.snippets);
    for (size_t i = 0; i < events->n; i++)
        take_match(page, event[i].number, by_relevance, &m);
    return m;
}

static void free_matches(struct matches *m)
{
    for (size_t i = 0; i < m->n; i++)
        codec_free(&article_table, &m->best[i]);
    free(m->of);
    free(m->best);
    free(m->snippets);
}

/* What is missing in the results of a search. */
static const char *search_note(struct routes_context *c, const struct lists_page *page,
                               struct buf *out)
{
    const struct searcher_facts f = searcher_facts(c->searcher);
    if (!page->search)
        return NULL;
    if (page->refused)
        buf_addf(out, "This search cannot be answered: %s.", page->refused);
    else if (!f.complete)
        buf_addf(out,
                 "The search index is being made: %" PRIu64 " of %" PRIu64
                 " articles. Older ones come first, later ones are not found yet.",
                 f.done, f.of);
    else if (page->found->cut)
        buf_adds(out, "Only the newest matching articles are shown; add words to find older ones.");
    return out->len ? buf_text(out) : NULL;
}

/* Of each event. */
static uint64_t *find_pictures(struct routes_context *c, story_view *view,
                               const struct codec_list *events)
{
    const struct event_record *event = events->v;
    uint64_t *keys = mem_zero((events->n + 1) * sizeof *keys);
    for (size_t i = 0; i < events->n; i++)
        keys[i] = pictures_of(c->pictures, view, &event[i]).key;
    return keys;
}

static void write_event_rows(struct routes_context *c, const struct request *r,
                             const struct lists_page *page, struct reply *out)
{
    const struct request *from = ((const struct list_request *)r)->from;
    struct story_entry e;
    struct codec_list events = {0};
    json_t *filters = filters_of(from);
    char next[LISTING_CURSOR];
    struct buf note;
    buf_init(&note, 2000);
    for (size_t i = 0; i < page->n; i++)
        if (story_event_as_is(page->view, page->places[i].number, &e) == 0)
            read_into(&events, &event_table, &e);
    lists_next(page, page->n, next);
    struct matches matches = find_matches(page, &events, page->query->order == LISTING_RELEVANCE);
    uint64_t *pictures = find_pictures(c, page->view, &events);
    begin_page(out);
    list_page(&out->body, &(struct list_view){.events = events.v,
                                              .n_events = events.n,
                                              .matches = matches.of,
                                              .pictures = pictures,
                                              .searched = page->search != NULL,
                                              .note = search_note(c, page, &note),
                                              .is_new = !lists_size(c->lists),
                                              .feeds = poll_feeds(c->poll),
                                              .filters = filters,
                                              .first_rank = rank_asked(from),
                                              .next = *next ? next : NULL,
                                              .last_seq = story_last_seq(page->view),
                                              .now = wall_clock(),
                                              .decides = decides(c, from)});
    free_matches(&matches);
    free(pictures);
    buf_free(&note);
    codec_free_list(&event_table, &events);
    json_decref(filters);
}

/* Words are looked for in articles, where there is an index of them; else in events. */
static bool is_search(const struct routes_context *c, const struct request *r)
{
    const char *q = request_parameter(r, "q");
    return q && *q && searcher_facts(c->searcher).on;
}

static bool is_by_relevance(const struct request *r)
{
    const char *order = request_parameter(r, "order");
    return order && !strcmp(order, "relevance");
}

/* The address of the page may say more than the API knows. Its order is one of lists or of
 * searches, and stays in it when words are added or removed. */
static void ask_as_api(const struct request *r, bool searches, struct list_request *out)
{
    struct request *asked = &out->asked;
    out->from = r;
    *asked = *r;
    asked->n_parameters = 0;
    for (size_t i = 0; i < r->n_parameters && i < REQUEST_MAX_PARAMETERS - 1; i++) {
        struct request_pair p = r->parameters[i];
        if (!*p.value || (!filter_is_known(p.name) && strcmp(p.name, "cursor") != 0))
            continue;
        if (!strcmp(p.name, "order") && searches != !strcmp(p.value, "relevance"))
            continue;
        asked->parameters[asked->n_parameters++] = p;
    }
    asked->parameters[asked->n_parameters++] = (struct request_pair){"limit", PAGE_EVENTS};
}

void web_list(struct routes_context *c, const struct request *r, struct reply *out)
{
    struct list_request ask;
    bool searches = is_search(c, r);
    ask_as_api(r, searches, &ask);
    if (searches)
        lists_search(c, &ask.asked, out, write_event_rows);
    else
        lists_answer(c, &ask.asked, out, write_event_rows);
    int status = out->status;
    if (status >= 400)
        reply_clear(out);
    if (status >= 500) {
        message(out, status, "The events cannot be read",
                "Try again later. The cause is in storyd's log.");
    } else if (status >= 400) {
        message(out, 400, "Invalid filter",
                "A value in the address is not valid for its filter. Use the form to set filters.");
    }
}

/* The next number of "1,2,3"; false at the end, or with *ok false at what is none. */
static bool next_number(const char **text, uint64_t *number, bool *ok)
{
    char *end;
    if (!**text)
        return false;
    *number = strtoull(*text, &end, 10);
    *ok = **text >= '1' && **text <= '9' && (!*end || (*end == ',' && end[1]));
    *text = *end ? end + 1 : end;
    return *ok;
}

/* Rows of a search's list show what the search finds in them now; without `q`, or where it finds
 * nothing any more, they show the summary. */
static struct matches match_rows(struct routes_context *c, const struct request *r,
                                 story_view *view, const struct codec_list *events)
{
    struct matches m = {NULL, NULL, NULL, 0};
    struct searcher_result found = {.n = 0};
    bool best = is_by_relevance(r);
    struct query search;
    struct buf why;
    if (!is_search(c, r))
        return m;
    buf_init(&why, 1000);
    if (query_read(request_parameter(r, "q"), wall_clock(), &search, &why) &&
        searcher_find(c->searcher, view, &search, best ? SEARCHER_RELEVANCE : SEARCHER_NEWEST,
                      &found))
        m = find_matches(&(struct lists_page){.view = view, .search = &search, .found = &found},
                         events, best);
    searcher_result_free(&found);
    query_free(&search);
    buf_free(&why);
    return m;
}

/* The rows of the events that a list shows, as they are now: the script asks for those that have
 * changed. An event that was merged or deleted has none. */
void web_rows(struct routes_context *c, const struct request *r, struct reply *out)
{
    static const char *const known[] = {"events", "q", "order", NULL};
    const char *text = request_parameter(r, "events");
    story_view *view = NULL;
    struct story_entry e;
    struct codec_list events = {0};
    uint64_t number;
    bool ok = text && *text;
    if (!ask_only(r, known, out))
        return;
    json_t *filters = filters_of(r);
    int error = story_view_begin(c->db, &view);
    while (ok && !error && events.n < ROWS_MOST && next_number(&text, &number, &ok))
        if (story_event(view, number, &e) == 0 && e.number == number)
            read_into(&events, &event_table, &e);
    struct matches matches = {NULL, NULL, NULL, 0};
    uint64_t *pictures = NULL;
    if (!error) {
        matches = match_rows(c, r, view, &events);
        pictures = find_pictures(c, view, &events);
    }
    begin_page(out);
    if (error)
        store_read_failed(out, error);
    else if (!ok || *text)
        reply_problem(out, 400, "events: expected at most %d numbers separated by commas",
                      ROWS_MOST);
    else
        list_rows(&out->body, &(struct list_view){.events = events.v,
                                                  .n_events = events.n,
                                                  .matches = matches.of,
                                                  .pictures = pictures,
                                                  .filters = filters,
                                                  .first_rank = 1,
                                                  .last_seq = story_last_seq(view),
                                                  .now = wall_clock()});
    free_matches(&matches);
    free(pictures);
    codec_free_list(&event_table, &events);
    json_decref(filters);
    story_view_end(view);
}
