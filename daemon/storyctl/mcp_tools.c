/* The tools of the Model Context Protocol server (mcp.c). Tools that read open a view for each
 * call; those that decide, and the search of articles, ask the daemon. Answers have the fields of
 * storyd-db(5), without what only storyd needs, and with times as people write them. */
#include "storyctl/mcp_tools.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/moment.h"
#include "base/utf8.h"
#include "builtin.h"
#include "store/record.h"
#include "storyctl/client.h"
#include "storyctl/editing.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

BUILTIN_FILE(mcp_tools_file, "daemon/storyctl/mcp_tools.json");

enum {
    MAX_LISTED = 50,   /* elements of an array of a record */
    MAX_EXCERPT = 400, /* bytes */
};

/* ---- arguments ------------------------------------------------------------------------------ */

static json_int_t bound(const json_t *schema, const char *name, json_int_t absent)
{
    const json_t *value = json_object_get(schema, name);
    return value ? json_integer_value(value) : absent;
}

static json_int_t count_characters(const json_t *text)
{
    json_int_t n = 0;
    for (const char *p = json_string_value(text); *p; p++)
        n += (*p & 0xc0) != 0x80;
    return n;
}

/* The part of JSON Schema that mcp_tools.json uses for arguments. */
static bool conforms(const char *name, const json_t *schema, const json_t *value, struct buf *error)
{
    const char *type = json_string_value(json_object_get(schema, "type"));
    if (!strcmp(type, "boolean")) {
        if (!json_is_boolean(value))
            buf_addf(error, "%s: expected true or false", name);
    } else if (!strcmp(type, "integer")) {
        json_int_t least = bound(schema, "minimum", 0), most = bound(schema, "maximum", 0);
        if (!json_is_integer(value) || json_integer_value(value) < least ||
            json_integer_value(value) > most)
            buf_addf(error, "%s: expected an integer from %" PRId64 " to %" PRId64, name,
                     (int64_t)least, (int64_t)most);
    } else {
        json_int_t least = bound(schema, "minLength", 0), most = bound(schema, "maxLength", 0);
        if (!json_is_string(value) || count_characters(value) < least ||
            count_characters(value) > most)
            buf_addf(error, "%s: expected a string of %" PRId64 " to %" PRId64 " characters", name,
                     (int64_t)least, (int64_t)most);
    }
    return error->len == 0;
}

bool mcp_tool_takes(const json_t *tool, const json_t *arguments, struct buf *error)
{
    const json_t *schema = json_object_get(tool, "inputSchema");
    json_t *properties = json_object_get(schema, "properties");
    const char *name;
    json_t *value, *property;
    size_t i;
    json_object_foreach((json_t *)(uintptr_t)arguments, name, value)
    {
        const json_t *known = json_object_get(properties, name);
        if (!known) {
            buf_addf(error, "unknown argument \"%.100s\"; expected", name);
            json_object_foreach(properties, name, property) buf_addf(error, " %s", name);
            return false;
        }
        if (!conforms(name, known, value, error))
            return false;
    }
    json_array_foreach(json_object_get(schema, "required"), i, value)
    {
        if (json_object_get(arguments, json_string_value(value)))
            continue;
        buf_addf(error, "missing argument %s", json_string_value(value));
        return false;
    }
    return true;
}

static json_int_t number_argument(const json_t *arguments, const char *name, json_int_t absent)
{
    const json_t *value = json_object_get(arguments, name);
    return value ? json_integer_value(value) : absent;
}

static const char *text_argument(const json_t *arguments, const char *name)
{
    return json_string_value(json_object_get(arguments, name));
}

/* ---- records -------------------------------------------------------------------------------- */

static const char *const listed_fields[] = {
    "id",         "title",    "url",          "lang",          "status",
    "first_seen", "updated",  "source_count", "article_count", "report_count",
    "categories", "keywords", "tags",         "pinned",        "muted",
    NULL};
/* Beside those. */
static const char *const event_fields[] = {
    "published", "articles_deleted", "notes",     "summary", "details", "disputed",
    "meaning",   "developments",     "sentiment", "similar", "sources", NULL};
static const char *const article_fields[] = {"id",     "title",     "url",  "source",    "claimed",
                                             "author", "agency",    "lang", "published", "copy_of",
                                             "kind",   "paywalled", NULL};
static const char *const change_fields[] = {"seq",  "time", "kind",     "event", "article",
                                            "from", "into", "decision", NULL};
static const char *const decision_fields[] = {"id",   "time",  "kind", "who",  "why", "event",
                                              "into", "title", "tag",  "text", NULL};

