#include "http/feeds_out.h"

#include "http/api.h"
#include "config.h"
#include "digest/topic.h"
#include "http/lists.h"
#include "store/record.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    MAX_CONTENT = 256 << 10, /* of one event's: more than its texts and names can take */
    MAX_NAMED = 50,          /* publishers by name */
    MAX_ASSOCIATED = 100,
    MAX_TEXT = 64 << 10,
    TIME = 32,
};

/* ---- names and times ------------------------------------------------------------------------ */

/* RFC 3339, of a time that Atom's four digits of a year can tell. */
static const char *rfc3339(int64_t time, char out[TIME])
{
    struct tm t;
    time_t seconds = time > 0 && time < INT64_C(253402300800) ? (time_t)time : 0;
    gmtime_r(&seconds, &t);
    strftime(out, TIME, "%Y-%m-%dT%H:%M:%SZ", &t);
    return out;
}

static int64_t time_of(const json_t *record, const char *field)
{
    return (int64_t)record_number(record, field);
}

/* The authority of the tag: URIs (RFC 4151) of events: the first of the server's names. */
static void add_tag(const struct routes_context *c, struct buf *out, const char *what,
                    uint64_t number)
{
    const char *hosts = c->config->http_hosts.text;
    size_t n = strcspn(hosts, ", \t");
    buf_addf(out, "tag:%.*s,2026:%s", n ? (int)n : 9, n ? hosts : "localhost", what);
    if (number)
        buf_addf(out, "/%" PRIu64, number);
}

/* Where the client sees this server; a proxy says when that is https. */
static void add_base(const struct request *r, struct buf *out)
{
    const char *proto = request_header(r, "X-Forwarded-Proto");
    buf_addf(out, "%s://%s", proto && !strcmp(proto, "https") ? "https" : "http",
             r->host && *r->host ? r->host : "localhost");
}

static void add_escaped(struct buf *out, const char *text)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (; *text; text++)
        if (strchr(plain, *text))
            buf_addc(out, *text);
        else
            buf_addf(out, "%%%02X", (unsigned char)*text);
}

static bool is_cursor(const struct request_pair *p)
{
    return !strcmp(p->name, "cursor");
}

/* The parameters but for the cursor. True when there are any. */
static bool add_query(const struct request *r, struct buf *out)
{
    char between = '?';
    for (size_t i = 0; i < r->n_parameters; i++) {
        if (is_cursor(&r->parameters[i]))
            continue;
        buf_addf(out, "%c%s=", between, r->parameters[i].name);
        add_escaped(out, r->parameters[i].value);
        between = '&';
    }
    return between == '&';
}

/* The address of this feed's page at `cursor`, or of its first one. */
static void add_address(const struct request *r, const char *cursor, struct buf *out)
{
    add_base(r, out);
    buf_adds(out, r->path);
    char between = add_query(r, out) ? '&' : '?';
    if (cursor && *cursor)
        buf_addf(out, "%ccursor=%s", between, cursor);
}

static void add_event_address(const struct request *r, uint64_t number, struct buf *out)
{
    add_base(r, out);
    buf_addf(out, "/event/%" PRIu64, number);
}

/* "min_sources: 3, category: business" */
static void add_title(const struct request *r, struct buf *out)
{
    const char *before = " – ";
    buf_adds(out, "storyd");
    for (size_t i = 0; i < r->n_parameters; i++) {
        const struct request_pair *p = &r->parameters[i];
        if (!*p->value || is_cursor(p) || !strcmp(p->name, "limit"))
            continue;
        buf_addf(out, "%s%s: %s", before, p->name, p->value);
        before = ", ";
    }
}

static void add_count(struct buf *out, const char *before, uint64_t n, const char *what)
{
    buf_addf(out, "%s%" PRIu64 " %s%s", before, n, what, n == 1 ? "" : "s");
}

static void add_text(struct buf *out, const char *before, const char *text, const char *after)
{
    buf_adds(out, before);
    reply_xml_text(out, text);
    buf_adds(out, after);
}

/* Whose words they are, with a link to where they stand. */
static void add_from(struct buf *out, const json_t *of, const char *name)
{
    if (*record_address(of))
        add_text(out, "<a href=\"", record_address(of), "\">");
    add_text(out, "<em>", name, "</em>");
    buf_adds(out, *record_address(of) ? "</a>" : "");
}

