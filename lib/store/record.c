/* Creates and changes the JSON of public records; see record.h. Called by ingest and the readers of
 * records. Stores nothing: callers write the records. */
#define _GNU_SOURCE /* memrchr */
#include "store/record.h"

#include "base/url.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HOUR = 3600, HALF_A_DAY = 43200 };

static json_t *text_or_null(const char *s)
{
    return s && *s ? json_string(s) : json_null();
}

uint64_t record_number(const json_t *record, const char *field)
{
    return (uint64_t)json_integer_value(json_object_get(record, field));
}

const char *record_text(const json_t *record, const char *field)
{
    const char *s = json_string_value(json_object_get(record, field));
    return s ? s : "";
}

const char *record_address(const char *url)
{
    return url && url_is_http(url) ? url : "";
}

/* Records are compact JSON: outside a string, a member's name is in quotes directly before its
 * colon; inside one, quotes follow a backslash. */
void record_add(struct buf *out, const char *json, size_t n)
{
    static const char *const fields[] = {"\"url", "\"link", "\"image", "\"home"};
    const char *end = json + n, *from = json;
    for (const char *at = json; (at = memchr(at, ':', (size_t)(end - at))); at++) {
        if (at == json || at[-1] != '"' || end - at < 3 || at[1] != '"' || at[2] == '"')
            continue;
        const char *name_end = at - 1, *value = at + 2, *stop = value;
        bool is_address = false;
        for (size_t i = 0; i < sizeof fields / sizeof *fields && !is_address; i++) {
            size_t m = strlen(fields[i]);
            is_address = (size_t)(name_end - json) >= m && !memcmp(name_end - m, fields[i], m);
        }
        if (!is_address)
            continue;
        while (stop < end && *stop != '"')
            stop += *stop == '\\' ? 2 : 1;
        stop = stop < end ? stop : end;
        size_t scheme = (size_t)(stop - value) < 9           ? 0
                        : !strncasecmp(value, "http://", 7)  ? 7
                        : !strncasecmp(value, "https://", 8) ? 8
                                                             : 0;
        const char *host = value + scheme, *path = host, *login;
        while (path < stop && !strchr("/?#", *path))
            path++;
        if (!scheme) {
            buf_add(out, from, (size_t)(value - 1 - from));
            buf_adds(out, name_end[-1] == 'l' ? "\"\"" : "null"); /* url is always a string */
            from = stop < end ? stop + 1 : end;
        } else if ((login = memrchr(host, '@', (size_t)(path - host)))) {
            buf_add(out, from, (size_t)(host - from));
            from = login + 1;
        }
        at = stop - 1;
    }
    buf_add(out, from, (size_t)(end - from));
}

static int64_t field_time(const json_t *record, const char *field)
{
    return json_integer_value(json_object_get(record, field));
}

static void set_number(json_t *record, const char *field, int64_t value)
{
    json_object_set_new(record, field, json_integer(value));
}

/* ---- fields ---------------------------------------------------------------------------------- */

/* The fields of a record, in the order in which they are written, and the kind of their initial
 * value: for new records and for those of an older version that lack a field. */
struct field {
    const char *name;
    char kind; /* s string, n number, a array, b boolean, 0 null */
};

static const struct field article_fields[] = {
    {"id", 'n'},      {"event", 'n'},    {"title", 's'},     {"url", 's'},        {"link", 0},
    {"guid", 0},      {"feed", 'n'},     {"source", 0},      {"claimed", 0},      {"author", 0},
    {"agency", 0},    {"lang", 0},       {"published", 'n'}, {"seen", 'n'},       {"updated", 0},
    {"summary", 0},   {"text", 0},       {"image", 0},       {"categories", 'a'}, {"copy_of", 0},
    {"also_in", 'a'}, {"versions", 'a'}, {"standing", 'n'},  {"section", 0},      {"canonical", 0},
    {"kind", 0},      {"paywalled", 0},  {"words", 0},       {"page", 0},         {NULL, 0},
};

