/* Handlers for single records and their lists. Records are sent as they are stored; lists of
 * events by order and filter are in lists.c. */
#include "api/api.h"

#include "base/mem.h"
#include "cluster/engine.h"
#include "api/ask.h"
#include "api/in_cluster.h"
#include "ingest/ingest.h"
#include "poll/poll.h"
#include "poll/remote_list.h"
#include "store/reader.h"
#include "store/article_record.h"
#include "store/record.h"
#include "store/store.h"
#include "upkeep.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char api_type[] = "application/json";

enum { PAGE = 50, MAX_PAGE = 500 };

/* A record that does not exist, or not any more. */
static void not_found(struct reply *out, int error, const char *what, uint64_t number)
{
    if (error == STORY_GONE)
        reply_problem(out, 410, "%s %" PRIu64 " is older than this storyd keeps", what, number);
    else
        reply_problem(out, 404, "no %s %" PRIu64, what, number);
}

static bool is_missing(int error)
{
    return error == STORY_NOT_FOUND || error == STORY_GONE;
}

void api_no_event(struct reply *out, story_view *view, int error, uint64_t event)
{
    struct story_entry e;
    not_found(out, error, "event", event);
    if (error != STORY_GONE || story_tombstone(view, event, &e))
        return;
    buf_cut(&out->body, out->body.len - strlen("}\n"));
    buf_adds(&out->body, ",\"event\":");
    record_add(&out->body, e.json, e.length);
    buf_adds(&out->body, "}\n");
}

void api_failed(struct reply *out, int error)
{
    reply_problem(out, 500, "the store cannot be read: %s", story_strerror(error));
}

/* ---- lists ---------------------------------------------------------------------------------- */

struct entry_page {
    uint64_t after; /* of the cursor: entries up to this one were on the pages before */
    uint64_t limit;
    size_t n;
};

/* Appends one entry. Returns false when the page is full; the next one continues at `next`. */
static bool add_list_entry(struct entry_page *page, struct reply *out, const char *json,
                           size_t length)
{
    if (page->n == page->limit || (page->n && out->body.len + length > REPLY_PAGE))
        return false;
    if (page->n++)
        buf_adds(&out->body, ",\n");
    record_add(&out->body, json, length);
    return true;
}

void api_end_list(struct reply *out, uint64_t next)
{
    if (next)
        buf_addf(&out->body, "],\"next\":\"%" PRIu64 "\"}\n", next);
    else
        buf_adds(&out->body, "],\"next\":null}\n");
}

/* The list's entries after the cursor, which is a number. */
static int write_entries(story_list *list, struct entry_page *page, struct reply *out)
{
    struct story_entry e;
    uint64_t last = 0, next = 0;
    int error;
    while ((error = story_next(list, &e)) == 0) {
        if (e.number <= page->after)
            continue;
        if (!add_list_entry(page, out, e.json, e.length)) {
            next = last;
            break;
        }
        last = e.number;
    }
    api_end_list(out, next);
    return error == STORY_END ? 0 : error;
}

static bool read_page_parameters(const struct request *r, struct entry_page *page,
                                 struct reply *out)
{
    static const struct ask_parameter known[] = {{"limit", 1, MAX_PAGE, PAGE},
                                                 {"cursor", 1, INT64_MAX, 0}};
    int64_t values[2];
    if (!ask_numbers(r, known, 2, values, out))
        return false;
    *page = (struct entry_page){.limit = (uint64_t)values[0], .after = (uint64_t)values[1]};
    return true;
}

/* ---- events --------------------------------------------------------------------------------- */

/* Redirects to the event that absorbed this one; temporarily, because a merge can be undone. */
static void lead_on(const struct request *r, uint64_t into, struct reply *out)
{
    char location[128];
    const char *event = strstr(r->path, "/event"), *number = event + strcspn(event, "0123456789");
    snprintf(location, sizeof location, "%.*s%" PRIu64 "%.64s", (int)(number - r->path), r->path,
             into, number + strspn(number, "0123456789"));
    out->status = 307;
    reply_header(out, "Location", location);
}

