/* Writes lists of events as Atom, JSON Feed and ninjs, and an event as ninjs; the lists come from
 * lists.c. */
#include "api/feeds_out.h"

#include "base/escape.h"
#include "api/api.h"
#include "config.h"
#include "digest/topic.h"
#include "api/lists.h"
#include "poll/hub_list.h"
#include "store/generated.h"
#include "store/reader.h"
#include "store/record.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    MAX_NAMED = 50, /* publishers by name */
    MAX_ASSOCIATED = 100,
    MAX_TEXT = 64 << 10,
};

/* ---- names and times ------------------------------------------------------------------------ */

const char *feeds_out_time(int64_t time, char out[FEEDS_OUT_TIME])
{
    struct tm t;
    time_t seconds = time > 0 && time < INT64_C(253402300800) ? (time_t)time : 0;
    gmtime_r(&seconds, &t);
    strftime(out, FEEDS_OUT_TIME, "%Y-%m-%dT%H:%M:%SZ", &t);
    return out;
}

/* In a copy of another store, it may come later. */
static uint64_t installation(struct routes_context *c)
{
    story_view *view;
    if (!c->installation && !story_view_begin(c->db, &view)) {
        c->installation = reader_number(view, "installation");
        story_view_end(view);
    }
    return c->installation;
}

/* tag: URIs (RFC 4151), which must differ between installations and never change: of base_url, or
 * else of the first of the server's names, or else with the random number of the store. */
void feeds_out_tag(struct routes_context *c, struct buf *out, const char *what, uint64_t number)
{
    const char *base = strstr(c->config->http_base_url.text, "://");
    const char *host = base ? base + 3 : c->config->http_hosts.text;
    size_t n = strcspn(host, ":/, \t");
    if (n)
        buf_addf(out, "tag:%.*s,2026:", (int)n, host);
    else
        buf_addf(out, "tag:localhost,2026:%014" PRIx64 "/", installation(c));
    const char *rest = host + n + strspn(host + n, ":/");
    size_t m = n && base ? strlen(rest) : 0;
    while (m && rest[m - 1] == '/')
        m--;
    buf_addf(out, "%.*s%s%s", (int)m, rest, m ? "/" : "", what);
    if (number)
        buf_addf(out, "/%" PRIu64, number);
}

void feeds_out_base(const char *base, const struct request *r, struct buf *out)
{
    const char *proto = request_header(r, "X-Forwarded-Proto");
    size_t n = strlen(base);
    while (n && base[n - 1] == '/')
        n--;
    if (n)
        buf_add(out, base, n);
    else
        buf_addf(out, "%s://%s", proto && !strcmp(proto, "https") ? "https" : "http",
                 r->host && *r->host ? r->host : "localhost");
}

static bool is_cursor(const struct request_pair *p)
{
    return !strcmp(p->name, "cursor");
}

/* The parameters but for the cursor. True when there are any. */
static bool add_own_query(const struct request *r, struct buf *out)
{
    char between = '?';
    for (size_t i = 0; i < r->n_parameters; i++) {
        if (is_cursor(&r->parameters[i]))
            continue;
        buf_addf(out, "%c%s=", between, r->parameters[i].name);
        escape_text(out, ESCAPE_QUERY, r->parameters[i].value);
        between = '&';
    }
    return between == '&';
}

/* The address of this feed's page at `cursor`, or of its first one. */
static void add_feed_address(const struct routes_context *c, const struct request *r,
                             const char *cursor, struct buf *out)
{
    feeds_out_base(c->config->http_base_url.text, r, out);
    buf_adds(out, r->path);
    char between = add_own_query(r, out) ? '&' : '?';
    if (cursor && *cursor)
        buf_addf(out, "%ccursor=%s", between, cursor);
}

void feeds_out_event(const struct routes_context *c, const struct request *r, uint64_t number,
                     struct buf *out)
{
    feeds_out_base(c->config->http_base_url.text, r, out);
    buf_addf(out, "/event/%" PRIu64, number);
}

/* "min_sources: 3, category: business" */
static void add_feed_title(const struct request *r, struct buf *out)
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

static void add_xml_text(struct buf *out, const char *before, const char *text, const char *after)
{
    buf_adds(out, before);
    escape_text(out, ESCAPE_XML, text);
    buf_adds(out, after);
}

