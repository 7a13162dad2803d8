/* Answers feed readers; see greader.h. Events are items, and categories are both feeds and labels:
 * an event is in the feed of its first category, and has the labels of all. What was read and
 * starred is that of me.h. A client signs in with its name and a token, and sends both with each
 * request; there are no sessions. Parameters that are not known are ignored, since each client has
 * some of its own. */
#include "api/greader.h"

#include "api/api.h"
#include "api/feeds_out.h"
#include "api/lists.h"
#include "api/me.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/mem.h"
#include "digest/topic.h"
#include "net/access.h"
#include "net/proxy.h"
#include "net/server.h"
#include "store/event_record.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    USUAL_ITEMS = 20,
    MOST_ITEMS = 250,
    MOST_IDS = 10000,
    MOST_NAMED_ITEMS = 500,              /* i=... of one request */
    MOST_FIELDS = MOST_NAMED_ITEMS + 32, /* of a form */
    MOST_BYTES = REPLY_MAX_BODY / 2,     /* of items that are named */
    MAX_ADDRESS = 2048,
    FEEDS = TOPICS + 1, /* the last one: events without a category */
};

static const char state_prefix[] = "user/-/state/com.google/", label_prefix[] = "user/-/label/";
static const char item_prefix[] = "tag:google.com,2005:reader/item/",
                  plain_type[] = "text/plain; charset=utf-8", no_category[] = "other";

static const char *feed_name(size_t i)
{
    return i < TOPICS ? topic_name(i) : no_category;
}

/* ---- requests -------------------------------------------------------------------------------- */

/* A request with its form, if it is a POST request. */
struct call {
    struct routes_context *c;
    const struct request *r;
    struct reply *out;
    char *form; /* which the fields point into */
    struct request_pair *fields;
    size_t n_fields;
};

static void end_call(struct call *call)
{
    free(call->form);
    free(call->fields);
}

static bool read_form(struct call *call)
{
    call->form = mem_strn(call->r->body, call->r->body_length);
    call->fields = mem_alloc(MOST_FIELDS * sizeof *call->fields);
    return !request_pairs(call->form, call->fields, MOST_FIELDS, &call->n_fields);
}

/* The name of a field of the form, or else a parameter of the address; NULL: there is none. */
static const char *call_text(const struct call *call, const char *name)
{
    for (size_t i = 0; i < call->n_fields; i++)
        if (!strcmp(call->fields[i].name, name))
            return call->fields[i].value;
    return request_parameter(call->r, name);
}

/* 0 for what is no number. */
static uint64_t call_number(const struct call *call, const char *name)
{
    const char *text = call_text(call, name);
    return text && *text && strspn(text, "0123456789") == strlen(text) ? strtoull(text, NULL, 10)
                                                                       : 0;
}

static void ask_to_sign_in(struct reply *out, const char *header)
{
    reply_header(out, header, "true");
    reply_problem(
        out, 401,
        "sign in by POST /accounts/ClientLogin with a name as Email and a token of [http] "
        "as Passwd, and send Authorization: GoogleLogin auth=AUTH");
}

/* Only with a header that no browser sends by itself. */
static bool begin_call(struct call *call, struct routes_context *c, const struct request *r,
                       struct reply *out)
{
    const char *authorization = request_header(r, "Authorization");
    *call = (struct call){.c = c, .r = r, .out = out};
    if (!*r->reader || !authorization || strncasecmp(authorization, "GoogleLogin ", 12) != 0) {
        ask_to_sign_in(out, "Google-Bad-Token");
        return false;
    }
    if (r->method != REQUEST_POST || read_form(call))
        return true;
    end_call(call);
    reply_problem(out, 400, "body: expected a form of at most %d fields", MOST_FIELDS);
    return false;
}

/* Some clients send none, or "x": a page in a browser could not send the header either way. */
static bool has_form_token(const struct call *call)
{
    char expected[ACCESS_FORM_TOKEN];
    const char *given = call_text(call, "T");
    access_form_token(request_header(call->r, "Authorization"), expected);
    if (!given || !*given || !strcmp(given, "x") || access_same_secret(expected, given))
        return true;
    ask_to_sign_in(call->out, "X-Reader-Google-Bad-Token");
    return false;
}

static void reply_plain(struct reply *out, const char *text)
{
    out->type = plain_type;
    buf_adds(&out->body, text);
}

