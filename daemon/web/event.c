#include "web/event.h"

#include "digest/kinds.h"
#include "store/record.h"
#include "web/html.h"
#include "web/mark.h"
#include "web/opinion.h"
#include "web/page.h"
#include "web/why.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int64_t time_of(const json_t *record, const char *field)
{
    return (int64_t)record_number(record, field);
}

static const char *source_of(const json_t *article)
{
    return record_text(json_object_get(article, "source"), "name");
}

static void open_section(struct buf *out, const char *name, const char *title)
{
    html_addf(out, "<section class=\"%s\" aria-labelledby=\"h-%s\"><h2 id=\"h-%s\">%s</h2>\n", name,
              name, name, title);
}

/* ---- head ----------------------------------------------------------------------------------- */

static void add_head(struct buf *out, const struct event_view *v)
{
    const json_t *e = v->event;
    uint64_t id = record_number(e, "id");
    buf_adds(out, "<p class=\"back\"><a id=\"back\" href=\"/\">← All events</a></p>\n");
    if (v->asked != id)
        html_addf(out,
                  "<p class=\"note\">Event %" PRIu64 " was merged into this one, event %" PRIu64
                  ".</p>\n",
                  v->asked, id);
    buf_adds(out, "<header class=\"head\">");
    if (v->rank)
        html_addf(out, "<span class=\"rank\" title=\"rank among the top events\">%zu</span>",
                  v->rank);
    buf_adds(out, "<div><h1");
    mark_language(out, e);
    html_addf(out, ">%s</h1><p class=\"marks\">", record_text(e, "title"));
    mark_state(out, e, v->now);
    mark_tags(out, e, 8);
    buf_adds(out, "</p><p class=\"counts\">");
    mark_counts(out, e);
    buf_adds(out, ", ");
    html_day(out, time_of(e, "published"), v->now);
    buf_adds(out, "</p></div></header>\n");
}

/* ---- what it says --------------------------------------------------------------------------- */

/* "BBC, Reuters, its article"; or who wrote it. */
static void add_whose(struct buf *out, const json_t *s)
{
    const json_t *sources = json_object_get(s, "sources");
    size_t i, n = json_array_size(sources);
    json_t *one;
    if (!strcmp(record_text(s, "kind"), "written")) {
        buf_adds(out, "written by ");
        mark_name(out, record_text(s, "by"));
        return;
    }
    if (n == 0)
        mark_name(out, record_text(s, "source"));
    json_array_foreach(sources, i, one)
    {
        buf_adds(out, i ? ", " : "");
        mark_name(out, json_string_value(one));
    }
    html_addf(out, ", <a href=\"#a%" PRIu64 "\">%s</a>", record_number(s, "article"),
              n > 1 ? "the first one's article" : "its article");
}

/* Sentences and whose they are, those of one type together. */
static void add_statements(struct buf *out, const char *name, const char *title,
                           const json_t *event)
{
    const json_t *statements = json_object_get(event, name);
    const char *type = "", *lang = record_text(event, "lang");
    size_t i;
    json_t *s;
    if (!json_array_size(statements))
        return;
    open_section(out, name, title);
    json_array_foreach(statements, i, s)
    {
        if (strcmp(type, record_text(s, "type")) != 0) {
            type = record_text(s, "type");
            const char *legend = kind_legend(lang, type);
            html_addf(out, "<h3>%s</h3>\n", *type ? type : "other");
            if (legend)
                html_addf(out, "<p class=\"fine\" dir=\"auto\">%s</p>\n", legend);
        }
        buf_adds(out, "<blockquote dir=\"auto\">");
        if (*record_text(s, "heading"))
            html_addf(out, "<p class=\"heading\">%s</p>", record_text(s, "heading"));
        buf_adds(out, "<p>");
        html_text(out, record_text(s, "text"));
        buf_adds(out, "</p><footer>");
        add_whose(out, s);
        buf_adds(out, "</footer></blockquote>\n");
    }
    buf_adds(out, "<p class=\"fine\">Sentences of the sources, taken out as they stand.</p>"
                  "</section>\n");
}