static const struct field event_fields[] = {
    {"id", 'n'},
    {"title", 's'},
    {"url", 's'},
    {"lang", 0},
    {"lead", 'n'},
    {"first_seen", 'n'},
    {"updated", 'n'},
    {"published", 'n'},
    {"source_count", 'n'},
    {"article_count", 'n'},
    {"report_count", 'n'},
    {"sources", 'a'},
    {"feeds", 'a'},
    {"categories", 'a'},
    {"keywords", 'a'},
    {"summary", 'a'},
    {"details", 'a'},
    {"meaning", 0},
    {"sentiment", 0},
    {"post_count", 'n'},
    {"similar", 'a'},
    {"disputed", 'a'},
    {"developments", 'a'},
    {"written", 0},
    {"generated", 0},
    {"extracted", 0},
    {"score", 'n'},
    {"velocity", 'n'},
    {"velocity_before", 'n'},
    {"signal", 'n'},
    {"leaning", 0},
    {"headline", 0},
    {"pinned", 'b'},
    {"muted", 'b'},
    {"tags", 'a'},
    {"notes", 'a'},
    {"status", 's'},
    {"merged_into", 0},
    {"seq", 'n'},
    {NULL, 0},
};

static const struct field *const fields_of[] = {
    [RECORD_ARTICLE] = article_fields, [RECORD_EVENT] = event_fields};

static json_t *until_set(char kind)
{
    return kind == 's'   ? json_string("")
           : kind == 'n' ? json_integer(0)
           : kind == 'a' ? json_array()
           : kind == 'b' ? json_false()
                         : json_null();
}

json_t *record_default(enum record_kind kind, const char *field)
{
    const struct field *f = fields_of[kind];
    while (f->name && strcmp(f->name, field) != 0)
        f++;
    return until_set(f->kind);
}

void record_fill(enum record_kind kind, json_t *record)
{
    if (kind == RECORD_EVENT && !strcmp(record_text(record, "status"), "merged"))
        return; /* record_event_merged() defines what is left of it */
    for (const struct field *f = fields_of[kind]; f->name; f++)
        if (!json_object_get(record, f->name))
            json_object_set_new(record, f->name, until_set(f->kind));
}

const char *record_misfit(enum record_kind kind, const json_t *record)
{
    for (const struct field *f = fields_of[kind]; f->name; f++) {
        const json_t *value = json_object_get(record, f->name);
        bool fits = !value || !f->kind || (f->kind == 's' && json_is_string(value)) ||
                    (f->kind == 'n' && json_is_number(value)) ||
                    (f->kind == 'a' && json_is_array(value)) ||
                    (f->kind == 'b' && json_is_boolean(value));
        if (!fits)
            return f->name;
    }
    return NULL;
}

json_t *record_new(enum record_kind kind, uint64_t number)
{
    json_t *record = json_object();
    record_fill(kind, record);
    set_number(record, "id", (int64_t)number);
    return record;
}

/* ---- articles -------------------------------------------------------------------------------- */

static json_t *article_source(const struct feed_article *a)
{
    json_t *source = json_pack("{s:s,s:s}", "name", a->source, "domain", a->domain);
    if (a->formerly)
        json_object_set_new(source, "formerly", json_string(a->formerly));
    return source;
}

static json_t *claim_of(const struct feed_article *a)
{
    return a->claimed_domain
               ? json_pack("{s:s,s:s}", "name", a->claimed_source, "domain", a->claimed_domain)
               : json_null();
}

static void set_categories(json_t *article, const struct feed_article *a)
{
    json_t *categories = json_array();
    for (size_t i = 0; i < a->n_categories && i < RECORD_MAX_CATEGORIES; i++)
        json_array_append_new(categories, json_string(a->categories[i]));
    json_object_set_new(article, "categories", categories);
}

size_t record_categories(const json_t *article, const char *out[RECORD_MAX_CATEGORIES])
{
    size_t n = 0, i;
    json_t *one;
    json_array_foreach(json_object_get(article, "categories"), i, one)
    {
        if (n < RECORD_MAX_CATEGORIES && json_is_string(one))
            out[n++] = json_string_value(one);
    }
    return n;
}

json_t *record_article(const struct feed_article *a, const struct record_arrival *arrival)
{
    json_t *r = record_new(RECORD_ARTICLE, arrival->article);
    set_number(r, "event", (int64_t)arrival->event);
    json_object_set_new(r, "title", json_string(a->title));
    json_object_set_new(r, "url", json_string(a->url));
    json_object_set_new(r, "link", text_or_null(a->link));
    json_object_set_new(r, "guid", text_or_null(a->guid));
    set_number(r, "feed", (int64_t)arrival->feed);
    json_object_set_new(r, "source", article_source(a));
    json_object_set_new(r, "claimed", claim_of(a));
    json_object_set_new(r, "author", text_or_null(a->author));
    json_object_set_new(r, "agency", text_or_null(a->agency));
    json_object_set_new(r, "lang", text_or_null(arrival->lang));
    set_number(r, "published", arrival->published);
    set_number(r, "seen", arrival->seen);
    json_object_set_new(r, "summary", text_or_null(a->summary));
    json_object_set_new(r, "text", text_or_null(a->text));
    json_object_set_new(r, "image", text_or_null(a->image));
    set_categories(r, a);
    json_object_set_new(
        r, "copy_of", arrival->copy_of ? json_integer((json_int_t)arrival->copy_of) : json_null());
    return r;
}