/* The sources of a statement, with a link to the article. */
static void add_from(struct buf *out, const char *url, const char *name)
{
    const char *address = record_address(url);
    if (*address)
        add_xml_text(out, "<a href=\"", address, "\">");
    add_xml_text(out, "<em>", codec_text(name), "</em>");
    buf_adds(out, *address ? "</a>" : "");
}

static void add_statement(struct buf *out, const struct digest_statement *s)
{
    buf_adds(out, "<p>");
    if (s->heading)
        add_xml_text(out, "<b>", s->heading, "</b> ");
    add_xml_text(out, "", codec_text(s->text), generated_is(s) ? " generated by " : " ");
    add_from(out, s->url, s->by ? s->by : s->source);
    buf_adds(out, "</p>");
}

static void add_name_texts(struct buf *out, const struct codec_list *names)
{
    char *const *name = names->v;
    for (size_t i = 0; i < names->n; i++)
        add_xml_text(out, i ? ", " : "", name[i], "");
}

/* "6 killed (BBC, Reuters); 4 killed (AP)" */
static void add_dispute(struct buf *out, const struct digest_dispute *dispute)
{
    const struct digest_value *values = dispute->values.v;
    add_xml_text(out, "<p>", codec_text(dispute->what), ": ");
    for (size_t i = 0; i < dispute->values.n; i++) {
        add_xml_text(out, i ? "; " : "", codec_text(values[i].value), " <em>(");
        add_name_texts(out, &values[i].sources);
        buf_adds(out, ")</em>");
    }
    buf_adds(out, "</p>");
}

/* "Mar 17: its title (BBC, Reuters)", and what was new. */
static void add_development(struct buf *out, const struct digest_development *chapter)
{
    const struct digest_new *news = chapter->news.v;
    char time[FEEDS_OUT_TIME];
    add_xml_text(out, "<p><b>", codec_text(chapter->title), "</b> <em>(");
    add_name_texts(out, &chapter->sources);
    buf_addf(out, "; %s)</em></p>", feeds_out_time(chapter->from, time));
    for (size_t i = 0; i < chapter->news.n; i++) {
        add_xml_text(out, "<p>", codec_text(news[i].text), " ");
        add_from(out, news[i].url, news[i].source);
        buf_adds(out, "</p>");
    }
}

static void add_quote_block(struct buf *out, const struct digest_quote *quote)
{
    add_xml_text(out, "<blockquote>", codec_text(quote->text), " ");
    add_from(out, quote->url, quote->handle ? quote->handle : quote->author);
    add_xml_text(out, ", ", codec_text(quote->stance), "</blockquote>");
}

static void put_statements(struct buf *out, const char *title, const struct codec_list *statements)
{
    const struct digest_statement *s = statements->v;
    if (title && statements->n)
        add_xml_text(out, "<h3>", title, "</h3>");
    for (size_t i = 0; i < statements->n; i++)
        add_statement(out, &s[i]);
}

static void put_disputes(struct buf *out, const struct codec_list *disputed)
{
    const struct digest_dispute *d = disputed->v;
    buf_adds(out, disputed->n ? "<h3>Disputed</h3>" : "");
    for (size_t i = 0; i < disputed->n; i++)
        add_dispute(out, &d[i]);
}

static void put_developments(struct buf *out, const struct codec_list *developments)
{
    const struct digest_development *d = developments->v;
    buf_adds(out, developments->n ? "<h3>Developments</h3>" : "");
    for (size_t i = 0; i < developments->n; i++)
        add_development(out, &d[i]);
}

static void add_sentiment(struct buf *out, const struct digest_sentiment *sentiment)
{
    if (!sentiment)
        return;
    const struct digest_quote *quotes = sentiment->quotes.v;
    add_xml_text(out, "<h3>Sentiment</h3><p>", codec_text(sentiment->overall), "</p>");
    for (size_t i = 0; i < sentiment->quotes.n; i++)
        add_quote_block(out, &quotes[i]);
}

/* The text of an event, in the order of its page. */
static void add_parts(const struct event_record *event, struct buf *out)
{
    put_statements(out, NULL, &event->part[EVENT_SUMMARY]);
    put_statements(out, "Details", &event->part[EVENT_DETAILS]);
    put_disputes(out, &event->disputed);
    put_statements(out, "What this means", &event->part[EVENT_MEANING]);
    put_developments(out, &event->developments);
    add_sentiment(out, event->sentiment);
}