static void open_link(struct buf *out, const char *url)
{
    if (*url)
        html_addf(out, "<a href=\"%s\" rel=\"noreferrer noopener\" target=\"_blank\">", url);
}

static void close_link(struct buf *out, const char *url)
{
    buf_adds(out, *url ? "</a>" : "");
}

/* Each side in a source's words. */
static void add_disputes(struct buf *out, const struct event_view *v)
{
    const json_t *disputed = json_object_get(v->event, "disputed");
    size_t i, k, n;
    json_t *d, *value, *name;
    if (!json_array_size(disputed))
        return;
    open_section(out, "disputed", "Disputed");
    json_array_foreach(disputed, i, d)
    {
        html_addf(out, "<h3>%s</h3><ul>\n", record_text(d, "what"));
        json_array_foreach(json_object_get(d, "values"), k, value)
        {
            html_addf(out, "<li dir=\"auto\">%s <span class=\"fine\">",
                      record_text(value, "value"));
            json_array_foreach(json_object_get(value, "sources"), n, name)
            {
                buf_adds(out, n ? ", " : "");
                mark_name(out, json_string_value(name));
            }
            html_addf(out, ", <a href=\"#a%" PRIu64 "\">", record_number(value, "article"));
            html_time(out, time_of(value, "time"), v->now);
            buf_adds(out, "</a></span></li>\n");
        }
        buf_adds(out, "</ul>\n");
    }
    buf_adds(out, "</section>\n");
}

static void add_names(struct buf *out, const json_t *names)
{
    size_t i;
    json_t *name;
    json_array_foreach(names, i, name)
    {
        buf_adds(out, i ? ", " : "");
        mark_name(out, json_string_value(name));
    }
}

/* What was new at a step, and the number that it replaces. */
static void add_news(struct buf *out, const json_t *news)
{
    size_t i;
    json_t *s;
    if (!json_array_size(news))
        return;
    buf_adds(out, "<ul>\n");
    json_array_foreach(news, i, s)
    {
        buf_adds(out, "<li dir=\"auto\">");
        html_text(out, record_text(s, "text"));
        buf_adds(out, " <span class=\"fine\">");
        open_link(out, record_address(s));
        mark_name(out, record_text(s, "source"));
        close_link(out, record_address(s));
        if (*record_text(s, "was"))
            html_addf(out, ", which had told <bdi>%s</bdi> before", record_text(s, "was"));
        buf_adds(out, "</span></li>\n");
    }
    buf_adds(out, "</ul>\n");
}

/* How it went on, in chapters, the newest first. */
static void add_developments(struct buf *out, const struct event_view *v)
{
    const json_t *developments = json_object_get(v->event, "developments");
    size_t i;
    json_t *d;
    if (!json_array_size(developments))
        return;
    open_section(out, "developments", "Developments");
    buf_adds(out, "<ol>\n");
    json_array_foreach(developments, i, d)
    {
        buf_adds(out, "<li><p class=\"fine\">");
        html_time(out, time_of(d, "from"), v->now);
        if (time_of(d, "until") > time_of(d, "from")) {
            buf_adds(out, " to ");
            html_time(out, time_of(d, "until"), v->now);
        }
        buf_adds(out, "</p><h3 dir=\"auto\">");
        open_link(out, record_address(d));
        html_text(out, record_text(d, "title"));
        close_link(out, record_address(d));
        buf_adds(out, "</h3>\n");
        add_news(out, json_object_get(d, "new"));
        buf_adds(out, "<p class=\"fine\">");
        html_count(out, json_array_size(json_object_get(d, "articles")), "article", "articles");
        buf_adds(out, ": ");
        add_names(out, json_object_get(d, "sources"));
        buf_adds(out, "</p></li>\n");
    }
    buf_adds(out, "</ol></section>\n");
}