bool record_article_seen_in(json_t *article, uint64_t feed, const char *guid)
{
    json_t *also = json_object_get(article, "also_in"), *seen;
    size_t i;
    json_array_foreach(also, i,
                       seen) if (record_number(seen, "feed") == feed &&
                                 !strcmp(record_text(seen, "guid"), guid ? guid : "")) return false;
    if (i == RECORD_MAX_SIGHTINGS)
        return false;
    json_array_append_new(
        also, json_pack("{s:I,s:o}", "feed", (json_int_t)feed, "guid", text_or_null(guid)));
    return true;
}

/* A different spelling, or other tracking parameters, do not make a different address. */
static bool same_address(const char *url, const char *other)
{
    if (!strcmp(url, other))
        return true;
    char *key = publisher_url_key(url), *other_key = publisher_url_key(other);
    bool same = *key && !strcmp(key, other_key);
    free(key);
    free(other_key);
    return same;
}

void record_article_renamed(json_t *article, const char *guid)
{
    record_article_seen_in(article, record_number(article, "feed"), record_text(article, "guid"));
    json_object_set_new(article, "guid", text_or_null(guid));
}

enum record_edit record_article_update(json_t *article, const struct feed_article *a, int64_t seen)
{
    const char *summary = a->summary ? a->summary : "";
    const char *text = a->text ? a->text : "";
    bool moved = !same_address(record_text(article, "url"), a->url);
    json_object_set_new(article, "url", json_string(a->url));
    json_object_set_new(article, "link", text_or_null(a->link));
    if (!strcmp(record_text(article, "title"), a->title) &&
        !strcmp(record_text(article, "summary"), summary) &&
        !strcmp(record_text(article, "text"), text))
        return moved ? RECORD_MOVED : RECORD_SAME;
    json_t *versions = json_object_get(article, "versions");
    int64_t since =
        field_time(article, json_is_null(json_object_get(article, "updated")) ? "seen" : "updated");
    if (json_array_size(versions) == RECORD_MAX_VERSIONS)
        json_array_remove(versions, 1); /* the first text stays */
    json_array_append_new(versions, json_pack("{s:I,s:O,s:O}", "since", (json_int_t)since, "title",
                                              json_object_get(article, "title"), "summary",
                                              json_object_get(article, "summary")));
    json_object_set_new(article, "title", json_string(a->title));
    json_object_set_new(article, "agency", text_or_null(a->agency));
    json_object_set_new(article, "summary", text_or_null(a->summary));
    json_object_set_new(article, "text", text_or_null(a->text));
    set_number(article, "updated", seen);
    set_number(article, "standing", 0);
    return RECORD_EDITED;
}

void record_article_take_over(json_t *article, const struct feed_article *a, uint64_t feed)
{
    json_t *also = json_object_get(article, "also_in");
    for (size_t i = json_array_size(also); i-- > 0;)
        if (record_number(json_array_get(also, i), "feed") == feed)
            json_array_remove(also, i);
    record_article_seen_in(article, record_number(article, "feed"), record_text(article, "guid"));
    set_number(article, "feed", (int64_t)feed);
    json_object_set_new(article, "guid", text_or_null(a->guid));
    json_object_set_new(article, "source", article_source(a));
    json_object_set_new(article, "claimed", claim_of(a));
    json_object_set_new(article, "author", text_or_null(a->author));
    json_object_set_new(article, "image", text_or_null(a->image));
    set_categories(article, a);
    if (a->published != FEED_NO_TIME && a->published <= field_time(article, "seen"))
        set_number(article, "published", a->published);
}

/* ---- events ---------------------------------------------------------------------------------- */

json_t *record_event(uint64_t number)
{
    json_t *e = record_new(RECORD_EVENT, number);
    json_object_set_new(e, "status", json_string("open"));
    return e;
}

const char *record_first_domain(const json_t *source)
{
    const char *formerly = record_text(source, "formerly");
    return *formerly ? formerly : record_text(source, "domain");
}