/* What is a time in any record. */
static const char *const times[] = {"first_seen", "updated", "published", "time",
                                    "first",      "from",    "until"};

static json_t *printed(json_int_t seconds)
{
    time_t t = (time_t)seconds;
    struct tm tm;
    char text[32];
    if (!gmtime_r(&t, &tm) || !strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm))
        return json_null();
    return json_string(text);
}

static bool is_time(const char *field)
{
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        if (!strcmp(field, times[i]))
            return true;
    return false;
}

/* Writes times as text and cuts long arrays, at any depth. */
static void tidy_fields(json_t *value)
{
    const char *name;
    json_t *member;
    size_t i;
    while (json_array_size(value) > MAX_LISTED)
        json_array_remove(value, json_array_size(value) - 1);
    json_array_foreach(value, i, member) tidy_fields(member);
    json_object_foreach(value, name, member)
    {
        if (json_is_integer(member) && is_time(name))
            json_object_set_new(value, name, printed(json_integer_value(member)));
        else
            tidy_fields(member);
    }
}

static void add_fields(json_t *to, const json_t *record, const char *const *fields)
{
    for (; *fields; fields++)
        json_object_set(to, *fields, json_object_get(record, *fields));
}

/* A new object with some fields of a record. */
static json_t *fields_of(const json_t *record, const char *const *fields)
{
    json_t *out = json_object();
    add_fields(out, record, fields);
    tidy_fields(out);
    return out;
}

/* The record of an entry, with addresses as record_add() leaves them; NULL if it is no object. */
static json_t *clean_record(struct command_options *o, const struct story_entry *entry)
{
    struct buf safe;
    command_end_if_asked(o);
    buf_init(&safe, SIZE_MAX / 2);
    record_add(&safe, entry->json, entry->length);
    json_t *record = json_loadb(buf_text(&safe), safe.len, 0, NULL);
    buf_free(&safe);
    if (json_is_object(record))
        return record;
    json_decref(record);
    return NULL;
}

/* ---- tools that read ------------------------------------------------------------------------ */

/* Each reads from the open view into *out, and returns an error of libstory. What it explains
 * itself is in `error`. */

static int search_events(struct command_options *o, const json_t *arguments, json_t **out,
                         struct buf *error)
{
    const char *text = text_argument(arguments, "since");
    int64_t since = 0;
    json_int_t left = number_argument(arguments, "limit", 20);
    if (text && !moment_read(text, wall_clock(), false, &since)) {
        buf_adds(error, "since: expected " MOMENT_FORMS);
        return 0;
    }
    const struct story_filter filter = {.min_sources = number_argument(arguments, "min_sources", 0),
                                        .since = since,
                                        .category = text_argument(arguments, "category"),
                                        .lang = text_argument(arguments, "language"),
                                        .source = text_argument(arguments, "source"),
                                        .words = text_argument(arguments, "words")};
    story_list *list;
    struct story_entry entry;
    json_t *events = json_array(), *record;
    int failed = story_events_where(o->view, &filter, &list);
    while (!failed && !(failed = story_next(list, &entry)) && left-- > 0) {
        record = clean_record(o, &entry);
        if (!record)
            failed = STORY_CORRUPT;
        else
            json_array_append_new(events, fields_of(record, listed_fields));
        json_decref(record);
    }
    story_list_free(list);
    *out = json_pack("{s:o,s:b}", "events", events, "more", !failed);
    return failed == STORY_END ? 0 : failed;
}

/* With the beginning of its summary, or else of its text. */
static json_t *excerpted(const json_t *article)
{
    json_t *out = fields_of(article, article_fields);
    const char *text = record_text(article, "summary");
    if (!*text)
        text = record_text(article, "text");
    size_t n = utf8_cut(text, strnlen(text, MAX_EXCERPT));
    json_object_set_new(out, "excerpt",
                        json_sprintf("%.*s%s", (int)n, text, text[n] ? "\xe2\x80\xa6" : ""));
    return out;
}

/* At most `left` articles of an event after number *last, which is set to the last one's. */
static int add_excerpts(struct command_options *o, uint64_t event, json_int_t left, uint64_t *last,
                        bool *more, json_t *articles)
{
    story_list *list;
    struct story_entry entry;
    const uint64_t after = *last;
    int failed = story_articles_of(o->view, event, &list);
    while (!failed && !*more && !(failed = story_next(list, &entry))) {
        if (entry.number <= after)
            continue;
        *more = left-- == 0;
        json_t *record = *more ? NULL : clean_record(o, &entry);
        if (record) {
            json_array_append_new(articles, excerpted(record));
            *last = entry.number;
        } else if (!*more) {
            failed = STORY_CORRUPT;
        }
        json_decref(record);
    }
    story_list_free(list);
    return failed == STORY_END ? 0 : failed;
}