/* Events that share rare words and names with it, and those words. */
static void add_related(struct buf *out, const json_t *event)
{
    const json_t *similar = json_object_get(event, "similar");
    size_t i;
    json_t *s;
    if (!json_array_size(similar))
        return;
    buf_adds(out, "<section class=\"similar\" aria-labelledby=\"h-related\"><h2 id=\"h-related\">"
                  "Related events</h2><ul>\n");
    json_array_foreach(similar, i, s) html_addf(
        out,
        "<li><a href=\"/event/%" PRIu64 "\" dir=\"auto\">%s</a> <span class=\"fine\">%s"
        "both: <bdi>%s</bdi></span></li>\n",
        record_number(s, "event"), record_text(s, "title"),
        !strcmp(record_text(s, "kind"), "earlier") ? "earlier; " : "", record_text(s, "why"));
    buf_adds(out, "</ul></section>\n");
}

static void add_notes(struct buf *out, const struct event_view *v)
{
    const json_t *notes = json_object_get(v->event, "notes");
    size_t i;
    json_t *note;
    if (!json_array_size(notes))
        return;
    open_section(out, "notes", "Notes");
    json_array_foreach(notes, i, note)
    {
        html_addf(out, "<div class=\"note\"><p dir=\"auto\">%s</p><p class=\"fine\">",
                  record_text(note, "text"));
        mark_name(out, record_text(note, "who"));
        buf_adds(out, ", ");
        html_time(out, time_of(note, "time"), v->now);
        buf_adds(out, "</p></div>\n");
    }
    buf_adds(out, "</section>\n");
}

/* How signals shift the event's rank by what it has in common with those they were given to. */
static void add_leaning(struct buf *out, const json_t *event)
{
    const json_t *leaning = json_object_get(event, "leaning");
    bool more = json_number_value(json_object_get(leaning, "value")) > 0;
    size_t i;
    json_t *part;
    if (!json_array_size(json_object_get(leaning, "because")))
        return;
    open_section(out, "leaning", "Leaning");
    html_addf(out, "<p>Ranked %s, for editors wanted %s of what has these in common: ",
              more ? "higher" : "lower", more ? "more" : "less");
    json_array_foreach(json_object_get(leaning, "because"), i, part) html_addf(
        out, "%s<bdi title=\"%s, %+.2f\">%s</bdi>", i ? ", " : "", record_text(part, "what"),
        json_number_value(json_object_get(part, "value")), record_text(part, "name"));
    buf_adds(out, "</p></section>\n");
}

/* ---- sources -------------------------------------------------------------------------------- */

static void add_title(struct buf *out, const json_t *article)
{
    const char *url = record_address(article);
    if (*url)
        html_addf(out,
                  "<a class=\"title\" href=\"%s\" rel=\"noreferrer noopener\" target=\"_blank\"",
                  url);
    else
        buf_adds(out, "<span class=\"title\"");
    mark_language(out, article);
    html_addf(out, ">%s", record_text(article, "title"));
    buf_adds(out, *url ? "</a>" : "</span>");
}

static void add_remarks(struct buf *out, const json_t *article)
{
    const char *agency = record_text(article, "agency");
    size_t edits = json_array_size(json_object_get(article, "versions"));
    const char *claimed = record_text(json_object_get(article, "claimed"), "name");
    if (*claimed)
        html_addf(out, ", claimed to be from <bdi>%s</bdi>", claimed);
    if (*agency)
        html_addf(out, ", text of <bdi>%s</bdi>", agency);
    if (edits) {
        buf_adds(out, ", edited ");
        html_count(out, edits, "time", "times");
    }
}

/* "BBC | its headline, when, what to know of it"; `line` stays open for more of the latter. */
static void open_article(struct buf *out, const struct event_view *v, const json_t *article)
{
    uint64_t id = record_number(article, "id");
    html_addf(out,
              "<li id=\"a%" PRIu64 "\" data-article=\"%" PRIu64 "\"><div class=\"line\">"
              "<b class=\"source\">",
              id, id);
    mark_name(out, source_of(article));
    buf_adds(out, "</b> <div>");
    add_title(out, article);
    buf_adds(out, " <p class=\"fine\">");
    html_time(out, time_of(article, "published"), v->now);
    add_remarks(out, article);
}

static void close_article(struct buf *out)
{
    buf_adds(out, "</p></div></div>");
}

static const json_t *article_of(const json_t *articles, uint64_t number)
{
    size_t i;
    json_t *a;
    json_array_foreach(articles, i, a) if (record_number(a, "id") == number) return a;
    return NULL;
}

