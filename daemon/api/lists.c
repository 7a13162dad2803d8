/* Answers list queries from listing.c and the store, and caches the responses until the next
 * commit. */
#include "api/lists.h"

#include "api/api.h"
#include "api/ask.h"
#include "base/mem.h"
#include "base/clock.h"
#include "search/searcher.h"
#include "store/record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEPT = 32,
    MAX_KEPT = 512 << 10, /* bytes of an answer that is kept */
    MAX_KEY = 2048,
    FRESH = 1000, /* ms; what depends on the clock is not older */
};

struct answer {
    char *key;
    uint64_t version;
    int64_t made, used; /* ms */
    const char *type;
    char etag[REPLY_ETAG];
    struct buf body, packed, headers;
};

struct lists {
    struct listing *listing;
    struct answer answers[KEPT];
};

struct lists *lists_new(void)
{
    struct lists *l = mem_zero(sizeof *l);
    l->listing = listing_new();
    return l;
}

static void forget_answer(struct answer *a)
{
    free(a->key);
    buf_free(&a->body);
    buf_free(&a->packed);
    buf_free(&a->headers);
    *a = (struct answer){0};
}

void lists_free(struct lists *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < KEPT; i++)
        forget_answer(&l->answers[i]);
    listing_free(l->listing);
    free(l);
}

int lists_load(struct lists *l, story_db *db)
{
    story_view *view;
    story_list *list;
    struct story_entry e;
    int error = story_view_begin(db, &view);
    if (error)
        return error;
    error = story_events(view, &list);
    for (size_t n = 0; !error && n < LISTING_MAX && !(error = story_next(list, &e)); n++) {
        struct event_record event;
        codec_load(&event_head_table, e.json, e.length, &event);
        listing_take(l->listing, &event);
        codec_free(&event_head_table, &event);
    }
    story_list_free(list);
    story_view_end(view);
    return error == STORY_END ? 0 : error;
}

void lists_take(struct lists *l, const struct event_record *event)
{
    listing_take(l->listing, event);
}

void lists_drop(struct lists *l, uint64_t event)
{
    listing_drop(l->listing, event);
}

size_t lists_rank(const struct lists *l, uint64_t event)
{
    return listing_rank(l->listing, event);
}

const struct listing *lists_table(const struct lists *l)
{
    return l->listing;
}

size_t lists_size(const struct lists *l)
{
    return listing_size(l->listing);
}

/* ---- answers that are kept ------------------------------------------------------------------ */

/* No parameter holds the bytes 1 and 2. */
static bool make_answer_key(const struct request *r, struct buf *key)
{
    const char *proto = request_header(r, "X-Forwarded-Proto");
    buf_addf(key, "%s\1%s\1%s", r->path, r->host ? r->host : "", proto ? proto : "");
    buf_adds(key, !r->may_write ? "" : r->user ? "\1\1\1" : "\1\1"); /* what the page offers */
    for (size_t i = 0; i < r->n_parameters; i++)
        buf_addf(key, "\1%s\2%s", r->parameters[i].name, r->parameters[i].value);
    return !key->full;
}

static struct answer *find_answer(struct lists *l, const char *key)
{
    for (size_t i = 0; i < KEPT; i++)
        if (l->answers[i].key && !strcmp(l->answers[i].key, key))
            return &l->answers[i];
    return NULL;
}

static void give(struct answer *a, const struct request *r, struct reply *out)
{
    const char *accepted = request_header(r, "Accept-Encoding");
    if (accepted && !a->packed.len && request_list_has(accepted, "gzip"))
        reply_pack(buf_text(&a->body), a->body.len, &a->packed);
    out->type = a->type;
    out->static_body = buf_text(&a->body);
    out->static_length = a->body.len;
    out->static_packed = a->packed.len ? a->packed.p : NULL;
    out->static_packed_length = a->packed.len;
    buf_add(&out->headers, buf_text(&a->headers), a->headers.len);
    memcpy(out->etag, a->etag, sizeof out->etag);
}

