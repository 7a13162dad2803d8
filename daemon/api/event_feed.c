/* Writes the feed of an event as Atom and JSON Feed: an entry for each of its newest articles, and
 * for each merge and split. */
#include "api/event_feed.h"

#include "api/api.h"
#include "api/ask.h"
#include "api/feeds_out.h"
#include "api/turns.h"
#include "config.h"
#include "base/escape.h"
#include "store/article_marks.h"
#include "store/record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ENTRIES = 50, MAX_ENTRY_TEXT = 64 << 10 };

/* An article or a change, as both formats have it. */
struct feed_entry {
    const char *what; /* of its tag: URI: "article" or "change" */
    uint64_t number;
    int64_t time, published, updated; /* `time`: when the event got it */
    char *title, *url, *text;         /* `url` of the event's page when an article has none; `text`
                                         plain, NULL: none */
    char *author, *lang;              /* NULL: none */
};

struct feed_entries {
    struct event_record event;
    struct feed_entry v[MOST_ENTRIES + TURNS_MOST]; /* newest first */
    size_t n;
};

static void free_feed_entry(struct feed_entry *e)
{
    char *const texts[] = {e->title, e->url, e->text, e->author, e->lang};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
}

static void free_feed_entries(struct feed_entries *all)
{
    for (size_t i = 0; i < all->n; i++)
        free_feed_entry(&all->v[i]);
    codec_free(&event_table, &all->event);
}

static void add_article_entry(struct routes_context *c, const struct request *r,
                              struct feed_entries *all, const struct article_record *a)
{
    struct feed_entry e = {.what = "article",
                           .number = a->number,
                           .time = a->seen,
                           .published = a->published,
                           .updated = a->updated ? a->updated : a->seen,
                           .text = article_opening(a)};
    codec_set_string(&e.title, a->title);
    struct buf url;
    buf_init(&url, MAX_ENTRY_TEXT);
    if (*record_address(a->url))
        buf_adds(&url, a->url);
    else
        feeds_out_event(c, r, all->event.number, &url);
    e.url = buf_take(&url);
    codec_set_string(&e.author, a->source.name);
    codec_set_text(&e.lang, a->lang);
    all->v[all->n++] = e;
}

/* The newest articles: numbers are given in the order of arrival. */
static int add_article_entries(struct routes_context *c, const struct request *r, story_view *view,
                               struct feed_entries *all)
{
    const struct event_record *event = &all->event;
    uint64_t stored = event->article_count - event->articles_deleted;
    story_list *list = NULL;
    struct story_entry e;
    int error = story_articles_of(view, event->number, &list);
    for (uint64_t i = 0; !error && all->n < MOST_ENTRIES && !(error = story_next(list, &e)); i++) {
        struct article_record a;
        if (i + MOST_ENTRIES < stored)
            continue;
        if (codec_load(&article_table, e.json, e.length, &a))
            add_article_entry(c, r, all, &a);
        codec_free(&article_table, &a);
    }
    story_list_free(list);
    return error == STORY_END ? 0 : error;
}

/* "Merged with: its title" */
static void add_turn_entry(struct routes_context *c, const struct request *r,
                           struct feed_entries *all, const struct event_turn *t)
{
    struct feed_entry e = {.what = "change",
                           .number = t->change.seq,
                           .time = t->change.time,
                           .published = t->change.time,
                           .updated = t->change.time};
    struct buf text;
    buf_init(&text, MAX_ENTRY_TEXT);
    buf_addf(&text, "%s event %" PRIu64 "%s%s",
             !strcmp(t->change.kind, "merged") ? "Absorbed"
             : t->change.from                  ? "Split from"
                                               : "Split off:",
             t->number, *t->title ? ": " : "", t->title);
    e.title = buf_take(&text);
    feeds_out_event(c, r, t->number, &text);
    e.url = buf_take(&text);
    all->v[all->n++] = e;
}

static void add_turn_entries(struct routes_context *c, const struct request *r, story_view *view,
                             struct feed_entries *all)
{
    struct event_turn turns[TURNS_MOST];
    size_t n = turns_read(view, all->event.number, turns);
    for (size_t i = 0; i < n; i++)
        add_turn_entry(c, r, all, &turns[i]);
    turns_free(turns, n);
}

static int by_newest(const void *a, const void *b)
{
    const struct feed_entry *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? 1 : -1;
    return x->number < y->number ? 1 : x->number > y->number ? -1 : strcmp(x->what, y->what);
}

/* ---- Atom (RFC 4287) ------------------------------------------------------------------------ */

static void add_atom_tag(struct routes_context *c, struct buf *out, const char *what,
                         uint64_t number)
{
    struct buf tag;
    buf_init(&tag, MAX_ENTRY_TEXT);
    feeds_out_tag(c, &tag, what, number);
    feeds_out_element(out, "id", buf_text(&tag));
    buf_free(&tag);
}