/* The copies of a report stand under it, with how much later they came. */
static void add_copies(struct buf *out, const struct event_view *v, const json_t *origin)
{
    bool any = false;
    size_t i;
    json_t *a;
    json_array_foreach(v->articles, i, a)
    {
        if (record_number(a, "copy_of") != record_number(origin, "id"))
            continue;
        if (!any)
            buf_adds(out, "<ul class=\"copies\" aria-label=\"Copies of this text\">");
        any = true;
        open_article(out, v, a);
        int64_t later = (time_of(a, "published") - time_of(origin, "published")) / 60;
        buf_adds(out, ", same text as ");
        mark_name(out, source_of(origin));
        if (later > 0 && later < 120)
            html_addf(out, ", %" PRId64 " min later", later);
        else if (later > 0)
            html_addf(out, ", %" PRId64 " h later", later / 60);
        close_article(out);
        buf_adds(out, "</li>\n");
    }
    if (any)
        buf_adds(out, "</ul>");
}

static void add_sources(struct buf *out, const struct event_view *v)
{
    size_t i, n = json_array_size(v->articles);
    uint64_t all = record_number(v->event, "article_count");
    json_t *a;
    open_section(out, "sources", "Sources");
    buf_adds(out, "<ol class=\"reports\">\n");
    json_array_foreach(v->articles, i, a)
    {
        uint64_t origin = record_number(a, "copy_of");
        if (origin && article_of(v->articles, origin))
            continue; /* stands under it */
        open_article(out, v, a);
        if (origin)
            html_addf(out, ", same text as article %" PRIu64, origin);
        close_article(out);
        add_copies(out, v, a);
        buf_adds(out, "</li>\n");
    }
    buf_adds(out, "</ol>");
    if (all > n)
        html_addf(out,
                  "<p class=\"fine\">The first %zu of %" PRIu64
                  " articles. <a href=\"/api/v1/events/"
                  "%" PRIu64 "/articles\">All of them as JSON</a></p>",
                  n, all, record_number(v->event, "id"));
    buf_adds(out, "</section>\n");
}

/* ---- time line ------------------------------------------------------------------------------ */

/* Each step is a source that came, a dot on the line of how coverage grew. */
static void add_chart(struct buf *out, const json_t *event)
{
    enum { WIDTH = 640, HEIGHT = 96, LEFT = 8, RIGHT = 632, TOP = 10, FLOOR = 88, MOST = 120 };
    const json_t *sources = json_object_get(event, "sources");
    size_t n = json_array_size(sources), step = n / MOST + 1;
    int64_t first = time_of(json_array_get(sources, 0), "first");
    int64_t span = time_of(json_array_get(sources, n - 1), "first") - first;
    struct buf dots;
    buf_init(&dots, 1 << 20);
    html_addf(out,
              "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"How coverage "
              "grew, source by source\"><path d=\"M%d %d",
              WIDTH, HEIGHT, LEFT, FLOOR);
    for (size_t i = 0; i < n; i++) {
        if (i % step && i + 1 < n)
            continue;
        const json_t *source = json_array_get(sources, i);
        int64_t at = time_of(source, "first") - first;
        int64_t x = LEFT + (span ? at * (RIGHT - LEFT) / span : 0);
        int y = FLOOR - (int)((FLOOR - TOP) * (i + 1) / n);
        html_addf(out, "H%" PRId64 "V%d", x, y);
        html_addf(&dots, "<circle cx=\"%" PRId64 "\" cy=\"%d\" r=\"3\"><title>%s</title></circle>",
                  x, y, record_text(source, "name"));
    }
    buf_adds(out, "\"/>");
    buf_add(out, buf_text(&dots), dots.len);
    buf_adds(out, "</svg>\n");
    buf_free(&dots);
}

struct step {
    int64_t time;
    enum { FIRST, NTH, EDIT, MERGED, SPLIT, SPLIT_OFF } kind;
    uint64_t n; /* of sources; or the other event */
    const char *source, *before, *after;
};

static int by_time(const void *a, const void *b)
{
    const struct step *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->kind < y->kind ? -1 : x->kind > y->kind;
}