/* Replaces the least recently requested one. `common`: the length of the headers that do not belong
 * to the answer but to who asked. */
static void keep_answer(struct lists *l, const char *key, int64_t now, const struct reply *out,
                        size_t common)
{
    struct answer *a = find_answer(l, key);
    for (size_t i = 0; !a && i < KEPT; i++)
        if (!l->answers[i].key)
            a = &l->answers[i];
    for (size_t i = 0; i < KEPT; i++)
        if (!a || (a->key && strcmp(a->key, key) != 0 && l->answers[i].used < a->used))
            a = &l->answers[i];
    forget_answer(a);
    a->key = mem_str(key);
    a->version = listing_version(l->listing);
    a->made = a->used = now;
    a->type = out->type;
    buf_init(&a->body, MAX_KEPT);
    buf_init(&a->packed, MAX_KEPT);
    buf_init(&a->headers, MAX_KEPT);
    buf_add(&a->headers, buf_text(&out->headers) + common, out->headers.len - common);
    buf_add(&a->body, buf_text(&out->body), out->body.len);
    reply_etag(buf_text(&a->body), a->body.len, a->etag);
}

/* ---- searches ------------------------------------------------------------------------------- */

const struct searcher_event *lists_found(const struct lists_page *page, uint64_t event)
{
    for (size_t i = 0; page->found && i < page->found->n; i++)
        if (page->found->events[i].event == event)
            return &page->found->events[i];
    return NULL;
}

/* An event of the archive, or one that was not updated for long. */
static bool record_passes(const struct lists_page *page, int64_t now, uint64_t event)
{
    struct story_entry e;
    struct event_record record;
    if (story_event_as_is(page->view, event, &e) ||
        !codec_load(&event_head_table, e.json, e.length, &record))
        return false;
    bool would = !record.merged_into && listing_would_pass(page->query, now, &record);
    codec_free(&event_head_table, &record);
    return would;
}

/* The found events that pass the filters, from the cursor on. */
static void choose_found(const struct listing *l, struct searcher_result *found,
                         struct lists_page *page, struct listing_place *places)
{
    enum { RECORDS = 200 }; /* read for one answer, lest it takes long */
    const struct listing_query *q = page->query;
    int64_t now = wall_clock();
    size_t read = 0;
    for (size_t i = 0; i < found->n && !page->more; i++) {
        const struct searcher_event *e = &found->events[i];
        struct listing_place p = {e->key, e->event};
        if (q->has_cursor &&
            (p.key > q->cursor_key || (p.key == q->cursor_key && p.number >= q->cursor_number)))
            continue;
        bool listed = listing_has(l, e->event);
        if (!listed && read++ == RECORDS) {
            found->cut = true;
            return;
        }
        if (!(listed ? listing_passes(l, q, now, e->event) : record_passes(page, now, e->event)))
            continue;
        page->more = page->n == q->limit;
        if (!page->more)
            places[page->n++] = p;
    }
}

static void make_search(struct routes_context *c, const struct request *r, struct reply *out,
                        struct listing_query *query, story_view *view, struct listing_place *places,
                        lists_writer *write)
{
    enum { MAX_WHY = 1000 };
    const char *text = request_parameter(r, "q");
    struct query search;
    struct searcher_result found = {.n = 0};
    struct lists_page page = {
        .query = query, .view = view, .places = places, .search = &search, .found = &found};
    struct buf why;
    buf_init(&why, MAX_WHY);
    if (!query_read(text ? text : "", wall_clock(), &search, &why)) {
        page.refused = buf_text(&why);
    } else if (*search.category && !listing_read_category(search.category, query, out)) {
        page.refused = "category: expected at most 16 values with commas between them";
        reply_clear(out);
    } else if (!searcher_find(c->searcher, view, &search,
                              query->order == LISTING_RELEVANCE ? SEARCHER_RELEVANCE
                                                                : SEARCHER_NEWEST,
                              &found)) {
        page.refused = "the search index cannot be used; see the log of storyd";
    } else {
        choose_found(c->lists->listing, &found, &page, places);
    }
    write(c, r, &page, out);
    searcher_result_free(&found);
    query_free(&search);
    buf_free(&why);
}