static json_t *find_source(json_t *sources, const json_t *like)
{
    size_t i;
    json_t *source;
    json_array_foreach(sources, i, source) if (!strcmp(record_first_domain(source),
                                                       record_first_domain(like))) return source;
    return NULL;
}

bool record_counts_reports(const json_t *event)
{
    const json_t *first = json_array_get(json_object_get(event, "sources"), 0);
    return !first || json_object_get(first, "reports");
}

static void count_sources(json_t *event)
{
    size_t i, reports = 0;
    json_t *source, *sources = json_object_get(event, "sources");
    json_array_foreach(sources, i, source) reports += record_number(source, "reports") > 0;
    set_number(event, "source_count", (int64_t)json_array_size(sources));
    set_number(event, "report_count", (int64_t)reports);
}

/* Adds a publisher's articles; `of` has its name and domain. Sources are ordered by their first
 * report. */
static void add_event_source(json_t *event, const json_t *of, int64_t articles, int64_t reports,
                             int64_t first)
{
    json_t *sources = json_object_get(event, "sources"), *source = find_source(sources, of);
    if (source) {
        json_incref(source);
        for (size_t i = 0; i < json_array_size(sources); i++)
            if (json_array_get(sources, i) == source)
                json_array_remove(sources, i);
        if (field_time(source, "first") < first)
            first = field_time(source, "first");
        articles += field_time(source, "articles");
        reports += field_time(source, "reports");
        if (*record_text(of, "formerly")) { /* its site has moved since */
            json_object_set(source, "domain", json_object_get(of, "domain"));
            json_object_set(source, "formerly", json_object_get(of, "formerly"));
        }
    } else {
        source = json_pack("{s:O,s:O}", "name", json_object_get(of, "name"), "domain",
                           json_object_get(of, "domain"));
        if (*record_text(of, "formerly"))
            json_object_set(source, "formerly", json_object_get(of, "formerly"));
    }
    set_number(source, "articles", articles);
    set_number(source, "reports", reports);
    set_number(source, "first", first);
    size_t at = 0;
    while (at < json_array_size(sources) &&
           field_time(json_array_get(sources, at), "first") <= first)
        at++;
    json_array_insert_new(sources, at, source);
    count_sources(event);
}

bool record_event_seen_in(json_t *event, uint64_t feed)
{
    json_t *feeds = json_object_get(event, "feeds"), *one;
    size_t i;
    json_array_foreach(feeds, i, one) if ((uint64_t)json_integer_value(one) == feed) return false;
    return i < RECORD_MAX_FEEDS && !json_array_append_new(feeds, json_integer((json_int_t)feed));
}

static void add_feeds(json_t *event, const json_t *article)
{
    size_t i;
    json_t *seen;
    record_event_seen_in(event, record_number(article, "feed"));
    json_array_foreach(json_object_get(article, "also_in"), i, seen)
        record_event_seen_in(event, record_number(seen, "feed"));
}

static void add_articles(json_t *event, int64_t articles, int64_t published)
{
    int64_t before = field_time(event, "published");
    if (field_time(event, "article_count") == 0 || published < before)
        set_number(event, "published", published);
    set_number(event, "article_count", field_time(event, "article_count") + articles);
}

void record_event_join(json_t *event, json_t *article, int64_t seen)
{
    const json_t *source = json_object_get(article, "source");
    int64_t published = field_time(article, "published");
    bool copy = !json_is_null(json_object_get(article, "copy_of"));
    int64_t first_seen = field_time(article, "seen");
    if (field_time(event, "article_count") == 0 || first_seen < field_time(event, "first_seen"))
        set_number(event, "first_seen", first_seen);
    add_articles(event, 1, published);
    add_event_source(event, source, 1, !copy, published);
    add_feeds(event, article);
    if (json_is_null(json_object_get(event, "lang")))
        json_object_set(event, "lang", json_object_get(article, "lang"));
    set_number(event, "updated", seen);
    set_number(article, "event", field_time(event, "id"));
}

void record_event_copied(json_t *event, json_t *article, uint64_t origin)
{
    int64_t was_report = json_is_null(json_object_get(article, "copy_of")), is_report = !origin;
    json_t *source =
        find_source(json_object_get(event, "sources"), json_object_get(article, "source"));
    if (source)
        set_number(source, "reports", field_time(source, "reports") + is_report - was_report);
    count_sources(event);
    json_object_set_new(article, "copy_of",
                        origin ? json_integer((json_int_t)origin) : json_null());
}