static size_t find_edits(const json_t *articles, struct step *steps, size_t most)
{
    size_t i, k, n = 0;
    json_t *a, *version;
    json_array_foreach(articles, i, a)
    {
        const json_t *versions = json_object_get(a, "versions");
        json_array_foreach(versions, k, version)
        {
            /* a version ends where the next one begins */
            const json_t *next = json_array_get(versions, k + 1);
            const char *before = record_text(version, "title");
            const char *after = record_text(next ? next : a, "title");
            if (!strcmp(before, after) || n == most)
                continue;
            steps[n++] = (struct step){.time = time_of(next ? next : a, next ? "since" : "updated"),
                                       .kind = EDIT,
                                       .source = source_of(a),
                                       .before = before,
                                       .after = after};
        }
    }
    return n;
}

/* The first source, then those that make a round number. */
static size_t find_milestones(const json_t *sources, struct step *steps)
{
    static const size_t round[] = {1, 2, 3, 5, 10, 20, 50, 100, 200, 500};
    size_t n = 0;
    for (size_t i = 0; i < sizeof round / sizeof *round; i++) {
        const json_t *source = json_array_get(sources, round[i] - 1);
        if (source)
            steps[n++] = (struct step){.time = time_of(source, "first"),
                                       .kind = round[i] == 1 ? FIRST : NTH,
                                       .n = round[i],
                                       .source = record_text(source, "name")};
    }
    return n;
}

/* Merges and splits. Of a split, `from` is named by the part, `into` by the rest. */
static size_t find_turns(const json_t *changes, struct step *steps, size_t most)
{
    size_t i, n = 0;
    json_t *change;
    json_array_foreach(changes, i, change)
    {
        bool merged = !strcmp(record_text(change, "kind"), "merged");
        if (n == most || (!merged && strcmp(record_text(change, "kind"), "split") != 0))
            continue;
        steps[n++] = (struct step){.time = time_of(change, "time"),
                                   .kind = merged                          ? MERGED
                                           : record_number(change, "from") ? SPLIT
                                                                           : SPLIT_OFF,
                                   .n = record_number(change, "number"),
                                   .source = record_text(change, "other")};
    }
    return n;
}

static void add_turn(struct buf *out, const struct step *s)
{
    buf_adds(out, s->kind == MERGED  ? "This event took in "
                  : s->kind == SPLIT ? "It was split from "
                                     : "From it was split ");
    html_addf(out, "<a href=\"/event/%" PRIu64 "\">event %" PRIu64 "</a>", s->n, s->n);
    if (*s->source)
        html_addf(out, ": <bdi>%s</bdi>", s->source);
}

static void add_step(struct buf *out, const struct step *s, int64_t now)
{
    buf_adds(out, "<li>");
    html_time(out, s->time, now);
    buf_adds(out, " <span>");
    switch (s->kind) {
    case FIRST:
        mark_name(out, s->source);
        buf_adds(out, " reports it first");
        break;
    case NTH:
        html_addf(out, "%" PRIu64 " sources, with ", s->n);
        mark_name(out, s->source);
        break;
    case EDIT:
        mark_name(out, s->source);
        html_addf(out,
                  " changed its headline: <del dir=\"auto\">%s</del> <ins dir=\"auto\">%s</ins>",
                  s->before, s->after);
        break;
    case MERGED:
    case SPLIT:
    case SPLIT_OFF:
        add_turn(out, s);
    }
    buf_adds(out, "</span></li>\n");
}

static void add_time_line(struct buf *out, const struct event_view *v)
{
    enum { MOST_EDITS = 40, MOST_TURNS = 40, MOST_STEPS = MOST_EDITS + MOST_TURNS + 10 };
    const json_t *sources = json_object_get(v->event, "sources");
    struct step steps[MOST_STEPS];
    size_t n = find_milestones(sources, steps);
    n += find_edits(v->articles, steps + n, MOST_EDITS);
    n += find_turns(v->changes, steps + n, MOST_TURNS);
    if (n < 2)
        return; /* one source, which said it once */
    qsort(steps, n, sizeof *steps, by_time);
    open_section(out, "timeline", "Time line");
    if (json_array_size(sources) > 1)
        add_chart(out, v->event);
    buf_adds(out, "<ol class=\"steps\">");
    for (size_t i = 0; i < n; i++)
        add_step(out, &steps[i], v->now);
    buf_adds(out, "</ol></section>\n");
}