bool api_asked_event(struct routes_context *c, const struct request *r, struct reply *out,
                     story_view **view, struct story_entry *e)
{
    int error = story_view_begin(c->db, view);
    if (!error)
        error = story_event(*view, r->number, e);
    out->type = api_type;
    if (is_missing(error))
        api_no_event(out, *view, error, e->number);
    else if (error)
        api_failed(out, error);
    else if (e->number != r->number)
        lead_on(r, e->number, out);
    return !error && e->number == r->number;
}

void api_event(struct routes_context *c, const struct request *r, struct reply *out)
{
    static const char *const redirects[] = {"yes", "no", NULL};
    story_view *view = NULL;
    struct story_entry e;
    int redirect;
    if (!ask_choice(r, "redirect", redirects, &redirect, out))
        return;
    out->type = api_type;
    int error = story_view_begin(c->db, &view);
    if (!error)
        error = story_event(view, r->number, &e);
    if (!error && e.number != r->number) {
        if (redirect == 0)
            lead_on(r, e.number, out);
        error = story_event_as_is(view, r->number, &e);
    }
    if (!error)
        record_add(&out->body, e.json, e.length);
    else if (is_missing(error))
        api_no_event(out, view, error, e.number);
    else
        api_failed(out, error);
    story_view_end(view);
}

/* Of an event that was merged away too: how it ended. */
void api_event_history(struct routes_context *c, const struct request *r, struct reply *out)
{
    struct entry_page page;
    story_view *view = NULL;
    story_list *list;
    struct story_entry e;
    if (!read_page_parameters(r, &page, out))
        return;
    out->type = api_type;
    int error = story_view_begin(c->db, &view);
    if (!error)
        error = story_event_as_is(view, r->number, &e);
    if (!error)
        error = reader_history(view, r->number, &list);
    if (!error) {
        buf_adds(&out->body, "{\"changes\":[");
        error = write_entries(list, &page, out);
        story_list_free(list);
    }
    if (is_missing(error))
        api_no_event(out, view, error, e.number);
    else if (error)
        api_failed(out, error);
    story_view_end(view);
}

/* What is published of an article to say why it is in its event. */
#define AT(member) offsetof(struct article_record, member)
static const struct codec_field reason_fields[] = {
    {"article", CODEC_NUMBER, AT(number), NULL, false},
    {"title", CODEC_STRING, AT(title), NULL, false},
    {"source", CODEC_STRUCT, AT(source), &article_source_table, false},
    {"copy_of", CODEC_TIME, AT(copy_of), NULL, false},
    {"why", CODEC_OBJECT, AT(why), &article_reason_table, false},
    {0},
};
static const struct codec_table reason_table = {sizeof(struct article_record), reason_fields};

static char *reason_of_article(const struct story_entry *e)
{
    struct article_record article;
    codec_load(&article_table, e->json, e->length, &article);
    char *text = codec_dump(&reason_table, &article);
    codec_free(&article_table, &article);
    return text;
}

static int write_reasons(story_list *list, struct entry_page *page, struct reply *out)
{
    struct story_entry e;
    uint64_t last = 0, next = 0;
    int error;
    while ((error = story_next(list, &e)) == 0) {
        if (e.number <= page->after)
            continue;
        char *text = reason_of_article(&e);
        bool room = add_list_entry(page, out, text, strlen(text));
        free(text);
        if (!room) {
            next = last;
            break;
        }
        last = e.number;
    }
    api_end_list(out, next);
    return error == STORY_END ? 0 : error;
}

