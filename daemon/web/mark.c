/* Writes badges, topics, sources and the small growth curve of an event. */
#include "web/mark.h"

#include "base/escape.h"
#include "api/listing.h"
#include "store/record.h"

#include "web/markup.h"

#include <inttypes.h>
#include <string.h>

enum { HOUR = 3600, NEW_WITHIN = HOUR };

void mark_language(struct buf *out, const char *lang)
{
    if (lang && strspn(lang, "abcdefghijklmnopqrstuvwxyz") == strlen(lang))
        html_addf(out, " lang=\"%s\"", lang);
    buf_adds(out, " dir=\"auto\"");
}

void mark_name(struct buf *out, const char *name)
{
    html_addf(out, "<bdi>%s</bdi>", name);
}

int64_t mark_last_source(const struct event_record *event)
{
    const struct event_source *sources = event->sources.v;
    return event->sources.n ? sources[event->sources.n - 1].first : 0;
}

void mark_state(struct buf *out, const struct event_record *event, int64_t now)
{
    if (event->pinned)
        buf_adds(out, "<span class=\"mark pinned\">pinned</span> ");
    if (event->muted)
        buf_adds(out, "<span class=\"mark muted\">muted</span> ");
    if (event->headline)
        buf_adds(out, "<span class=\"mark\" title=\"title set by an editor\">renamed</span> ");
    if (event->first_seen > now - NEW_WITHIN)
        buf_adds(out, "<span class=\"mark new\">new</span> ");
    if (listing_is_growing(event->velocity, mark_last_source(event), now))
        html_addf(out,
                  "<span class=\"mark growing\" title=\"sources added within one hour, the "
                  "latest of them in the last hour\">growing, +%" PRIu64 "</span> ",
                  event->velocity);
    if (!strcmp(event->status, "archived"))
        buf_adds(out, "<span class=\"mark\">archived</span> ");
}

static void add_tag_link(struct buf *out, const char *kind, const char *text)
{
    html_addf(out, "<a class=\"%s\" href=\"/?category=", kind);
    escape_text(out, ESCAPE_QUERY, text);
    html_addf(out, "\"><bdi>%s</bdi></a> ", text);
}

void mark_tags(struct buf *out, const struct event_record *event, size_t most)
{
    char *const *tags = event->tags.v, *const *categories = event->categories.v;
    for (size_t i = 0; i < event->tags.n; i++)
        add_tag_link(out, "tag ours", tags[i]);
    /* those of an older record are its feeds', and many */
    for (size_t i = 0; i < event->categories.n && i < most; i++)
        add_tag_link(out, "tag", categories[i]);
}

void mark_counts(struct buf *out, const struct event_record *event)
{
    uint64_t sources = event->source_count, reports = event->report_count;
    uint64_t articles = event->article_count;
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

void mark_sources(struct buf *out, const struct event_record *event, size_t most)
{
    const struct event_source *sources = event->sources.v;
    size_t n = event->sources.n;
    if (n == most + 1)
        most++; /* no shorter as "and 1 more" */
    for (size_t i = 0; i < n; i++) {
        if (i == most) {
            html_addf(out, " and %zu more", n - i);
            break;
        }
        const char *url = record_address(codec_text(sources[i].url));
        buf_adds(out, i ? ", " : "");
        if (*url)
            html_addf(out, "<a href=\"%s\" rel=\"noreferrer noopener\" target=\"_blank\">", url);
        mark_name(out, sources[i].name);
        buf_adds(out, *url ? "</a>" : "");
    }
}

void mark_picture(struct buf *out, uint64_t key, enum shrink_size size)
{
    const int *of = shrink_sizes[size];
    if (key) /* what it shows nobody has said: an empty text is better than an invented one */
        buf_addf(out,
                 "<img class=\"picture\" src=\"/picture/%016" PRIx64 "-%d.jpg\" width=\"%d\" "
                 "height=\"%d\" alt=\"\" loading=\"lazy\" decoding=\"async\">",
                 key, of[0], of[0] / 2, of[1] / 2);
}

void mark_growth(struct buf *out, const struct event_record *event)
{
    /* the last step has some of the line after it */
    enum { WIDTH = 96, HEIGHT = 22, TOP = 2, LAST = 88, MOST = 40 };
    const struct event_source *sources = event->sources.v;
    size_t n = event->sources.n, step = n / MOST + 1;
    if (n < 3)
        return;
    int64_t first = sources[0].first, last = sources[n - 1].first;
    int64_t span = last - first > HOUR ? last - first : HOUR;
    html_addf(out,
              "<svg class=\"growth\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
              "aria-hidden=\"true\"><path d=\"M0 %d",
              WIDTH, HEIGHT, WIDTH, HEIGHT, HEIGHT);
    for (size_t i = 0; i < n; i++) {
        if (i % step && i + 1 < n)
            continue;
        int64_t x = (sources[i].first - first) * LAST / span;
        int y = HEIGHT - (int)((HEIGHT - TOP) * (i + 1) / n);
        html_addf(out, "H%" PRId64 "V%d", x, y);
    }
    html_addf(out, "H%d\"/></svg>", WIDTH);
}