static int get_event(struct command_options *o, const json_t *arguments, json_t **out,
                     struct buf *error)
{
    uint64_t number = (uint64_t)number_argument(arguments, "event", 0);
    uint64_t last = (uint64_t)number_argument(arguments, "after", 0);
    struct story_entry entry;
    bool more = false;
    int failed = story_event(o->view, number, &entry);
    if (failed == STORY_NOT_FOUND || failed == STORY_GONE) {
        buf_addf(error, "event %" PRIu64 " %s; search_events lists events", number,
                 failed == STORY_GONE ? "was deleted because of its age" : "does not exist");
        return 0;
    }
    json_t *record = failed ? NULL : clean_record(o, &entry), *articles = json_array();
    json_t *event = json_object();
    add_fields(event, record, listed_fields);
    add_fields(event, record, event_fields);
    tidy_fields(event);
    json_decref(record);
    if (!failed && !record)
        failed = STORY_CORRUPT;
    if (!failed)
        failed = add_excerpts(o, entry.number, number_argument(arguments, "articles", 20), &last,
                              &more, articles);
    *out = json_pack("{s:o,s:o,s:o}", "event", event, "articles", articles, "next",
                     more ? json_integer((json_int_t)last) : json_null());
    return failed;
}

static json_t *titled_change(struct command_options *o, const struct story_entry *entry)
{
    char title[1024];
    struct story_entry event;
    json_t *change = clean_record(o, entry), *out = json_object();
    add_fields(out, change, change_fields); /* in which `from` is no time */
    json_object_set_new(out, "time", printed((json_int_t)record_number(change, "time")));
    if (!story_event(o->view, entry->number, &event) &&
        !story_text(&event, "title", title, sizeof title))
        json_object_set_new(out, "title", json_string(title));
    json_decref(change);
    return out;
}

static int changes_since(struct command_options *o, const json_t *arguments, json_t **out,
                         struct buf *error)
{
    uint64_t newest = story_last_seq(o->view);
    uint64_t seq = (uint64_t)number_argument(arguments, "cursor", (json_int_t)newest);
    json_int_t left = number_argument(arguments, "limit", 100);
    story_list *list = NULL;
    struct story_entry entry;
    json_t *changes = json_array();
    int failed = seq > newest ? STORY_NOT_FOUND : story_changes_since(o->view, seq, &list);
    bool gone = failed == STORY_GONE;
    if (gone)
        buf_addf(error,
                 "gone: changes after cursor %" PRIu64 " were deleted because of their age; read "
                 "the events that you need with search_events, then continue with cursor %" PRIu64,
                 seq, newest);
    else if (failed == STORY_NOT_FOUND)
        buf_addf(error, "cursor %" PRIu64 " is in the future: the last change is %" PRIu64, seq,
                 newest);
    if (error->len)
        seq = newest;
    while (!failed && left-- > 0 && !(failed = story_next(list, &entry))) {
        json_array_append_new(changes, titled_change(o, &entry));
        seq = entry.seq;
    }
    story_list_free(list);
    *out = json_pack("{s:o,s:I,s:b}", "changes", changes, "cursor", (json_int_t)seq, "more",
                     seq < newest);
    if (gone)
        json_object_set_new(*out, "gone", json_true());
    return error->len || failed == STORY_END ? 0 : failed;
}

/* ---- tools that ask the daemon -------------------------------------------------------------- */

/* The response if it has the status; else NULL with a message in `error`. */
static json_t *ask_daemon(const struct command_options *o, const char *path, const json_t *body,
                          int expected, struct buf *error)
{
    json_t *answer;
    int status = client_call(o, path, body, &answer, error);
    if (status == expected)
        return answer;
    if (status > 0) {
        const char *detail = record_text(answer, "detail");
        buf_adds(error, *detail ? detail : "storyd refused the request");
    }
    json_decref(answer);
    return NULL;
}

static json_t *found_result(const json_t *result)
{
    struct buf excerpt;
    json_t *part;
    size_t i;
    buf_init(&excerpt, 1 << 16);
    json_array_foreach(json_object_get(result, "snippet"), i, part)
        buf_adds(&excerpt, record_text(part, "text"));
    json_t *out = json_pack("{s:o,s:I,s:o,s:s}", "event",
                            fields_of(json_object_get(result, "event"), listed_fields), "matches",
                            (json_int_t)record_number(result, "matches"), "article",
                            fields_of(json_object_get(result, "article"), article_fields),
                            "excerpt", buf_text(&excerpt));
    buf_free(&excerpt);
    return out;
}

