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

static json_t *until_set(char kind)
{
    return kind == 's'   ? json_string("")
           : kind == 'n' ? json_integer(0)
           : kind == 'a' ? json_array()
           : kind == 'b' ? json_false()
                         : json_null();
}

json_t *record_default(const char *field)
{
    const struct field *f = event_fields;
    while (f->name && strcmp(f->name, field) != 0)
        f++;
    return until_set(f->kind);
}

void record_fill(json_t *record)
{
    if (!strcmp(record_text(record, "status"), "merged"))
        return; /* record_event_merged() defines what is left of it */
    for (const struct field *f = event_fields; f->name; f++)
        if (!json_object_get(record, f->name))
            json_object_set_new(record, f->name, until_set(f->kind));
}

const char *record_misfit(const json_t *record)
{
    for (const struct field *f = event_fields; f->name; f++) {
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

/* ---- events ---------------------------------------------------------------------------------- */

json_t *record_event(uint64_t number)
{
    json_t *e = json_object();
    record_fill(e);
    set_number(e, "id", (int64_t)number);
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

static void add_feeds(json_t *event, const struct article_record *article)
{
    const struct article_sighting *seen = article->also_in.v;
    record_event_seen_in(event, article->feed);
    for (size_t i = 0; i < article->also_in.n; i++)
        record_event_seen_in(event, seen[i].feed);
}

static void add_articles(json_t *event, int64_t articles, int64_t published)
{
    int64_t before = field_time(event, "published");
    if (field_time(event, "article_count") == 0 || published < before)
        set_number(event, "published", published);
    set_number(event, "article_count", field_time(event, "article_count") + articles);
}

void record_event_join(json_t *event, struct article_record *article, int64_t seen)
{
    json_t *source = codec_write(&article_source_table, &article->source);
    if (field_time(event, "article_count") == 0 || article->seen < field_time(event, "first_seen"))
        set_number(event, "first_seen", article->seen);
    add_articles(event, 1, article->published);
    add_event_source(event, source, 1, !article->copy_of, article->published);
    json_decref(source);
    add_feeds(event, article);
    if (json_is_null(json_object_get(event, "lang")))
        json_object_set_new(event, "lang", text_or_null(article->lang));
    set_number(event, "updated", seen);
    article->event = record_number(event, "id");
}

void record_event_copied(json_t *event, struct article_record *article, uint64_t origin)
{
    int64_t was_report = !article->copy_of, is_report = !origin;
    json_t *of = codec_write(&article_source_table, &article->source);
    json_t *source = find_source(json_object_get(event, "sources"), of);
    json_decref(of);
    if (source)
        set_number(source, "reports", field_time(source, "reports") + is_report - was_report);
    count_sources(event);
    article->copy_of = origin;
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

void record_event_lead(json_t *event, const struct article_record *article)
{
    set_number(event, "lead", (int64_t)article->number);
    json_t *own = json_object_get(event, "headline"); /* an editor's */
    json_object_set_new(event, "title",
                        json_is_string(own) ? json_incref(own) : json_string(article->title));
    json_object_set_new(event, "url", json_string(record_address(article->url)));
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