/* ---- why ------------------------------------------------------------------------------------ */

static void add_reasons(struct buf *out, const struct event_view *v)
{
    size_t i;
    json_t *a;
    if (json_array_size(v->articles) < 2)
        return;
    open_section(out, "why", "Why these articles are together");
    buf_adds(out, "<ul>\n");
    json_array_foreach(v->articles, i, a)
    {
        buf_adds(out, "<li><details><summary><b>");
        mark_name(out, source_of(a));
        buf_adds(out, "</b> <bdi");
        mark_language(out, a);
        html_addf(out, ">%s</bdi></summary>", record_text(a, "title"));
        why_article(out, v, a);
        buf_adds(out, "</details></li>\n");
    }
    buf_adds(out, "</ul></section>\n");
}

/* ---- beside it ------------------------------------------------------------------------------ */

static void add_facts(struct buf *out, const struct event_view *v)
{
    const json_t *e = v->event;
    size_t i;
    json_t *word;
    buf_adds(out, "<section class=\"facts\" aria-label=\"Facts\"><dl><div><dt>First seen</dt><dd>");
    html_time(out, time_of(e, "first_seen"), v->now);
    buf_adds(out, "</dd></div><div><dt>Last update</dt><dd>");
    html_time(out, time_of(e, "updated"), v->now);
    html_addf(out, "</dd></div><div><dt>Event</dt><dd>%" PRIu64 ", %s</dd></div>",
              record_number(e, "id"), record_text(e, "status"));
    if (json_array_size(json_object_get(e, "keywords"))) {
        buf_adds(out, "<div><dt>Words</dt><dd class=\"words\">");
        json_array_foreach(json_object_get(e, "keywords"), i, word)
        {
            buf_adds(out, i ? ", <a href=\"/?q=" : "<a href=\"/?q=");
            html_query(out, json_string_value(word));
            html_addf(out, "\"><bdi>%s</bdi></a>", json_string_value(word));
        }
        buf_adds(out, "</dd></div>");
    }
    html_addf(out,
              "</dl><p class=\"fine\"><a href=\"/api/v1/events/%" PRIu64 "\">As JSON</a>, <a "
              "href=\"/api/v1/events/%" PRIu64 "/ninjs\">as ninjs</a></p></section>\n",
              record_number(e, "id"), record_number(e, "id"));
}

void event_page(struct buf *out, const struct event_view *v)
{
    const json_t *e = v->event;
    uint64_t id = record_number(e, "id");
    struct buf live, title;
    buf_init(&live, 64);
    buf_init(&title, 2048);
    buf_addf(&live, "/event/%" PRIu64, id);
    buf_addf(&title, "%s · storyd", record_text(e, "title"));
    page_begin(out, &(struct page){.place = PAGE_EVENT,
                                   .title = buf_text(&title),
                                   .live = buf_text(&live),
                                   .decides = v->decides});
    html_addf(out,
              "<main id=\"main\" class=\"one\" data-event=\"%" PRIu64 "\" data-seq=\"%" PRIu64
              "\" data-signal=\"%" PRId64 "\">\n",
              id, record_number(e, "seq"), time_of(e, "signal"));
    add_head(out, v);
    buf_adds(out, "<div class=\"story\">\n<div id=\"decide\"></div>\n");
    add_statements(out, "summary", "Summary", e);
    add_developments(out, v);
    add_statements(out, "details", "Details", e);
    add_disputes(out, v);
    add_statements(out, "meaning", "What this means", e);
    opinion_add(out, e, v->now);
    add_notes(out, v);
    add_sources(out, v);
    add_time_line(out, v);
    add_reasons(out, v);
    buf_adds(out, "</div>\n<aside aria-label=\"About this event\">");
    add_facts(out, v);
    add_leaning(out, e);
    add_related(out, e);
    why_similar(out, v);
    buf_adds(out, "<section id=\"history\"></section></aside></main>\n");
    page_end(out);
    buf_free(&live);
    buf_free(&title);
}