static void add_atom_entry(struct routes_context *c, struct buf *out, const struct feed_entry *e)
{
    char time[FEEDS_OUT_TIME];
    struct buf url;
    buf_adds(out, "<entry");
    if (e->lang) {
        buf_adds(out, " xml:lang=\"");
        escape_text(out, ESCAPE_XML, e->lang);
        buf_adds(out, "\"");
    }
    buf_adds(out, ">\n");
    add_atom_tag(c, out, e->what, e->number);
    feeds_out_element(out, "title", e->title);
    feeds_out_element(out, "updated", feeds_out_time(e->updated, time));
    feeds_out_element(out, "published", feeds_out_time(e->published, time));
    if (e->author) {
        buf_adds(out, "<author>");
        feeds_out_element(out, "name", e->author);
        buf_adds(out, "</author>\n");
    }
    buf_init(&url, MAX_ENTRY_TEXT);
    buf_adds(&url, e->url);
    feeds_out_link(out, "alternate", NULL, &url);
    feeds_out_element(out, "content", e->text ? e->text : e->title);
    buf_adds(out, "</entry>\n");
}

static void write_event_atom(struct routes_context *c, const struct request *r,
                             const struct feed_entries *all, struct reply *reply)
{
    struct buf *out = &reply->body, text;
    char time[FEEDS_OUT_TIME];
    buf_init(&text, MAX_ENTRY_TEXT);
    reply->type = "application/atom+xml; charset=utf-8";
    buf_adds(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                  "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n");
    add_atom_tag(c, out, "event", all->event.number);
    feeds_out_element(out, "title", all->event.title);
    feeds_out_element(out, "updated", feeds_out_time(all->event.updated, time));
    buf_adds(out, "<author><name>storyd</name></author>\n<generator version=\"" STORYD_VERSION
                  "\">storyd</generator>\n");
    feeds_out_base(c->config->http_base_url.text, r, &text);
    buf_adds(&text, r->path);
    feeds_out_link(out, "self", "application/atom+xml", &text);
    feeds_out_event(c, r, all->event.number, &text);
    feeds_out_link(out, "alternate", "text/html", &text);
    for (size_t i = 0; i < all->n; i++)
        add_atom_entry(c, out, &all->v[i]);
    buf_adds(out, "</feed>\n");
}

/* ---- JSON Feed 1.1 -------------------------------------------------------------------------- */

static void set_string(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, json_string(text));
}

static json_t *item_of_entry(struct routes_context *c, const struct feed_entry *e)
{
    char time[FEEDS_OUT_TIME];
    struct buf text;
    json_t *item = json_object();
    buf_init(&text, MAX_ENTRY_TEXT);
    feeds_out_tag(c, &text, e->what, e->number);
    feeds_out_set(item, "id", &text);
    set_string(item, "url", e->url);
    set_string(item, "title", e->title);
    buf_init(&text, MAX_ENTRY_TEXT);
    escape_text(&text, ESCAPE_PAGE, e->text ? e->text : e->title);
    feeds_out_set(item, "content_html", &text);
    set_string(item, "date_published", feeds_out_time(e->published, time));
    set_string(item, "date_modified", feeds_out_time(e->updated, time));
    if (e->author)
        json_object_set_new(item, "authors", json_pack("[{s:s}]", "name", e->author));
    if (e->lang)
        set_string(item, "language", e->lang);
    return item;
}

static void write_event_json(struct routes_context *c, const struct request *r,
                             const struct feed_entries *all, struct reply *reply)
{
    json_t *feed = json_pack("{s:s}", "version", "https://jsonfeed.org/version/1.1");
    json_t *items = json_array();
    struct buf text;
    buf_init(&text, MAX_ENTRY_TEXT);
    reply->type = "application/feed+json";
    set_string(feed, "title", all->event.title);
    feeds_out_event(c, r, all->event.number, &text);
    feeds_out_set(feed, "home_page_url", &text);
    feeds_out_base(c->config->http_base_url.text, r, &text);
    buf_adds(&text, r->path);
    feeds_out_set(feed, "feed_url", &text);
    json_object_set_new(feed, "authors", json_pack("[{s:s}]", "name", "storyd"));
    for (size_t i = 0; i < all->n; i++)
        json_array_append_new(items, item_of_entry(c, &all->v[i]));
    json_object_set_new(feed, "items", items);
    feeds_out_json_text(&reply->body, feed);
}

/* ---- both ----------------------------------------------------------------------------------- */

static int read_feed_entries(struct routes_context *c, const struct request *r, story_view *view,
                             const struct story_entry *e, struct feed_entries *out)
{
    if (!codec_load(&event_table, e->json, e->length, &out->event))
        return STORY_CORRUPT;
    int error = add_article_entries(c, r, view, out);
    if (error)
        return error;
    add_turn_entries(c, r, view, out);
    qsort(out->v, out->n, sizeof *out->v, by_newest);
    while (out->n > MOST_ENTRIES)
        free_feed_entry(&out->v[--out->n]);
    return 0;
}

static void answer_feed(struct routes_context *c, const struct request *r, struct reply *out,
                        void (*write)(struct routes_context *, const struct request *,
                                      const struct feed_entries *, struct reply *))
{
    struct feed_entries all = {.n = 0};
    struct story_entry e;
    story_view *view = NULL;
    if (!ask_nothing(r, out))
        return;
    if (api_asked_event(c, r, out, &view, &e)) {
        int error = read_feed_entries(c, r, view, &e, &all);
        if (error)
            api_failed(out, error);
        else
            write(c, r, &all, out);
    }
    free_feed_entries(&all);
    story_view_end(view);
}

void event_feed_atom(struct routes_context *c, const struct request *r, struct reply *out)
{
    answer_feed(c, r, out, write_event_atom);
}

void event_feed_json(struct routes_context *c, const struct request *r, struct reply *out)
{
    answer_feed(c, r, out, write_event_json);
}