static json_t *search_articles(const struct command_options *o, const json_t *arguments,
                               struct buf *error)
{
    const char *order = text_argument(arguments, "order");
    struct buf path;
    buf_init(&path, 8192);
    buf_adds(&path, "/api/v1/search?q=");
    escape_text(&path, ESCAPE_QUERY, text_argument(arguments, "query"));
    buf_adds(&path, "&order=");
    escape_text(&path, ESCAPE_QUERY, order ? order : "relevance");
    buf_addf(&path, "&limit=%" PRId64, (int64_t)number_argument(arguments, "limit", 20));
    json_t *answer = ask_daemon(o, buf_text(&path), NULL, 200, error), *results, *result;
    buf_free(&path);
    if (!answer)
        return NULL;
    size_t i;
    results = json_array();
    json_array_foreach(json_object_get(answer, "results"), i, result)
        json_array_append_new(results, found_result(result));
    json_t *out = json_pack("{s:o,s:b,s:b}", "results", results, "more",
                            json_is_string(json_object_get(answer, "next")), "complete",
                            json_is_true(json_object_get(answer, "complete")));
    json_decref(answer);
    return out;
}

/* The kinds of decisions, and those with `off`. */
static const struct {
    const char *tool, *kind, *off;
} decisions[] = {{"tag_event", "tag", "untag"},    {"note_event", "note", NULL},
                 {"pin_event", "pin", "unpin"},    {"mute_event", "mute", "unmute"},
                 {"rename_event", "rename", NULL}, {"merge_events", "merge", NULL}};

static json_t *decide(const struct command_options *o, size_t decision, const json_t *arguments,
                      struct buf *error)
{
    bool off = json_is_true(json_object_get(arguments, "off"));
    const char *why = text_argument(arguments, "reason");
    json_t *ask = json_copy((json_t *)(uintptr_t)arguments);
    json_object_del(ask, "off");
    json_object_del(ask, "reason");
    json_object_set_new(ask, "kind",
                        json_string(off ? decisions[decision].off : decisions[decision].kind));
    json_object_set_new(ask, "who", json_string(o->who ? o->who : editing_login()));
    json_object_set_new(ask, "why", json_string(why ? why : ""));
    json_t *answer = ask_daemon(o, "/api/v1/decisions", ask, 201, error);
    json_t *out = answer ? fields_of(answer, decision_fields) : NULL;
    json_decref(answer);
    json_decref(ask);
    return out;
}

/* ---- all tools ------------------------------------------------------------------------------ */

static const struct {
    const char *tool;
    int (*read)(struct command_options *o, const json_t *arguments, json_t **out,
                struct buf *error);
} readers[] = {
    {"search_events", search_events}, {"get_event", get_event}, {"changes_since", changes_since}};

json_t *mcp_tools(const struct command_options *o)
{
    json_t *all =
        json_loadb(mcp_tools_file, (size_t)(mcp_tools_file_end - mcp_tools_file), 0, NULL);
    for (size_t i = json_array_size(all); !o->write && i-- > 0;) {
        const json_t *annotations = json_object_get(json_array_get(all, i), "annotations");
        if (!json_is_true(json_object_get(annotations, "readOnlyHint")))
            json_array_remove(all, i);
    }
    return all;
}

json_t *mcp_tool_run(struct command_options *o, const json_t *tool, const json_t *arguments,
                     struct buf *error)
{
    const char *name = record_text(tool, "name");
    json_t *out = NULL;
    for (size_t i = 0; i < sizeof decisions / sizeof *decisions; i++)
        if (!strcmp(name, decisions[i].tool))
            return decide(o, i, arguments, error);
    if (!strcmp(name, "search_articles"))
        return search_articles(o, arguments, error);
    size_t r = 0;
    while (strcmp(name, readers[r].tool) != 0)
        r++;
    command_hold(o);
    int failed = story_open(o->db, &o->db_open);
    if (!failed)
        failed = story_view_begin(o->db_open, &o->view);
    if (!failed)
        failed = readers[r].read(o, arguments, &out, error);
    command_close(o);
    if (failed) {
        buf_addf(error, "%s: %s", o->db, story_strerror(failed));
        json_decref(out);
        out = NULL;
    }
    return out;
}