static void reply_json(struct reply *out, json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);
    out->type = "application/json";
    buf_adds(&out->body, text);
    buf_addc(&out->body, '\n');
    free(text);
    json_decref(json);
}

/* ---- signing in ------------------------------------------------------------------------------ */

void greader_login(struct routes_context *c, const struct request *r, struct reply *out)
{
    struct call call = {.c = c, .r = r, .out = out};
    struct buf auth;
    bool ok = read_form(&call);
    const char *name = call_text(&call, "Email"), *token = call_text(&call, "Passwd");
    const char *form = call_text(&call, "output");
    buf_init(&auth, MAX_ADDRESS);
    ok = ok && name && token && *name && proxy_is_user_name(name) && server_is_token(r, token);
    if (ok) {
        escape_text(&auth, ESCAPE_QUERY, name);
        buf_addc(&auth, '/');
        escape_text(&auth, ESCAPE_QUERY, token); /* clients take what is between two "=" */
    }
    const char *text = buf_text(&auth);
    if (!ok) {
        out->status = 401;
        reply_plain(out,
                    "Error=BadAuthentication\nInfo=Email is your name, at most 200 bytes without "
                    "a comma; Passwd is a token of [http] in storyd.conf\n");
    } else if (form && !strcmp(form, "json")) {
        reply_json(out, json_pack("{s:s,s:s,s:s}", "SID", text, "LSID", "null", "Auth", text));
    } else {
        out->type = plain_type;
        buf_addf(&out->body, "SID=%s\nLSID=null\nAuth=%s\n", text, text);
    }
    out->cache = "no-store";
    buf_free(&auth);
    end_call(&call);
}

void greader_token(struct routes_context *c, const struct request *r, struct reply *out)
{
    struct call call;
    char token[ACCESS_FORM_TOKEN];
    if (!begin_call(&call, c, r, out))
        return;
    access_form_token(request_header(r, "Authorization"), token);
    reply_plain(out, token);
    out->cache = "no-store";
    end_call(&call);
}

void greader_user(struct routes_context *c, const struct request *r, struct reply *out)
{
    struct call call;
    if (!begin_call(&call, c, r, out))
        return;
    reply_json(out, json_pack("{s:s,s:s,s:s,s:s}", "userId", r->reader, "userName", r->reader,
                              "userProfileId", r->reader, "userEmail", r->reader));
    end_call(&call);
}

/* ---- feeds and labels ------------------------------------------------------------------------ */

static json_t *prefixed(const char *prefix, const char *name)
{
    return json_sprintf("%s%s", prefix, name);
}

void greader_tags(struct routes_context *c, const struct request *r, struct reply *out)
{
    struct call call;
    if (!begin_call(&call, c, r, out))
        return;
    json_t *tags = json_pack("[{s:o}]", "id", prefixed(state_prefix, "starred"));
    for (size_t i = 0; i < FEEDS; i++)
        json_array_append_new(
            tags,
            json_pack("{s:o,s:s}", "id", prefixed(label_prefix, feed_name(i)), "type", "folder"));
    reply_json(out, json_pack("{s:o}", "tags", tags));
    end_call(&call);
}

/* The page, or a feed, of the events of a category. */
static json_t *category_address(const struct request *r, const char *path, size_t feed)
{
    struct buf text;
    buf_init(&text, MAX_ADDRESS);
    feeds_out_base("", r, &text);
    buf_addf(&text, "%s?category=", path);
    escape_text(&text, ESCAPE_QUERY, feed_name(feed));
    json_t *address = json_string(buf_text(&text));
    buf_free(&text);
    return address;
}

void greader_subscriptions(struct routes_context *c, const struct request *r, struct reply *out)
{
    struct call call;
    json_t *all = json_array();
    if (!begin_call(&call, c, r, out)) {
        json_decref(all);
        return;
    }
    for (size_t i = 0; i < FEEDS; i++)
        json_array_append_new(
            all, json_pack("{s:o,s:s,s:[{s:o,s:s}],s:o,s:o}", "id", json_sprintf("feed/%zu", i + 1),
                           "title", feed_name(i), "categories", "id",
                           prefixed(label_prefix, feed_name(i)), "label", feed_name(i), "url",
                           category_address(r, "/feed.atom", i), "htmlUrl",
                           category_address(r, "/", i)));
    reply_json(out, json_pack("{s:o}", "subscriptions", all));
    end_call(&call);
}