void record_event_clear(json_t *event)
{
    set_number(event, "article_count", 0);
    set_number(event, "report_count", 0);
    set_number(event, "source_count", 0);
    json_array_clear(json_object_get(event, "sources"));
    json_array_clear(json_object_get(event, "feeds"));
    json_object_del(event, "articles_deleted"); /* what is counted now are those that are stored */
}

static void add_all(json_t *into, const json_t *from, const char *field)
{
    size_t i;
    json_t *one, *all = json_object_get(into, field);
    json_array_foreach(json_object_get(from, field), i, one)
    {
        bool known = json_array_size(all) >= RECORD_MAX_DECIDED;
        for (size_t k = 0; !known && k < json_array_size(all); k++)
            known = json_equal(json_array_get(all, k), one);
        if (!known)
            json_array_append(all, one);
    }
}

/* ---- digest of an event ---------------------------------------------------------------------- */

static const char *const said_fields[] = {"summary",      "details",    "meaning", "disputed",
                                          "developments", "categories", "keywords"};
enum { N_SAID = sizeof said_fields / sizeof *said_fields, N_WRITTEN = 3 /* the first ones */ };

/* The index for a written detail: that of the detail it replaces, wherever that is now; if it is
 * gone, its former index, but not in place of another written one; else the end. */
static size_t place_for(const json_t *details, const json_t *one)
{
    const char *instead = record_text(one, "instead");
    size_t n = json_array_size(details), at = 0;
    while (at < n && strcmp(record_text(json_array_get(details, at), "text"), instead) != 0)
        at++;
    if (at < n && *instead)
        return at;
    at = record_number(one, "place") < n ? record_number(one, "place") : n;
    while (at < n && !strcmp(record_text(json_array_get(details, at), "kind"), "written"))
        at++;
    return at;
}

static void set_places(json_t *details, const json_t *places)
{
    for (size_t i = 0; i < json_array_size(places) && i < RECORD_MAX_PLACES; i++) {
        json_t *one = json_array_get(places, i), *said = json_object_get(one, "statement");
        size_t at = place_for(details, one);
        if (!json_is_object(said))
            continue;
        if (at < json_array_size(details))
            json_array_set(details, at, said);
        else
            json_array_append(details, said);
    }
}

/* The value that replaces the extracted one in a field; NULL: nothing was written there. */
static json_t *written_over(const json_t *event, const char *field, json_t *extracted)
{
    const json_t *written = json_object_get(event, "written");
    json_t *all = json_object_get(written, field), *places = json_object_get(written, "places");
    if (json_is_array(all) && json_array_size(all))
        return json_incref(all);
    if (strcmp(field, "details") != 0 || !json_array_size(places))
        return NULL;
    all = json_is_array(extracted) ? json_copy(extracted) : json_array();
    set_places(all, places);
    return all;
}

/* Generated values take precedence over extracted ones, written values over both. */
static json_t *said_over(const json_t *event, const char *field, json_t *extracted)
{
    json_t *generated = json_object_get(json_object_get(event, "generated"), field);
    bool any = json_array_size(generated) > 0;
    json_t *written = written_over(event, field, any ? generated : extracted);
    return written ? written : any ? json_incref(generated) : NULL;
}

static void say_value(json_t *event, const char *field, json_t *value, bool writable)
{
    json_t *over = writable ? said_over(event, field, value) : NULL;
    json_t *aside = json_object_get(event, "extracted");
    if (over && !json_is_object(aside)) {
        aside = json_object();
        json_object_set_new(event, "extracted", aside);
    }
    if (over)
        json_object_set(aside, field, value);
    else if (writable)
        json_object_del(aside, field);
    json_object_set_new(event, field, over ? over : json_incref(value));
    if (!json_object_size(aside))
        json_object_set_new(event, "extracted", json_null());
}

void record_event_says(json_t *event, const json_t *said)
{
    for (size_t i = 0; i < N_SAID; i++) {
        json_t *value = json_object_get(said, said_fields[i]);
        if (value)
            say_value(event, said_fields[i], value, i < N_WRITTEN);
    }
}

const json_t *record_event_extracted(const json_t *event, const char *field)
{
    const json_t *aside = json_object_get(json_object_get(event, "extracted"), field);
    return aside ? aside : json_object_get(event, field);
}