static void add_statement(struct buf *out, const json_t *s)
{
    const char *by = record_text(s, "by");
    buf_adds(out, "<p>");
    if (*record_text(s, "heading"))
        add_text(out, "<b>", record_text(s, "heading"), "</b> ");
    add_text(out, "", record_text(s, "text"), " ");
    add_from(out, s, *by ? by : record_text(s, "source"));
    buf_adds(out, "</p>");
}

static void add_names(struct buf *out, const json_t *names)
{
    size_t i;
    const json_t *name;
    json_array_foreach(names, i, name) add_text(out, i ? ", " : "", json_string_value(name), "");
}

/* "6 killed (BBC, Reuters); 4 killed (AP)" */
static void add_dispute(struct buf *out, const json_t *dispute)
{
    size_t i;
    const json_t *value;
    add_text(out, "<p>", record_text(dispute, "what"), ": ");
    json_array_foreach(json_object_get(dispute, "values"), i, value)
    {
        add_text(out, i ? "; " : "", record_text(value, "value"), " <em>(");
        add_names(out, json_object_get(value, "sources"));
        buf_adds(out, ")</em>");
    }
    buf_adds(out, "</p>");
}

/* "Mar 17: its title (BBC, Reuters)", and what was new. */
static void add_development(struct buf *out, const json_t *chapter)
{
    char time[TIME];
    size_t i;
    const json_t *s;
    add_text(out, "<p><b>", record_text(chapter, "title"), "</b> <em>(");
    add_names(out, json_object_get(chapter, "sources"));
    buf_addf(out, "; %s)</em></p>", rfc3339(time_of(chapter, "from"), time));
    json_array_foreach(json_object_get(chapter, "new"), i, s) add_statement(out, s);
}

static void add_quote(struct buf *out, const json_t *quote)
{
    const char *handle = record_text(quote, "handle");
    add_text(out, "<blockquote>", record_text(quote, "text"), " ");
    add_from(out, quote, *handle ? handle : record_text(quote, "author"));
    add_text(out, ", ", record_text(quote, "stance"), "</blockquote>");
}

static void add_sentiment(struct buf *out, const json_t *sentiment)
{
    size_t i;
    const json_t *quote;
    add_text(out, "<p>", record_text(sentiment, "overall"), "</p>");
    json_array_foreach(json_object_get(sentiment, "quotes"), i, quote) add_quote(out, quote);
}

/* What an event says, in the order of its page. */
static const struct {
    const char *field, *title;
    void (*add)(struct buf *, const json_t *one);
} parts[] = {
    {"summary", NULL, add_statement},
    {"details", "Details", add_statement},
    {"disputed", "Disputed", add_dispute},
    {"meaning", "What this means", add_statement},
    {"developments", "Developments", add_development},
    {"sentiment", "Sentiment", add_sentiment},
};

static void add_parts(const json_t *event, struct buf *out)
{
    size_t k;
    const json_t *one;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const json_t *all = json_object_get(event, parts[i].field);
        bool any = json_is_object(all) || json_array_size(all);
        if (parts[i].title && any)
            add_text(out, "<h3>", parts[i].title, "</h3>");
        if (json_is_object(all))
            parts[i].add(out, all);
        json_array_foreach(all, k, one) parts[i].add(out, one);
    }
}

/* What an event says and who reports it, as HTML. */
static void add_content(const json_t *event, struct buf *out)
{
    size_t i;
    const json_t *part, *sources = json_object_get(event, "sources");
    add_parts(event, out);
    add_count(out, "<p>", record_number(event, "source_count"), "source");
    add_count(out, ", ", record_number(event, "article_count"), "article");
    add_count(out, ", ", record_number(event, "report_count"), "independent report");
    buf_adds(out, ": ");
    json_array_foreach(sources, i, part)
    {
        if (i == MAX_NAMED) {
            buf_adds(out, ", …");
            break;
        }
        add_text(out, i ? ", " : "", record_text(part, "name"), "");
    }
    buf_adds(out, "</p>");
}

/* ---- Atom (RFC 4287) ------------------------------------------------------------------------ */

struct writing {
    struct routes_context *c;
    const struct request *r;
    struct buf *out; /* of Atom: the entries */
    json_t *items;   /* of JSON */
    size_t size;     /* about the bytes of what was written */
    int64_t latest;  /* update */
};

/* Writes the events of a page, as far as one document has room, with `each`, which adds to `size`.
 * `next` is the cursor for the rest. */