/* ---- making an answer ----------------------------------------------------------------------- */

static void make(struct routes_context *c, const struct request *r, struct reply *out,
                 enum listing_order order, bool searches, lists_writer *write)
{
    struct listing_query query = {.order = order, .searches = searches};
    struct listing_place places[LISTING_MAX_PAGE];
    story_view *view;
    if (!listing_read(r, &query, out))
        return;
    int error = story_view_begin(c->db, &view);
    if (error) {
        api_failed(out, error);
        return;
    }
    if (searches) {
        make_search(c, r, out, &query, view, places, write);
    } else {
        struct lists_page page = {.query = &query, .view = view, .places = places};
        page.n = listing_find(c->lists->listing, &query, wall_clock(), places, &page.more);
        write(c, r, &page, out);
    }
    story_view_end(view);
}

void lists_next(const struct lists_page *page, size_t shown, char next[LISTING_CURSOR])
{
    *next = 0;
    if (shown && (page->more || shown < page->n))
        listing_cursor(page->places[shown - 1], next);
}

static void answer_list(struct routes_context *c, const struct request *r, struct reply *out,
                        enum listing_order order, bool searches, lists_writer *write)
{
    struct lists *l = c->lists;
    struct buf key;
    int64_t now = coarse_ms();
    buf_init(&key, MAX_KEY);
    bool keepable = make_answer_key(r, &key);
    struct answer *a = keepable ? find_answer(l, buf_text(&key)) : NULL;
    if (a && a->version == listing_version(l->listing) && now - a->made < FRESH) {
        a->used = now;
        give(a, r, out);
    } else {
        const size_t common = out->headers.len;
        make(c, r, out, order, searches, write);
        if (keepable && out->status == 200 && out->body.len <= MAX_KEPT)
            keep_answer(l, buf_text(&key), now, out, common);
    }
    buf_free(&key);
}

void lists_answer(struct routes_context *c, const struct request *r, struct reply *out,
                  lists_writer *write)
{
    answer_list(c, r, out, LISTING_TOP, false, write);
}

void lists_answer_by(struct routes_context *c, const struct request *r, struct reply *out,
                     enum listing_order order, lists_writer *write)
{
    answer_list(c, r, out, order, false, write);
}

void lists_search(struct routes_context *c, const struct request *r, struct reply *out,
                  lists_writer *write)
{
    answer_list(c, r, out, LISTING_NEW, true, write);
}

/* ---- as JSON -------------------------------------------------------------------------------- */

static void write_event_list(struct routes_context *c, const struct request *r,
                             const struct lists_page *page, struct reply *out)
{
    (void)c, (void)r;
    struct story_entry e;
    const char *between = "";
    char next[LISTING_CURSOR];
    size_t i = 0;
    out->type = "application/json";
    buf_adds(&out->body, "{\"events\":[");
    for (; i < page->n && out->body.len < REPLY_PAGE; i++) {
        if (story_event_as_is(page->view, page->places[i].number, &e))
            continue;
        buf_adds(&out->body, between);
        record_add(&out->body, e.json, e.length);
        between = ",\n";
    }
    buf_addf(&out->body, "],\"seq\":%" PRIu64, story_last_seq(page->view));
    lists_next(page, i, next);
    if (*next)
        buf_addf(&out->body, ",\"next\":\"%s\"}\n", next);
    else
        buf_adds(&out->body, ",\"next\":null}\n");
}

void lists_events(struct routes_context *c, const struct request *r, struct reply *out)
{
    lists_answer(c, r, out, write_event_list);
}

void lists_filters(struct routes_context *c, const struct request *r, struct reply *out)
{
    static const struct ask_parameter known[] = {{"limit", 1, FILTER_VALUES_SHOWN, 50}};
    int64_t most;
    if (!ask_numbers(r, known, 1, &most, out))
        return;
    out->type = "application/json";
    filter_values_write(listing_values(c->lists->listing), (size_t)most, &out->body);
}