/* ---- streams --------------------------------------------------------------------------------- */

/* Of which events. */
struct stream {
    enum { EVERYTHING, NOTHING, FEED, LABEL } kind;
    uint32_t tag;            /* of a feed or label; 0: of events without a category */
    unsigned must, must_not; /* flags of reading.h */
};

/* What follows "user/ANYBODY/KIND/"; NULL if it is something else. */
static const char *after_user(const char *text, const char *kind)
{
    const char *name = strncmp(text, "user/", 5) ? NULL : strchr(text + 5, '/');
    return name && !strncmp(name, kind, strlen(kind)) ? name + strlen(kind) : NULL;
}

/* The flags of a state; `not`: those that exclude it. */
static void state_flags(const char *text, unsigned *set, unsigned *not_set)
{
    static const struct {
        const char *name;
        unsigned set, not_set;
    } states[] = {{"read", READING_SEEN, 0},
                  {"starred", READING_STARRED, 0},
                  {"unread", 0, READING_SEEN},
                  {"kept-unread", 0, READING_SEEN}};
    const char *name = after_user(text, "/state/com.google/");
    *set = *not_set = 0;
    for (size_t i = 0; name && i < sizeof states / sizeof *states; i++)
        if (!strcmp(states[i].name, name)) {
            *set = states[i].set;
            *not_set = states[i].not_set;
        }
}

static uint32_t tag_of_name(const char *name)
{
    return !strcmp(name, no_category) ? 0 : listing_tag(name);
}

static struct stream read_stream(const char *text)
{
    struct stream s = {.kind = EVERYTHING};
    const char *label = after_user(text, "/label/");
    if (!*text || !strcmp(text, "reading-list") ||
        !strcmp(text, "user/-/state/com.google/reading-list"))
        return s;
    if (label)
        return (struct stream){.kind = LABEL, .tag = tag_of_name(label)};
    if (!strncmp(text, "feed/", 5)) {
        char *end;
        unsigned long feed = strtoul(text + 5, &end, 10);
        if (*end || !feed || feed > FEEDS)
            return (struct stream){.kind = NOTHING};
        return (struct stream){.kind = FEED, .tag = tag_of_name(feed_name(feed - 1))};
    }
    const char *state = after_user(text, "/state/com.google/");
    state_flags(text, &s.must, &s.must_not);
    if (!s.must && !s.must_not && (!state || strcmp(state, "reading-list") != 0))
        s.kind = NOTHING;
    return s;
}

static bool stream_has(const struct stream *s, const struct listing_event *e)
{
    bool has = s->kind == EVERYTHING || (s->kind != NOTHING && e->category == s->tag);
    for (size_t i = 0; !has && s->kind == LABEL && s->tag && i < e->n_tags; i++)
        has = e->tags[i] == s->tag;
    return has;
}

/* ---- items of a stream ----------------------------------------------------------------------- */

/* The `most` first ones behind `after`, by number. */
struct selection {
    struct stream stream;
    const struct reading_state *state;
    int64_t since, until; /* of their last update; 0: any */
    uint64_t after;       /* 0: from the first one on */
    bool oldest_first;
    uint64_t *v; /* at most twice as many, and two */
    size_t most, n;
};