static void each_event(const struct lists_page *page, struct writing *w,
                       void (*each)(const json_t *event, struct writing *w),
                       char next[LISTING_CURSOR])
{
    struct story_entry e;
    size_t i = 0;
    for (; i < page->n && w->size < REPLY_PAGE; i++) {
        if (story_event_as_is(page->view, page->places[i].number, &e))
            continue;
        json_t *event = json_loadb(e.json, e.length, 0, NULL);
        if (time_of(event, "updated") > w->latest)
            w->latest = time_of(event, "updated");
        if (event)
            each(event, w);
        json_decref(event);
    }
    lists_next(page, i, next);
}

static void element(struct buf *out, const char *name, const char *text)
{
    buf_addf(out, "<%s>", name);
    reply_xml_text(out, text);
    buf_addf(out, "</%s>\n", name);
}

static void add_xml(struct buf *out, struct buf *text)
{
    reply_xml_text(out, buf_text(text));
    buf_free(text);
}

static void link_to(struct buf *out, const char *rel, const char *type, struct buf *address)
{
    buf_addf(out, "<link rel=\"%s\"", rel);
    if (type)
        buf_addf(out, " type=\"%s\"", type);
    buf_adds(out, " href=\"");
    add_xml(out, address);
    buf_adds(out, "\"/>\n");
}

static void add_entry(const json_t *event, struct writing *w)
{
    struct buf *out = w->out, text;
    char time[TIME];
    size_t i;
    const json_t *category;
    uint64_t number = record_number(event, "id");
    buf_adds(out, "<entry>\n<id>");
    buf_init(&text, MAX_TEXT);
    add_tag(w->c, &text, "event", number);
    add_xml(out, &text);
    buf_adds(out, "</id>\n");
    element(out, "title", record_text(event, "title"));
    element(out, "updated", rfc3339(time_of(event, "updated"), time));
    element(out, "published", rfc3339(time_of(event, "first_seen"), time));
    add_event_address(w->r, number, &text);
    link_to(out, "alternate", "text/html", &text);
    if (*record_address(event)) {
        buf_adds(&text, record_address(event));
        link_to(out, "related", NULL, &text);
    }
    json_array_foreach(json_object_get(event, "categories"), i, category)
    {
        buf_adds(out, "<category term=\"");
        reply_xml_text(out, json_string_value(category));
        buf_adds(out, "\"/>\n");
    }
    buf_init(&text, MAX_CONTENT);
    add_content(event, &text);
    buf_adds(out, "<content type=\"html\">");
    add_xml(out, &text);
    buf_adds(out, "</content>\n</entry>\n");
    w->size = out->len;
}

/* What is said of the feed stands before its entries, which tell how far it goes. */
static void write_atom(struct routes_context *c, const struct request *r,
                       const struct lists_page *page, struct reply *reply)
{
    struct buf *out = &reply->body, entries, text;
    struct writing w = {.c = c, .r = r, .out = &entries};
    char time[TIME], next[LISTING_CURSOR];
    buf_init(&text, MAX_TEXT);
    buf_init(&entries, REPLY_MAX_BODY);
    each_event(page, &w, add_entry, next);
    reply->type = "application/atom+xml; charset=utf-8";
    buf_adds(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                  "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n<id>");
    add_tag(c, &text, "events", 0);
    add_query(r, &text);
    add_xml(out, &text);
    buf_adds(out, "</id>\n");
    add_title(r, &text);
    element(out, "title", buf_text(&text));
    buf_free(&text);
    element(out, "updated", rfc3339(w.latest, time));
    buf_adds(out, "<author><name>storyd</name></author>\n<generator version=\"" STORYD_VERSION
                  "\">storyd</generator>\n");
    add_address(r, request_parameter(r, "cursor"), &text);
    link_to(out, "self", "application/atom+xml", &text);
    add_base(r, &text);
    buf_addc(&text, '/');
    link_to(out, "alternate", "text/html", &text);
    if (*next) {
        add_address(r, next, &text);
        link_to(out, "next", "application/atom+xml", &text);
    }
    buf_add(out, buf_text(&entries), entries.len);
    out->full |= entries.full;
    buf_adds(out, "</feed>\n");
    buf_free(&entries);
}

/* ---- JSON Feed 1.1 -------------------------------------------------------------------------- */

static void set_buf(json_t *object, const char *name, struct buf *text)
{
    json_object_set_new(object, name, json_string(buf_text(text)));
    buf_free(text);
}