void record_event_rewritten(json_t *event)
{
    for (size_t i = 0; i < N_WRITTEN; i++) {
        json_t *aside = json_object_get(json_object_get(event, "extracted"), said_fields[i]);
        json_t *value = json_incref(aside ? aside : json_object_get(event, said_fields[i]));
        if (value)
            say_value(event, said_fields[i], value, true);
        json_decref(value);
    }
}

/* Decisions on either event apply to both; in a conflict, that on `into`. */
static void merge_decisions(json_t *into, const json_t *from)
{
    const json_t *headline = json_object_get(from, "headline");
    if (json_is_null(json_object_get(into, "headline")) && json_is_string(headline)) {
        json_object_set_new(into, "headline", json_string(json_string_value(headline)));
        json_object_set_new(into, "title", json_string(json_string_value(headline)));
    }
    if (json_is_true(json_object_get(from, "pinned")))
        json_object_set_new(into, "pinned", json_true());
    if (!field_time(into, "signal"))
        set_number(into, "signal", field_time(from, "signal"));
    add_all(into, from, "tags");
    add_all(into, from, "notes");
    if (!json_is_object(json_object_get(into, "written")) &&
        json_is_object(json_object_get(from, "written"))) {
        json_object_set_new(into, "written", json_deep_copy(json_object_get(from, "written")));
        record_event_rewritten(into);
    }
}

void record_event_merge(json_t *into, const json_t *from, int64_t seen)
{
    add_articles(into, field_time(from, "article_count"), field_time(from, "published"));
    size_t i;
    json_t *source, *feed;
    json_array_foreach(json_object_get(from, "sources"), i, source)
        add_event_source(into, source, field_time(source, "articles"),
                         field_time(source, "reports"), field_time(source, "first"));
    json_array_foreach(json_object_get(from, "feeds"), i, feed)
        record_event_seen_in(into, (uint64_t)json_integer_value(feed));
    if (field_time(from, "first_seen") < field_time(into, "first_seen"))
        set_number(into, "first_seen", field_time(from, "first_seen"));
    if (record_number(from, "articles_deleted"))
        set_number(into, "articles_deleted",
                   field_time(into, "articles_deleted") + field_time(from, "articles_deleted"));
    merge_decisions(into, from);
    set_number(into, "updated", seen);
}

void record_event_lead(json_t *event, const json_t *article)
{
    set_number(event, "lead", field_time(article, "id"));
    const json_t *own = json_object_get(event, "headline"); /* an editor's */
    json_object_set(event, "title",
                    json_object_get(json_is_string(own) ? event : article,
                                    json_is_string(own) ? "headline" : "title"));
    json_object_set_new(event, "url", json_string(record_address(record_text(article, "url"))));
}

json_t *record_event_merged(const json_t *from, uint64_t into, int64_t seen, uint64_t seq)
{
    return json_pack("{s:I,s:O,s:s,s:I,s:I,s:I}", "id", (json_int_t)record_number(from, "id"),
                     "title", json_object_get(from, "title"), "status", "merged", "merged_into",
                     (json_int_t)into, "updated", (json_int_t)seen, "seq", (json_int_t)seq);
}

/* Sources per hour: the number in the hour that ends with the last one, and the mean from the first
 * one to the beginning of that hour. */
static void set_velocity(json_t *event)
{
    const json_t *sources = json_object_get(event, "sources");
    size_t n = json_array_size(sources), late = 0;
    int64_t first = n ? field_time(json_array_get(sources, 0), "first") : 0;
    int64_t last = n ? field_time(json_array_get(sources, n - 1), "first") : 0;
    while (late < n && field_time(json_array_get(sources, n - 1 - late), "first") > last - HOUR)
        late++;
    double hours = (double)(last - HOUR - first) / HOUR;
    double before = late < n ? (double)(n - late) / (hours > 1 ? hours : 1) : 0;
    set_number(event, "velocity", (int64_t)late);
    json_object_set_new(event, "velocity_before", json_real(round(before * 100) / 100));
}

void record_event_finish(json_t *event)
{
    double coverage = log2(1 + (double)json_array_size(json_object_get(event, "sources")));
    double freshness = (double)field_time(event, "updated") / HALF_A_DAY;
    set_velocity(event);
    double wanted = (double)field_time(event, "signal") +
                    json_number_value(json_object_get(json_object_get(event, "leaning"), "value"));
    set_number(event, "score", llround(1000 * (coverage + freshness + wanted)));
}

const char *record_body(const json_t *article)
{
    const char *text = record_text(article, "text"), *summary = record_text(article, "summary");
    return strlen(text) > strlen(summary) ? text : summary;
}