static int oldest_item_first(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static int newest_item_first(const void *a, const void *b)
{
    return oldest_item_first(b, a);
}

/* One more than wanted stays: it shows that there are more. */
static void order_selection(struct selection *s)
{
    qsort(s->v, s->n, sizeof *s->v, s->oldest_first ? oldest_item_first : newest_item_first);
    s->n = s->n > s->most + 1 ? s->most + 1 : s->n;
}

static void select_event(void *arg, const struct listing_event *e)
{
    struct selection *s = arg;
    const unsigned flags = reading_flags(s->state, e->number);
    const bool is_behind =
        !s->after || (s->oldest_first ? e->number > s->after : e->number < s->after);
    if (!is_behind || !stream_has(&s->stream, e) || e->updated < s->since ||
        (s->until && e->updated > s->until) || (flags & s->stream.must) != s->stream.must ||
        flags & s->stream.must_not)
        return;
    s->v[s->n++] = e->number;
    if (s->n == 2 * (s->most + 1))
        order_selection(s);
}

/* Also those that are not listed any more. */
static void select_starred(const struct call *call, struct selection *s)
{
    for (size_t i = 0; i < s->state->n; i++) {
        const struct reading_entry *entry = &s->state->v[i];
        struct listing_event e = {.number = entry->event, .updated = entry->time};
        listing_get(lists_table(call->c->lists), entry->event, &e);
        select_event(s, &e);
    }
}

/* Reads the parameters n, r, ot, nt, c, xt and it. Free `v`. */
static struct selection select_items(const struct call *call, const char *stream, size_t most,
                                     const struct reading_state *state)
{
    const uint64_t wanted = call_number(call, "n");
    const char *order = call_text(call, "r");
    struct selection s = {.stream = read_stream(stream),
                          .state = state,
                          .since = (int64_t)call_number(call, "ot"),
                          .until = (int64_t)call_number(call, "nt"),
                          .after = call_number(call, "c"),
                          .oldest_first = order && !strcmp(order, "o"),
                          .most = !wanted         ? USUAL_ITEMS
                                  : wanted < most ? (size_t)wanted
                                                  : most};
    for (size_t i = 0; i < call->r->n_parameters; i++) {
        const struct request_pair *p = &call->r->parameters[i];
        unsigned set, not_set;
        state_flags(p->value, &set, &not_set);
        if (!strcmp(p->name, "xt")) {
            s.stream.must |= not_set;
            s.stream.must_not |= set;
        } else if (!strcmp(p->name, "it")) {
            s.stream.must |= set;
            s.stream.must_not |= not_set;
        }
    }
    s.v = mem_alloc(2 * (s.most + 1) * sizeof *s.v);
    if (s.stream.must & READING_STARRED)
        select_starred(call, &s);
    else
        listing_each(lists_table(call->c->lists), select_event, &s);
    order_selection(&s);
    return s;
}

/* Of the first `shown` items, where there are more. */
static void set_continuation(json_t *answer, const struct selection *s, size_t shown)
{
    if (shown && shown < s->n)
        json_object_set_new(answer, "continuation", json_sprintf("%" PRIu64, s->v[shown - 1]));
}

void greader_ids(struct routes_context *c, const struct request *r, struct reply *out)
{
    struct call call;
    story_view *view;
    struct reading_state state;
    const char *stream = request_parameter(r, "s");
    if (!begin_call(&call, c, r, out) || !me_begin(c, r, &view, &state, out))
        return;
    struct selection s = select_items(&call, stream ? stream : "", MOST_IDS, &state);
    const size_t shown = s.n < s.most ? s.n : s.most;
    json_t *all = json_array();
    for (size_t i = 0; i < shown; i++)
        json_array_append_new(all, json_pack("{s:o}", "id", json_sprintf("%" PRIu64, s.v[i])));
    json_t *answer = json_pack("{s:o}", "itemRefs", all);
    set_continuation(answer, &s, shown);
    reply_json(out, answer);
    free(s.v);
    me_end(view, &state);
    end_call(&call);
}

/* ---- contents -------------------------------------------------------------------------------- */

static size_t feed_of(const struct event_record *event)
{
    char *const *categories = event->categories.v;
    size_t i = 0;
    while (i < TOPICS && (!event->categories.n || strcmp(topic_name(i), categories[0]) != 0))
        i++;
    return i;
}

static json_t *item_categories(const struct event_record *event, unsigned flags)
{
    char *const *categories = event->categories.v;
    json_t *all = json_pack("[o]", prefixed(state_prefix, "reading-list"));
    for (size_t i = 0; i < event->categories.n; i++)
        json_array_append_new(all, prefixed(label_prefix, categories[i]));
    if (feed_of(event) == TOPICS)
        json_array_append_new(all, prefixed(label_prefix, no_category));
    if (flags & READING_SEEN)
        json_array_append_new(all, prefixed(state_prefix, "read"));
    if (flags & READING_STARRED)
        json_array_append_new(all, prefixed(state_prefix, "starred"));
    return all;
}

static void add_event_page(const struct request *r, uint64_t number, struct buf *out)
{
    feeds_out_base("", r, out);
    buf_addf(out, "/event/%" PRIu64, number);
}

static json_t *item_of(const struct request *r, const struct event_record *event, unsigned flags,
                       size_t *size)
{
    struct buf content, page;
    const size_t feed = feed_of(event);
    buf_init(&content, FEEDS_OUT_CONTENT);
    buf_init(&page, MAX_ADDRESS);
    feeds_out_content(event, &content);
    add_event_page(r, event->number, &page);
    *size += content.len + strlen(event->title);
    json_t *item = json_pack(
        "{s:o,s:o,s:o,s:I,s:I,s:s,s:o,s:[{s:s}],s:[{s:s,s:s}],s:{s:s,s:s},s:o,s:{s:o,s:s,s:o}}",
        "id", json_sprintf("%s%016" PRIx64, item_prefix, event->number), "crawlTimeMsec",
        json_sprintf("%" PRId64 "000", event->updated), "timestampUsec",
        json_sprintf("%" PRId64 "000000", event->updated), "published",
        (json_int_t)event->first_seen, "updated", (json_int_t)event->updated, "title", event->title,
        "author",
        json_sprintf("%" PRIu64 " source%s", event->source_count,
                     event->source_count == 1 ? "" : "s"),
        "canonical", "href", buf_text(&page), "alternate", "href", buf_text(&page), "type",
        "text/html", "summary", "direction", "ltr", "content", buf_text(&content), "categories",
        item_categories(event, flags), "origin", "streamId", json_sprintf("feed/%zu", feed + 1),
        "title", feed_name(feed), "htmlUrl", category_address(r, "/", feed));
    buf_free(&content);
    buf_free(&page);
    return item;
}

/* False for an event that was deleted or merged into another. */
static bool load_item(story_view *view, uint64_t number, struct event_record *event)
{
    struct story_entry e = {.json = ""};
    bool found = !story_event_as_is(view, number, &e);
    return codec_load(&event_table, e.json, e.length, event) && found && !event->merged_into;
}

/* Returns how many were looked at before the answer was full. */
static size_t add_items(const struct call *call, story_view *view,
                        const struct reading_state *state, const uint64_t *v, size_t n,
                        size_t most_bytes, json_t *items)
{
    size_t i = 0, size = 0;
    for (; i < n && size < most_bytes; i++) {
        struct event_record event;
        if (load_item(view, v[i], &event))
            json_array_append_new(items,
                                  item_of(call->r, &event, reading_flags(state, v[i]), &size));
        codec_free(&event_table, &event);
    }
    return i;
}

static json_t *contents(const char *stream, json_t *items)
{
    return json_pack("{s:s,s:I,s:o}", "id",
                     *stream ? stream : "user/-/state/com.google/reading-list", "updated",
                     (json_int_t)wall_clock(), "items", items);
}

void greader_contents(struct routes_context *c, const struct request *r, struct reply *out)
{
    struct call call;
    story_view *view;
    struct reading_state state;
    const char *s = request_parameter(r, "s"), *stream = r->rest ? r->rest : s ? s : "";
    if (!begin_call(&call, c, r, out) || !me_begin(c, r, &view, &state, out))
        return;
    struct selection chosen = select_items(&call, stream, MOST_ITEMS, &state);
    json_t *items = json_array();
    const size_t n = chosen.n < chosen.most ? chosen.n : chosen.most;
    const size_t shown = add_items(&call, view, &state, chosen.v, n, REPLY_PAGE, items);
    json_t *answer = contents(stream, items);
    set_continuation(answer, &chosen, shown);
    reply_json(out, answer);
    free(chosen.v);
    me_end(view, &state);
    end_call(&call);
}

/* Decimal, or hexadecimal in 16 digits with or without the prefix. 0: neither. */
static uint64_t item_number(const char *text)
{
    const size_t prefix = sizeof item_prefix - 1;
    const bool has_prefix = !strncmp(text, item_prefix, prefix);
    const char *digits = has_prefix ? text + prefix : text;
    const bool hex = has_prefix || (strlen(text) == 16 && *text == '0');
    char *end;
    errno = 0;
    uint64_t number = strtoull(digits, &end, hex ? 16 : 10);
    return *digits && strchr(" +-", *digits) == NULL && !*end && !errno ? number : 0;
}

/* The fields i=... of the form; the caller frees `*v`. */
static bool read_item_numbers(const struct call *call, uint64_t **v, size_t *n)
{
    *v = mem_alloc(MOST_NAMED_ITEMS * sizeof **v);
    *n = 0;
    for (size_t i = 0; i < call->n_fields; i++) {
        if (strcmp(call->fields[i].name, "i") != 0)
            continue;
        const uint64_t number = item_number(call->fields[i].value);
        if (!number || *n == MOST_NAMED_ITEMS) {
            reply_problem(call->out, 400,
                          "i=%.60s; expected at most %d items, each a number or %s and 16 "
                          "hexadecimal digits",
                          call->fields[i].value, MOST_NAMED_ITEMS, item_prefix);
            return false;
        }
        (*v)[(*n)++] = number;
    }
    return true;
}

void greader_items(struct routes_context *c, const struct request *r, struct reply *out)
{
    struct call call;
    story_view *view;
    struct reading_state state;
    uint64_t *v = NULL;
    size_t n;
    if (!begin_call(&call, c, r, out))
        return;
    if (read_item_numbers(&call, &v, &n) && me_begin(c, r, &view, &state, out)) {
        json_t *items = json_array();
        add_items(&call, view, &state, v, n, MOST_BYTES, items);
        reply_json(out, contents("", items));
        me_end(view, &state);
    }
    free(v);
    end_call(&call);
}

/* ---- Atom ------------------------------------------------------------------------------------ */

static void add_xml_field(struct buf *out, const char *before, const char *text, const char *after)
{
    buf_adds(out, before);
    escape_text(out, ESCAPE_XML, text);
    buf_adds(out, after);
}

/* "fresh" and "read" are what readers of this form look for. */
static void add_google_label(struct buf *out, const char *label)
{
    buf_addf(out,
             "<category term=\"%s%s\" scheme=\"http://www.google.com/reader/\" label=\"%s\"/>\n",
             state_prefix, label, label);
}

static void add_atom_item(const struct request *r, const struct event_record *event, unsigned flags,
                          struct buf *out)
{
    char time[FEEDS_OUT_TIME];
    struct buf text;
    buf_addf(out, "<entry>\n<id>%s%016" PRIx64 "</id>\n", item_prefix, event->number);
    add_xml_field(out, "<title>", event->title, "</title>\n");
    buf_addf(out, "<updated>%s</updated>\n", feeds_out_time(event->updated, time));
    buf_addf(out, "<published>%s</published>\n", feeds_out_time(event->first_seen, time));
    buf_init(&text, FEEDS_OUT_CONTENT);
    add_event_page(r, event->number, &text);
    add_xml_field(out, "<link rel=\"alternate\" type=\"text/html\" href=\"", buf_text(&text),
                  "\"/>\n");
    add_google_label(out, flags & READING_SEEN ? "read" : "fresh");
    if (flags & READING_STARRED)
        add_google_label(out, "starred");
    buf_clear(&text);
    feeds_out_content(event, &text);
    add_xml_field(out, "<content type=\"html\">", buf_text(&text), "</content>\n</entry>\n");
    buf_free(&text);
}

void greader_atom(struct routes_context *c, const struct request *r, struct reply *out)
{
    struct call call;
    story_view *view;
    struct reading_state state;
    char time[FEEDS_OUT_TIME];
    unsigned long feed = !strncmp(r->rest, "feed/", 5) ? strtoul(r->rest + 5, NULL, 10) : 0;
    const char *title = feed && feed <= FEEDS ? feed_name(feed - 1) : "storyd";
    if (!begin_call(&call, c, r, out) || !me_begin(c, r, &view, &state, out))
        return;
    struct selection s = select_items(&call, r->rest, MOST_ITEMS, &state);
    out->type = "application/atom+xml; charset=utf-8";
    buf_adds(&out->body, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                         "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n");
    add_xml_field(&out->body, "<id>tag:google.com,2005:reader/", r->rest, "</id>\n");
    add_xml_field(&out->body, "<title>", title, "</title>\n<author><name>storyd</name></author>\n");
    buf_addf(&out->body, "<updated>%s</updated>\n", feeds_out_time(wall_clock(), time));
    for (size_t i = 0; i < s.n && i < s.most && out->body.len < REPLY_PAGE; i++) {
        struct event_record event;
        if (load_item(view, s.v[i], &event))
            add_atom_item(r, &event, reading_flags(&state, s.v[i]), &out->body);
        codec_free(&event_table, &event);
    }
    buf_adds(&out->body, "</feed>\n");
    free(s.v);
    me_end(view, &state);
    end_call(&call);
}

/* ---- counts ---------------------------------------------------------------------------------- */

struct unread_count {
    struct stream stream;
    size_t n;
    int64_t newest;
};

/* Of feeds, of labels, and of everything. */
struct unread_counts {
    const struct reading_state *state;
    struct unread_count v[2 * FEEDS + 1];
};

static void count_unread(void *arg, const struct listing_event *e)
{
    struct unread_counts *u = arg;
    const bool unread = !(reading_flags(u->state, e->number) & READING_SEEN);
    for (size_t i = 0; i < sizeof u->v / sizeof *u->v; i++) {
        struct unread_count *count = &u->v[i];
        if (!stream_has(&count->stream, e))
            continue;
        count->n += unread;
        count->newest = e->updated > count->newest ? e->updated : count->newest;
    }
}

static json_t *unread_of(json_t *id, const struct unread_count *count)
{
    return json_pack("{s:o,s:I,s:o}", "id", id, "count", (json_int_t)count->n,
                     "newestItemTimestampUsec", json_sprintf("%" PRId64 "000000", count->newest));
}

void greader_unread(struct routes_context *c, const struct request *r, struct reply *out)
{
    struct call call;
    story_view *view;
    struct reading_state state;
    struct unread_counts u = {.state = &state};
    if (!begin_call(&call, c, r, out) || !me_begin(c, r, &view, &state, out))
        return;
    for (size_t i = 0; i < FEEDS; i++) {
        const uint32_t tag = tag_of_name(feed_name(i));
        u.v[i].stream = (struct stream){.kind = FEED, .tag = tag};
        u.v[FEEDS + i].stream = (struct stream){.kind = LABEL, .tag = tag};
    }
    listing_each(lists_table(c->lists), count_unread, &u);
    json_t *all = json_array();
    for (size_t i = 0; i < FEEDS; i++)
        json_array_append_new(all, unread_of(json_sprintf("feed/%zu", i + 1), &u.v[i]));
    for (size_t i = 0; i < FEEDS; i++)
        json_array_append_new(all,
                              unread_of(prefixed(label_prefix, feed_name(i)), &u.v[FEEDS + i]));
    const struct unread_count *every = &u.v[2 * FEEDS];
    json_array_append_new(all, unread_of(prefixed(state_prefix, "reading-list"), every));
    reply_json(out, json_pack("{s:I,s:o}", "max", (json_int_t)every->n, "unreadcounts", all));
    me_end(view, &state);
    end_call(&call);
}

/* ---- changes --------------------------------------------------------------------------------- */

void greader_edit(struct routes_context *c, const struct request *r, struct reply *out)
{
    struct call call;
    uint64_t *v = NULL;
    size_t n, done;
    unsigned set = 0, clear = 0;
    if (!begin_call(&call, c, r, out))
        return;
    for (size_t i = 0; i < call.n_fields; i++) {
        unsigned with, without;
        state_flags(call.fields[i].value, &with, &without);
        const bool adds = !strcmp(call.fields[i].name, "a");
        if (!adds && strcmp(call.fields[i].name, "r") != 0)
            continue;
        set |= adds ? with : 0;
        clear |= adds ? without : with;
    }
    if (has_form_token(&call) && read_item_numbers(&call, &v, &n) &&
        (!(set | clear) || me_flag(c, r, v, n, set, clear & ~set, &done, out)))
        reply_plain(out, "OK");
    free(v);
    end_call(&call);
}

/* Events that were updated by a time. */
struct mark_until {
    struct stream stream;
    int64_t until;
};

static bool is_marked(void *arg, const struct listing_event *e)
{
    const struct mark_until *m = arg;
    return stream_has(&m->stream, e) && e->updated <= m->until;
}

void greader_mark(struct routes_context *c, const struct request *r, struct reply *out)
{
    struct call call;
    if (!begin_call(&call, c, r, out))
        return;
    const char *text = call_text(&call, "s");
    const uint64_t microseconds = call_number(&call, "ts");
    struct mark_until m = {.stream = read_stream(text ? text : ""),
                           .until = microseconds ? (int64_t)(microseconds / 1000000) : INT64_MAX};
    if (!has_form_token(&call))
        goto out;
    if (!text || m.stream.kind == NOTHING || m.stream.must || m.stream.must_not)
        reply_problem(out, 400, "s=%.60s; expected %sreading-list, a label or a feed",
                      text ? text : "", state_prefix);
    else if (me_mark(c, r, is_marked, &m, m.stream.kind == EVERYTHING, out))
        reply_plain(out, "OK");
out:
    end_call(&call);
}