static void add_item(const json_t *event, struct writing *w)
{
    struct buf text;
    char time[TIME];
    uint64_t number = record_number(event, "id");
    json_t *item = json_object();
    buf_init(&text, MAX_TEXT);
    add_tag(w->c, &text, "event", number);
    set_buf(item, "id", &text);
    add_event_address(w->r, number, &text);
    set_buf(item, "url", &text);
    if (*record_address(event))
        json_object_set(item, "external_url", json_object_get(event, "url"));
    json_object_set(item, "title", json_object_get(event, "title"));
    buf_init(&text, MAX_CONTENT);
    add_content(event, &text);
    w->size += text.len + strlen(record_text(event, "title")) + strlen(record_text(event, "url"));
    set_buf(item, "content_html", &text);
    json_object_set_new(item, "date_published",
                        json_string(rfc3339(time_of(event, "first_seen"), time)));
    json_object_set_new(item, "date_modified",
                        json_string(rfc3339(time_of(event, "updated"), time)));
    json_object_set(item, "tags", json_object_get(event, "categories"));
    if (*record_text(event, "lang"))
        json_object_set(item, "language", json_object_get(event, "lang"));
    json_array_append_new(w->items, item);
}

static void add_json(struct buf *out, json_t *record)
{
    char *text = json_dumps(record, JSON_INDENT(1));
    if (text)
        buf_adds(out, text);
    buf_addc(out, '\n');
    free(text);
    json_decref(record);
}

static void write_json(struct routes_context *c, const struct request *r,
                       const struct lists_page *page, struct reply *reply)
{
    struct writing w = {.c = c, .r = r, .items = json_array()};
    char next[LISTING_CURSOR];
    json_t *feed = json_pack("{s:s}", "version", "https://jsonfeed.org/version/1.1");
    struct buf text;
    buf_init(&text, MAX_TEXT);
    reply->type = "application/feed+json";
    add_title(r, &text);
    set_buf(feed, "title", &text);
    add_base(r, &text);
    buf_addc(&text, '/');
    set_buf(feed, "home_page_url", &text);
    add_address(r, request_parameter(r, "cursor"), &text);
    set_buf(feed, "feed_url", &text);
    each_event(page, &w, add_item, next);
    if (*next) {
        add_address(r, next, &text);
        set_buf(feed, "next_url", &text);
    }
    json_object_set_new(feed, "authors", json_pack("[{s:s}]", "name", "storyd"));
    json_object_set_new(feed, "items", w.items);
    add_json(&reply->body, feed);
}

void feeds_out_atom(struct routes_context *c, const struct request *r, struct reply *out)
{
    lists_answer_by(c, r, out, LISTING_UPDATED, write_atom);
}

void feeds_out_json(struct routes_context *c, const struct request *r, struct reply *out)
{
    lists_answer_by(c, r, out, LISTING_UPDATED, write_json);
}

/* ---- ninjs 3.0 ------------------------------------------------------------------------------ */

static json_t *one_value(const char *role, const char *type, const char *text)
{
    return json_pack("[{s:s,s:s,s:s}]", "role", role, "contentType", type, "value", text);
}

/* The summary as a description, and all that it says as a body. */
static void add_bodies(const json_t *event, json_t *out)
{
    size_t i;
    const json_t *bullet, *summary = json_object_get(event, "summary");
    struct buf text;
    buf_init(&text, MAX_CONTENT);
    json_array_foreach(summary, i, bullet)
        buf_addf(&text, "%s%s", i ? "\n" : "", record_text(bullet, "text"));
    if (text.len)
        json_object_set_new(out, "descriptions",
                            one_value("summary", "text/plain", buf_text(&text)));
    buf_free(&text);
    add_content(event, &text);
    json_object_set_new(out, "bodies", one_value("main", "text/html", buf_text(&text)));
    buf_free(&text);
}

/* With IPTC's own address for those that are its. */
static json_t *subjects(const json_t *names)
{
    size_t i;
    const json_t *name;
    json_t *out = json_array();
    json_array_foreach(names, i, name)
    {
        json_t *subject = json_pack("{s:s}", "name", json_string_value(name));
        const char *code = topic_code(json_string_value(name));
        if (code)
            json_object_set_new(subject, "uri",
                                json_sprintf("http://cv.iptc.org/newscodes/mediatopic/%s", code));
        json_array_append_new(out, subject);
    }
    return out;
}