/* What is made of an event's articles or posts, page by page. */
static void answer_from(struct routes_context *c, const struct request *r, struct reply *out,
                        int (*begin)(story_view *, uint64_t, story_list **), const char *head,
                        int (*write)(story_list *, struct entry_page *, struct reply *))
{
    struct entry_page page;
    story_view *view = NULL;
    story_list *list;
    struct story_entry e;
    if (!read_page_parameters(r, &page, out))
        return;
    if (api_asked_event(c, r, out, &view, &e)) {
        int error = begin(view, r->number, &list);
        if (!error) {
            buf_adds(&out->body, head);
            error = write(list, &page, out);
            story_list_free(list);
        }
        if (error)
            api_failed(out, error);
    }
    story_view_end(view);
}

void api_event_articles(struct routes_context *c, const struct request *r, struct reply *out)
{
    answer_from(c, r, out, story_articles_of, "{\"articles\":[", write_entries);
}

void api_event_posts(struct routes_context *c, const struct request *r, struct reply *out)
{
    answer_from(c, r, out, story_posts_of, "{\"posts\":[", write_entries);
}

void api_event_reasons(struct routes_context *c, const struct request *r, struct reply *out)
{
    answer_from(c, r, out, story_articles_of, "{\"reasons\":[", write_reasons);
}

/* ---- the rest ------------------------------------------------------------------------------- */

void api_record(struct routes_context *c, const struct request *r, struct reply *out,
                const char *what, int (*get)(story_view *, uint64_t, struct story_entry *))
{
    story_view *view;
    struct story_entry e;
    out->type = api_type;
    int error = story_view_begin(c->db, &view);
    if (!error)
        error = get(view, r->number, &e);
    if (!error)
        record_add(&out->body, e.json, e.length);
    else if (is_missing(error))
        not_found(out, error, what, r->number);
    else
        api_failed(out, error);
    story_view_end(view);
}

void api_article(struct routes_context *c, const struct request *r, struct reply *out)
{
    if (ask_nothing(r, out))
        api_record(c, r, out, "article", story_article);
}

void api_feeds(struct routes_context *c, const struct request *r, struct reply *out)
{
    struct entry_page page;
    story_view *view;
    story_list *list;
    if (!read_page_parameters(r, &page, out))
        return;
    out->type = api_type;
    int error = story_view_begin(c->db, &view);
    if (!error)
        error = story_feeds(view, &list);
    if (!error) {
        buf_adds(&out->body, "{\"feeds\":[");
        error = write_entries(list, &page, out);
        story_list_free(list);
    }
    if (error)
        api_failed(out, error);
    story_view_end(view);
}

void api_health(struct routes_context *c, const struct request *r, struct reply *out)
{
    story_view *view;
    if (!ask_nothing(r, out))
        return;
    const struct engine *engine = ingest_engine(c->ingest);
    int error = story_view_begin(c->db, &view);
    if (error) {
        api_failed(out, error);
        return;
    }
    const struct upkeep_facts f = upkeep_facts(c->upkeep);
    out->type = api_type;
    out->cache = "no-store";
    buf_addf(&out->body,
             "{\"status\":\"%s\",\"version\":\"" STORYD_VERSION "\",\"seq\":%" PRIu64
             ",\"clock\":%" PRId64 ",\"feeds\":%zu,\"events_open\":%zu,\"articles_in_window\":%zu"
             ",\"store_fill\":%d,\"store_used\":%" PRIu64 ",\"store_max\":%" PRIu64
             ",\"disk_free\":%" PRIu64 ",\"list\":\"%s\",\"cluster\":",
             store_is_full(store_error(ingest_store(c->ingest))) ? "full" : "ok",
             story_last_seq(view), engine_clock(engine), poll_feeds(c->poll), engine_events(engine),
             engine_articles(engine), f.fill, f.room.map_used, f.room.map_size,
             f.room.disk_size - f.room.disk_used, remote_list_state(c->remote));
    json_t *cluster = c->cluster ? c->cluster->describe(c->cluster->arg) : json_null();
    char *text = json_dumps(cluster, JSON_COMPACT | JSON_ENCODE_ANY);
    buf_addf(&out->body, "%s}\n", text);
    free(text);
    json_decref(cluster);
    story_view_end(view);
}