void feeds_out_content(const struct event_record *event, struct buf *out)
{
    const struct event_source *sources = event->sources.v;
    add_parts(event, out);
    add_count(out, "<p>", event->source_count, "source");
    add_count(out, ", ", event->article_count, "article");
    add_count(out, ", ", event->report_count, "independent report");
    buf_adds(out, ": ");
    for (size_t i = 0; i < event->sources.n; i++) {
        if (i == MAX_NAMED) {
            buf_adds(out, ", …");
            break;
        }
        add_xml_text(out, i ? ", " : "", sources[i].name, "");
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

/* Writes the events of a page with `each`, which adds to `size`, until the document is full. `next`
 * is the cursor for the remaining ones. */
static void each_event(const struct lists_page *page, struct writing *w,
                       void (*each)(const struct event_record *event, struct writing *w),
                       char next[LISTING_CURSOR])
{
    struct story_entry e;
    size_t i = 0;
    for (; i < page->n && w->size < REPLY_PAGE; i++) {
        if (story_event_as_is(page->view, page->places[i].number, &e))
            continue;
        struct event_record event;
        bool is = codec_load(&event_table, e.json, e.length, &event);
        if (event.updated > w->latest)
            w->latest = event.updated;
        if (is)
            each(&event, w);
        codec_free(&event_table, &event);
    }
    lists_next(page, i, next);
}

void feeds_out_element(struct buf *out, const char *name, const char *text)
{
    buf_addf(out, "<%s>", name);
    escape_text(out, ESCAPE_XML, text);
    buf_addf(out, "</%s>\n", name);
}

static void add_xml(struct buf *out, struct buf *text)
{
    escape_text(out, ESCAPE_XML, buf_text(text));
    buf_free(text);
}

void feeds_out_link(struct buf *out, const char *rel, const char *type, struct buf *address)
{
    buf_addf(out, "<link rel=\"%s\"", rel);
    if (type)
        buf_addf(out, " type=\"%s\"", type);
    buf_adds(out, " href=\"");
    add_xml(out, address);
    buf_adds(out, "\"/>\n");
}

/* The next hub that is told of this feed: only those without filters are announced. Sets `hub`,
 * which feeds_out_link() frees; false at the end. */
static bool next_hub_of(const struct request *r, const char **list, struct buf *hub)
{
    const char *at;
    size_t n = r->n_parameters ? 0 : hub_list_next(list, &at);
    buf_init(hub, MAX_TEXT);
    return n && buf_add(hub, at, n);
}

/* RFC 8288. */
static void link_header(struct reply *reply, const char *rel, struct buf *address)
{
    struct buf value;
    buf_init(&value, MAX_TEXT);
    buf_addf(&value, "<%s>; rel=\"%s\"", buf_text(address), rel);
    reply_header(reply, "Link", buf_text(&value));
    buf_free(&value);
    buf_free(address);
}

static void add_feed_entry(const struct event_record *event, struct writing *w)
{
    struct buf *out = w->out, text;
    char time[FEEDS_OUT_TIME];
    char *const *categories = event->categories.v;
    uint64_t number = event->number;
    buf_adds(out, "<entry>\n<id>");
    buf_init(&text, MAX_TEXT);
    feeds_out_tag(w->c, &text, "event", number);
    add_xml(out, &text);
    buf_adds(out, "</id>\n");
    feeds_out_element(out, "title", event->title);
    feeds_out_element(out, "updated", feeds_out_time(event->updated, time));
    feeds_out_element(out, "published", feeds_out_time(event->first_seen, time));
    feeds_out_event(w->c, w->r, number, &text);
    feeds_out_link(out, "alternate", "text/html", &text);
    if (*record_address(event->url)) {
        buf_adds(&text, record_address(event->url));
        feeds_out_link(out, "related", NULL, &text);
    }
    for (size_t i = 0; i < event->categories.n; i++) {
        buf_adds(out, "<category term=\"");
        escape_text(out, ESCAPE_XML, categories[i]);
        buf_adds(out, "\"/>\n");
    }
    buf_init(&text, FEEDS_OUT_CONTENT);
    feeds_out_content(event, &text);
    buf_adds(out, "<content type=\"html\">");
    add_xml(out, &text);
    buf_adds(out, "</content>\n</entry>\n");
    w->size = out->len;
}

/* The feed's own fields precede the entries, although they depend on where the entries end. */
static void write_atom(struct routes_context *c, const struct request *r,
                       const struct lists_page *page, struct reply *reply)
{
    struct buf *out = &reply->body, entries, text;
    struct writing w = {.c = c, .r = r, .out = &entries};
    char time[FEEDS_OUT_TIME], next[LISTING_CURSOR];
    buf_init(&text, MAX_TEXT);
    buf_init(&entries, REPLY_MAX_BODY);
    each_event(page, &w, add_feed_entry, next);
    reply->type = "application/atom+xml; charset=utf-8";
    buf_adds(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                  "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n<id>");
    feeds_out_tag(c, &text, "events", 0);
    add_own_query(r, &text);
    add_xml(out, &text);
    buf_adds(out, "</id>\n");
    add_feed_title(r, &text);
    feeds_out_element(out, "title", buf_text(&text));
    buf_free(&text);
    feeds_out_element(out, "updated", feeds_out_time(w.latest, time));
    buf_adds(out, "<author><name>storyd</name></author>\n<generator version=\"" STORYD_VERSION
                  "\">storyd</generator>\n");
    add_feed_address(c, r, request_parameter(r, "cursor"), &text);
    feeds_out_link(out, "self", "application/atom+xml", &text);
    for (const char *hubs = c->config->websub_hubs.text; next_hub_of(r, &hubs, &text);)
        feeds_out_link(out, "hub", NULL, &text);
    feeds_out_base(c->config->http_base_url.text, r, &text);
    buf_addc(&text, '/');
    feeds_out_link(out, "alternate", "text/html", &text);
    if (*next) {
        add_feed_address(c, r, next, &text);
        feeds_out_link(out, "next", "application/atom+xml", &text);
    }
    buf_add(out, buf_text(&entries), entries.len);
    out->full |= entries.full;
    buf_adds(out, "</feed>\n");
    buf_free(&entries);
}

/* ---- JSON Feed 1.1 -------------------------------------------------------------------------- */

static json_t *take_json(struct buf *text)
{
    json_t *value = json_string(buf_text(text));
    buf_free(text);
    return value;
}

void feeds_out_set(json_t *object, const char *name, struct buf *text)
{
    json_object_set_new(object, name, take_json(text));
}

static json_t *text_array(const struct codec_list *texts)
{
    char *const *text = texts->v;
    json_t *all = json_array();
    for (size_t i = 0; i < texts->n; i++)
        json_array_append_new(all, json_string(text[i]));
    return all;
}

static void add_item(const struct event_record *event, struct writing *w)
{
    struct buf text;
    char time[FEEDS_OUT_TIME];
    uint64_t number = event->number;
    json_t *item = json_object();
    buf_init(&text, MAX_TEXT);
    feeds_out_tag(w->c, &text, "event", number);
    feeds_out_set(item, "id", &text);
    feeds_out_event(w->c, w->r, number, &text);
    feeds_out_set(item, "url", &text);
    if (*record_address(event->url))
        json_object_set_new(item, "external_url", json_string(event->url));
    json_object_set_new(item, "title", json_string(event->title));
    buf_init(&text, FEEDS_OUT_CONTENT);
    feeds_out_content(event, &text);
    w->size += text.len + strlen(event->title) + strlen(event->url);
    feeds_out_set(item, "content_html", &text);
    json_object_set_new(item, "date_published",
                        json_string(feeds_out_time(event->first_seen, time)));
    json_object_set_new(item, "date_modified", json_string(feeds_out_time(event->updated, time)));
    json_object_set_new(item, "tags", text_array(&event->categories));
    if (event->lang)
        json_object_set_new(item, "language", json_string(event->lang));
    json_array_append_new(w->items, item);
}

void feeds_out_json_text(struct buf *out, json_t *record)
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
    add_feed_title(r, &text);
    feeds_out_set(feed, "title", &text);
    feeds_out_base(c->config->http_base_url.text, r, &text);
    buf_addc(&text, '/');
    feeds_out_set(feed, "home_page_url", &text);
    add_feed_address(c, r, request_parameter(r, "cursor"), &text);
    feeds_out_set(feed, "feed_url", &text);
    json_t *all = json_array();
    for (const char *hubs = c->config->websub_hubs.text; next_hub_of(r, &hubs, &text);)
        json_array_append_new(all,
                              json_pack("{s:s,s:o}", "type", "WebSub", "url", take_json(&text)));
    if (json_array_size(all))
        json_object_set(feed, "hubs", all);
    json_decref(all);
    each_event(page, &w, add_item, next);
    if (*next) {
        add_feed_address(c, r, next, &text);
        feeds_out_set(feed, "next_url", &text);
    }
    json_object_set_new(feed, "authors", json_pack("[{s:s}]", "name", "storyd"));
    json_object_set_new(feed, "items", w.items);
    feeds_out_json_text(&reply->body, feed);
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

/* The summary as the description, and the whole text as the body. ninjs cannot mark a text as
 * generated, so generated text is left out. */
static void add_bodies(const struct event_record *event, json_t *out)
{
    struct codec_list summary = event->part[EVENT_SUMMARY];
    bool copied =
        summary.n && generated_is(summary.v) && event_extracted(event, EVENT_SUMMARY, &summary);
    const struct digest_statement *bullets = summary.v;
    struct buf text;
    buf_init(&text, FEEDS_OUT_CONTENT);
    for (size_t i = 0; i < summary.n; i++)
        buf_addf(&text, "%s%s", i ? "\n" : "", codec_text(bullets[i].text));
    if (copied)
        codec_free_list(&digest_statement_table, &summary);
    if (text.len)
        json_object_set_new(out, "descriptions",
                            one_value("summary", "text/plain", buf_text(&text)));
    buf_free(&text);
    feeds_out_content(event, &text);
    json_object_set_new(out, "bodies", one_value("main", "text/html", buf_text(&text)));
    buf_free(&text);
}

/* With IPTC's own address for those that are its. */
static json_t *subjects(const struct codec_list *names)
{
    char *const *name = names->v;
    json_t *out = json_array();
    for (size_t i = 0; i < names->n; i++) {
        json_t *subject = json_pack("{s:s}", "name", name[i]);
        const char *code = topic_code(name[i]);
        if (code)
            json_object_set_new(subject, "uri",
                                json_sprintf("http://cv.iptc.org/newscodes/mediatopic/%s", code));
        json_array_append_new(out, subject);
    }
    return out;
}

static json_t *info_sources(const struct event_record *event)
{
    const struct event_source *sources = event->sources.v;
    json_t *out = json_array();
    for (size_t i = 0; i < event->sources.n; i++)
        json_array_append_new(
            out, json_pack("{s:s,s:s}", "name", sources[i].name, "literal", sources[i].domain));
    return out;
}

/* An article, as what is associated with its event. */
static json_t *association(struct routes_context *c, const struct article_record *article)
{
    char time[FEEDS_OUT_TIME];
    struct buf uri;
    buf_init(&uri, MAX_TEXT);
    if (*record_address(article->url))
        buf_adds(&uri, record_address(article->url));
    else
        feeds_out_tag(c, &uri, "article", article->number);
    json_t *a = json_pack("{s:s,s:s,s:s,s:s,s:o,s:[{s:s,s:s}]}", "name", article->title, "uri",
                          buf_text(&uri), "type", "text", "contentCreated",
                          feeds_out_time(article->published, time), "headlines",
                          one_value("main", "text/plain", article->title), "infoSources", "name",
                          article->source.name, "literal", article->source.domain);
    if (article->lang)
        json_object_set_new(a, "language", json_string(article->lang));
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
        struct article_record article;
        if (codec_load(&article_table, e.json, e.length, &article))
            json_array_append_new(out, association(c, &article));
        codec_free(&article_table, &article);
    }
    story_list_free(list);
    return out;
}

/* What an event and a list of events have in common. */
static json_t *ninjs_package(struct buf *uri)
{
    json_t *out = json_object();
    feeds_out_set(out, "uri", uri);
    json_object_set_new(out, "standard",
                        json_pack("{s:s,s:s,s:s}", "name", "ninjs", "version", "3.0", "schema",
                                  "https://www.iptc.org/std/ninjs/ninjs-schema_3.0.json"));
    json_object_set_new(out, "type", json_string("composite"));
    json_object_set_new(out, "representationType", json_string("partial"));
    return out;
}

static json_t *ninjs(struct routes_context *c, const struct event_record *event, json_t *associated)
{
    char time[FEEDS_OUT_TIME], version[24];
    struct buf uri;
    buf_init(&uri, MAX_TEXT);
    feeds_out_tag(c, &uri, "event", event->number);
    json_t *out = ninjs_package(&uri);
    snprintf(version, sizeof version, "%" PRIu64, event->seq);
    json_object_set_new(out, "version", json_string(version));
    json_object_set_new(out, "firstCreated", json_string(feeds_out_time(event->first_seen, time)));
    json_object_set_new(out, "versionCreated", json_string(feeds_out_time(event->updated, time)));
    json_object_set_new(out, "contentCreated", json_string(feeds_out_time(event->published, time)));
    json_object_set_new(out, "pubStatus", json_string("usable"));
    if (event->lang)
        json_object_set_new(out, "language", json_string(event->lang));
    json_object_set_new(out, "title", json_string(event->title));
    json_object_set_new(out, "headlines", one_value("main", "text/plain", event->title));
    add_bodies(event, out);
    json_object_set_new(out, "subjects", subjects(&event->categories));
    json_object_set_new(out, "infoSources", info_sources(event));
    json_object_set_new(out, "associations", associated);
    return out;
}

void feeds_out_ninjs(struct routes_context *c, const struct request *r, struct reply *out)
{
    story_view *view;
    struct story_entry e;
    struct event_record event = {.number = 0};
    int error = story_view_begin(c->db, &view);
    if (!error)
        error = story_event(view, r->number, &e);
    if (!error && codec_load(&event_table, e.json, e.length, &event)) {
        out->type = "application/json";
        feeds_out_json_text(&out->body, ninjs(c, &event, associations(c, view, event.number)));
    } else if (error == STORY_NOT_FOUND || error == STORY_GONE) {
        api_no_event(out, view, error, e.number);
    } else {
        api_failed(out, error);
    }
    codec_free(&event_table, &event);
    story_view_end(view);
}

/* The first article of each publisher, as the event's own record has it. */
static json_t *first_articles(const struct event_record *event)
{
    const struct event_source *sources = event->sources.v;
    char time[FEEDS_OUT_TIME];
    json_t *out = json_array();
    for (size_t i = 0; i < event->sources.n && i < MAX_NAMED; i++)
        if (*record_address(sources[i].url))
            json_array_append_new(
                out, json_pack("{s:s,s:s,s:s,s:s,s:[{s:s,s:s}]}", "name", sources[i].name, "uri",
                               record_address(sources[i].url), "type", "text", "contentCreated",
                               feeds_out_time(sources[i].first, time), "infoSources", "name",
                               sources[i].name, "literal", sources[i].domain));
    return out;
}

static void add_ninjs(const struct event_record *event, struct writing *w)
{
    json_t *item = ninjs(w->c, event, first_articles(event));
    json_object_set_new(item, "name", json_string(event->title)); /* as an associated object */
    w->size += json_dumpb(item, NULL, 0, JSON_INDENT(1));
    json_array_append_new(w->items, item);
}

/* A package whose associated objects are the events. ninjs has no place for the address of the next
 * page, so that is in a header. */
static void write_ninjs(struct routes_context *c, const struct request *r,
                        const struct lists_page *page, struct reply *reply)
{
    struct writing w = {.c = c, .r = r, .items = json_array()};
    char next[LISTING_CURSOR], time[FEEDS_OUT_TIME];
    struct buf text;
    buf_init(&text, MAX_TEXT);
    each_event(page, &w, add_ninjs, next);
    feeds_out_tag(c, &text, "events", 0);
    add_own_query(r, &text);
    json_t *list = ninjs_package(&text);
    json_object_set_new(list, "versionCreated", json_string(feeds_out_time(w.latest, time)));
    json_object_set_new(list, "pubStatus", json_string("usable"));
    add_feed_title(r, &text);
    feeds_out_set(list, "title", &text);
    json_object_set_new(list, "associations", w.items);
    reply->type = "application/json";
    feeds_out_json_text(&reply->body, list);
    add_feed_address(c, r, request_parameter(r, "cursor"), &text);
    link_header(reply, "self", &text);
    for (const char *hubs = c->config->websub_hubs.text; next_hub_of(r, &hubs, &text);)
        link_header(reply, "hub", &text);
    if (*next) {
        add_feed_address(c, r, next, &text);
        link_header(reply, "next", &text);
    }
}

void feeds_out_ninjs_list(struct routes_context *c, const struct request *r, struct reply *out)
{
    lists_answer_by(c, r, out, LISTING_UPDATED, write_ninjs);
}