static json_t *info_sources(const json_t *sources)
{
    size_t i;
    const json_t *source;
    json_t *out = json_array();
    json_array_foreach(sources, i, source)
        json_array_append_new(out, json_pack("{s:s,s:s}", "name", record_text(source, "name"),
                                             "literal", record_text(source, "domain")));
    return out;
}

/* An article, as what is associated with its event. */
static json_t *association(struct routes_context *c, const json_t *article)
{
    char time[TIME];
    struct buf uri;
    const json_t *source = json_object_get(article, "source");
    buf_init(&uri, MAX_TEXT);
    if (*record_address(article))
        buf_adds(&uri, record_address(article));
    else
        add_tag(c, &uri, "article", record_number(article, "id"));
    json_t *a =
        json_pack("{s:s,s:s,s:s,s:s,s:o,s:[{s:s,s:s}]}", "name", record_text(article, "title"),
                  "uri", buf_text(&uri), "type", "text", "contentCreated",
                  rfc3339(time_of(article, "published"), time), "headlines",
                  one_value("main", "text/plain", record_text(article, "title")), "infoSources",
                  "name", record_text(source, "name"), "literal", record_text(source, "domain"));
    if (*record_text(article, "lang"))
        json_object_set(a, "language", json_object_get(article, "lang"));
    buf_free(&uri);
    return a;
}

static json_t *associations(struct routes_context *c, story_view *view, uint64_t number)
{
    story_list *list;
    struct story_entry e;
    json_t *out = json_array();
    if (story_articles_of(view, number, &list))
        return out;
    for (int i = 0; i < MAX_ASSOCIATED && !story_next(list, &e); i++) {
        json_t *article = json_loadb(e.json, e.length, 0, NULL);
        if (article)
            json_array_append_new(out, association(c, article));
        json_decref(article);
    }
    story_list_free(list);
    return out;
}

static json_t *ninjs(struct routes_context *c, story_view *view, const json_t *event)
{
    char time[TIME], version[24];
    struct buf uri;
    json_t *out = json_object();
    buf_init(&uri, MAX_TEXT);
    add_tag(c, &uri, "event", record_number(event, "id"));
    set_buf(out, "uri", &uri);
    json_object_set_new(out, "standard",
                        json_pack("{s:s,s:s,s:s}", "name", "ninjs", "version", "3.0", "schema",
                                  "https://www.iptc.org/std/ninjs/ninjs-schema_3.0.json"));
    json_object_set_new(out, "type", json_string("composite"));
    json_object_set_new(out, "representationType", json_string("partial"));
    snprintf(version, sizeof version, "%" PRIu64, record_number(event, "seq"));
    json_object_set_new(out, "version", json_string(version));
    json_object_set_new(out, "firstCreated",
                        json_string(rfc3339(time_of(event, "first_seen"), time)));
    json_object_set_new(out, "versionCreated",
                        json_string(rfc3339(time_of(event, "updated"), time)));
    json_object_set_new(out, "contentCreated",
                        json_string(rfc3339(time_of(event, "published"), time)));
    json_object_set_new(out, "pubStatus", json_string("usable"));
    if (*record_text(event, "lang"))
        json_object_set(out, "language", json_object_get(event, "lang"));
    json_object_set(out, "title", json_object_get(event, "title"));
    json_object_set_new(out, "headlines",
                        one_value("main", "text/plain", record_text(event, "title")));
    add_bodies(event, out);
    json_object_set_new(out, "subjects", subjects(json_object_get(event, "categories")));
    json_object_set_new(out, "infoSources", info_sources(json_object_get(event, "sources")));
    json_object_set_new(out, "associations", associations(c, view, record_number(event, "id")));
    return out;
}

void feeds_out_ninjs(struct routes_context *c, const struct request *r, struct reply *out)
{
    story_view *view;
    struct story_entry e;
    json_t *event = NULL;
    int error = story_view_begin(c->db, &view);
    if (!error)
        error = story_event(view, r->number, &e);
    if (!error)
        event = json_loadb(e.json, e.length, 0, NULL);
    if (event) {
        out->type = "application/json";
        add_json(&out->body, ninjs(c, view, event));
    } else if (error == STORY_NOT_FOUND) {
        reply_problem(out, 404, "there is no event %" PRIu64, r->number);
    } else {
        api_failed(out, error);
    }
    json_decref(event);
    story_view_end(view);
}
