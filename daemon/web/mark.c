/* Writes badges, topics, sources and the small growth curve of an event. */
#include "web/mark.h"

#include "base/escape.h"
#include "api/listing.h"
#include "store/record.h"
#include "web/markup.h"

#include <inttypes.h>
#include <string.h>

enum { HOUR = 3600, NEW_WITHIN = HOUR };

static int64_t marked_time(const json_t *record, const char *field)
{
    return (int64_t)record_number(record, field);
}

void mark_language(struct buf *out, const char *lang)
{
    if (lang && *lang && strspn(lang, "abcdefghijklmnopqrstuvwxyz") == strlen(lang))
        html_addf(out, " lang=\"%s\"", lang);
    buf_adds(out, " dir=\"auto\"");
}

void mark_name(struct buf *out, const char *name)
{
    html_addf(out, "<bdi>%s</bdi>", name);
}

static int64_t last_source(const json_t *event)
{
    const json_t *sources = json_object_get(event, "sources");
    return marked_time(json_array_get(sources, json_array_size(sources) - 1), "first");
}

void mark_state(struct buf *out, const json_t *event, int64_t now)
{
    uint64_t velocity = record_number(event, "velocity");
    const char *status = record_text(event, "status");
    if (json_is_true(json_object_get(event, "pinned")))
        buf_adds(out, "<span class=\"mark pinned\">pinned</span> ");
    if (json_is_true(json_object_get(event, "muted")))
        buf_adds(out, "<span class=\"mark muted\">muted</span> ");
    if (json_string_length(json_object_get(event, "headline")))
        buf_adds(out, "<span class=\"mark\" title=\"title set by an editor\">renamed</span> ");
    if (marked_time(event, "first_seen") > now - NEW_WITHIN)
        buf_adds(out, "<span class=\"mark new\">new</span> ");
    if (listing_is_growing(velocity, last_source(event), now))
        html_addf(out,
                  "<span class=\"mark growing\" title=\"sources added within one hour, the "
                  "latest of them in the last hour\">growing, +%" PRIu64 "</span> ",
                  velocity);
    if (!strcmp(status, "archived"))
        buf_adds(out, "<span class=\"mark\">archived</span> ");
}

static void add_tag_link(struct buf *out, const char *kind, const char *text)
{
    html_addf(out, "<a class=\"%s\" href=\"/?category=", kind);
    escape_text(out, ESCAPE_QUERY, text);
    html_addf(out, "\"><bdi>%s</bdi></a> ", text);
}

void mark_tags(struct buf *out, const json_t *event, size_t most)
{
    size_t i;
    json_t *text;
    json_array_foreach(json_object_get(event, "tags"), i, text)
        add_tag_link(out, "tag ours", json_string_value(text));
    json_array_foreach(json_object_get(event, "categories"), i, text)
    {
        if (i < most) /* those of an older record are its feeds', and many */
            add_tag_link(out, "tag", json_string_value(text));
    }
}

void mark_counts(struct buf *out, const json_t *event)
{
    uint64_t sources = record_number(event, "source_count");
    uint64_t reports = record_number(event, "report_count");
    uint64_t articles = record_number(event, "article_count");
    bool of_reports = reports != sources, of_articles = articles != sources && articles != reports;
    buf_adds(out, "<b>");
    html_count(out, sources, "source", "sources");
    buf_adds(out, "</b>");
    if (!of_reports && !of_articles)
        return;
    buf_adds(out, " <span>");
    if (of_reports)
        html_count(out, reports, "report", "reports");
    buf_adds(out, of_reports && of_articles ? ", " : "");
    if (of_articles)
        html_count(out, articles, "article", "articles");
    buf_adds(out, "</span>");
}

void mark_sources(struct buf *out, const json_t *event, size_t most)
{
    const json_t *sources = json_object_get(event, "sources");
    size_t i, n = json_array_size(sources);
    json_t *source;
    if (n == most + 1)
        most++; /* no shorter as "and 1 more" */
    json_array_foreach(sources, i, source)
    {
        if (i == most) {
            html_addf(out, " and %zu more", n - i);
            break;
        }
        buf_adds(out, i ? ", " : "");
        mark_name(out, record_text(source, "name"));
    }
}

void mark_growth(struct buf *out, const json_t *event)
{
    /* the last step has some of the line after it */
    enum { WIDTH = 96, HEIGHT = 22, TOP = 2, LAST = 88, MOST = 40 };
    const json_t *sources = json_object_get(event, "sources");
    size_t n = json_array_size(sources), step = n / MOST + 1;
    if (n < 3)
        return;
    int64_t first = marked_time(json_array_get(sources, 0), "first");
    int64_t last = marked_time(json_array_get(sources, n - 1), "first");
    int64_t span = last - first > HOUR ? last - first : HOUR;
    html_addf(out,
              "<svg class=\"growth\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
              "aria-hidden=\"true\"><path d=\"M0 %d",
              WIDTH, HEIGHT, WIDTH, HEIGHT, HEIGHT);
    for (size_t i = 0; i < n; i++) {
        if (i % step && i + 1 < n)
            continue;
        int64_t x = (marked_time(json_array_get(sources, i), "first") - first) * LAST / span;
        int y = HEIGHT - (int)((HEIGHT - TOP) * (i + 1) / n);
        html_addf(out, "H%" PRId64 "V%d", x, y);
    }
    html_addf(out, "H%d\"/></svg>", WIDTH);
}
