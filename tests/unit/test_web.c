#include "unit.h"

#include "base/escape.h"
#include "base/mem.h"
#include "net/reply.h"
#include "web/asset.h"
#include "web/event_page.h"
#include "web/feeds_page.h"
#include "web/filter_bar.h"
#include "web/markup.h"
#include "web/list_page.h"
#include "web/machine.h"
#include "web/frame.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW 1700000000

static const char hostile[] = "</h2><script>alert(1)</script>\"' onmouseover='alert(2)' x=\"";

static void says(struct buf *b, const char *text)
{
    if (!strstr(buf_text(b), text))
        fail_msg("there is no \"%s\" in:\n%s", text, buf_text(b));
}

static void never_says(struct buf *b, const char *text)
{
    if (strstr(buf_text(b), text))
        fail_msg("there is \"%s\" in:\n%s", text, buf_text(b));
}

static const char *escaped(struct buf *b, const char *text)
{
    buf_clear(b);
    escape_text(b, ESCAPE_PAGE, text);
    return buf_text(b);
}

static void texts_are_escaped(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4096);
    assert_string_equal(escaped(&b, "a < b & c > d"), "a &lt; b &amp; c &gt; d");
    assert_string_equal(escaped(&b, "\"x\" 'y'"), "&quot;x&quot; &#39;y&#39;");
    assert_string_equal(escaped(&b, "&amp;lt;"), "&amp;amp;lt;");
    assert_string_equal(escaped(&b, ""), "");
    assert_string_equal(escaped(&b, "Östra 東京 שלום"), "Östra 東京 שלום");
    buf_free(&b);
}

static void controls_and_overrides_are_left_out(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4096);
    assert_string_equal(escaped(&b, "a\x1b[31mb\x07"), "a[31mb");
    assert_string_equal(escaped(&b, "one\ntwo\tthree"), "one two three");
    assert_string_equal(escaped(&b, "gnp.\xe2\x80\xae"
                                    "exe"),
                        "gnp.exe");
    assert_string_equal(escaped(&b, "a\xe2\x81\xa6"
                                    "b\xe2\x81\xa9\xe2\x80\xa8"
                                    "c"),
                        "abc");
    assert_string_equal(escaped(&b, "\xff"
                                    "a\xc3"),
                        "\xef\xbf\xbd"
                        "a\xef\xbf\xbd");
    buf_free(&b);
}

static void a_format_escapes_its_values(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4096);
    html_addf(&b, "<b>%s</b> %d %zu %" PRIu64 " %.1f %%", "<&>", -1, (size_t)2, UINT64_MAX, 0.25);
    assert_string_equal(buf_text(&b), "<b>&lt;&amp;&gt;</b> -1 2 18446744073709551615 0.2 %");
    buf_free(&b);
}

static void ages_have_the_unit_of_a_reader(void **state)
{
    (void)state;
    static const struct {
        int64_t age;
        const char *text;
    } cases[] = {{-5, ">now<"},       {59, ">now<"},   {60, ">1 min<"},
                 {3599, ">59 min<"},  {3600, ">1 h<"}, {2 * 86400 - 1, ">47 h<"},
                 {2 * 86400, ">2 d<"}};
    struct buf b;
    buf_init(&b, 4096);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf_clear(&b);
        html_age(&b, NOW - cases[i].age, NOW);
        says(&b, cases[i].text);
    }
    says(&b, "datetime=\"2023-11-12T22:13:20Z\"");
    buf_free(&b);
}

/* ---- pages ---------------------------------------------------------------------------------- */

static json_t *sources(size_t n, int64_t step)
{
    json_t *all = json_array();
    for (size_t i = 0; i < n; i++) {
        char name[32];
        snprintf(name, sizeof name, "Paper %zu", i + 1);
        json_array_append_new(all, json_pack("{s:s,s:s,s:i,s:I}", "name", name, "domain", name,
                                             "articles", 1, "first",
                                             (json_int_t)(NOW - 40000 + (int64_t)i * step)));
    }
    return all;
}

static json_t *event_of(const char *text, size_t n)
{
    return json_pack("{s:i,s:s,s:s,s:i,s:I,s:I,s:I,s:i,s:i,s:i,s:o,s:[s],s:[s],s:[{s:s,s:i,s:s}],"
                     "s:i,s:s,s:i}",
                     "id", 7, "title", text, "lang", "en", "lead", 1, "first_seen",
                     (json_int_t)(NOW - 40000), "updated", (json_int_t)(NOW - 300), "published",
                     (json_int_t)(NOW - 40000), "source_count", (int)n, "article_count", (int)n,
                     "report_count", (int)n, "sources", sources(n, 60), "categories", text,
                     "keywords", text, "summary", "text", text, "article", 1, "source", text,
                     "signal", 0, "status", "open", "seq", 9);
}

static json_t *article_of(int id, const char *text, int copy_of)
{
    return json_pack("{s:i,s:i,s:s,s:s,s:{s:s,s:s},s:s,s:s,s:I,s:I,s:I,s:o,s:[{s:I,s:s}],"
                     "s:{s:i,s:f,s:f,s:n,s:s,s:{s:f},s:i,s:f}}",
                     "id", id, "event", 7, "title", text, "url", "javascript:alert(3)", "source",
                     "name", text, "domain", text, "agency", text, "lang", "en", "published",
                     (json_int_t)(NOW - 4000 + id), "seen", (json_int_t)NOW, "updated",
                     (json_int_t)NOW, "copy_of", copy_of ? json_integer(copy_of) : json_null(),
                     "versions", "since", (json_int_t)(NOW - 9), "title", "Before <it>", "why",
                     "compared_with", 7, "probability", 0.98, "threshold", 0.5, "refused", "shared",
                     text, "features", "<b>cosine", 1.5, "runner_up", 8, "runner_up_probability",
                     0.31);
}

static void list_of(struct buf *b, json_t *event, json_t *filters)
{
    json_t *events = json_pack("[o]", event);
    buf_init(b, PAGE_MAX);
    list_page(b, &(struct list_view){.events = events,
                                     .filters = filters,
                                     .first_rank = 1,
                                     .next = "\"><script>",
                                     .now = NOW});
    json_decref(events);
    json_decref(filters);
}

/* Nothing of a feed may begin a tag or end an attribute, wherever it stands. */
static void assert_harmless(struct buf *b)
{
    never_says(b, "<script>");
    never_says(b, "\" onmouseover");
    never_says(b, "' onmouseover");
    never_says(b, "\"' ");
    never_says(b, "<b>cosine");
    never_says(b, "Before <it>");
    never_says(b, "href=\"javascript");
    never_says(b, " style=");
}

static void a_list_of_hostile_texts_is_harmless(void **state)
{
    (void)state;
    struct buf b;
    list_of(&b, event_of(hostile, 6),
            json_pack("{s:s,s:s,s:s,s:s}", "q", hostile, "min_sources", hostile, "category",
                      hostile, "order", hostile));
    assert_harmless(&b);
    says(&b, "&lt;script&gt;alert(1)&lt;/script&gt;");
    buf_free(&b);
}

static void event_page_of(struct buf *b, json_t *event, json_t *articles, json_t *others)
{
    buf_init(b, PAGE_MAX);
    event_page(b,
               &(struct event_view){
                   .event = event, .articles = articles, .others = others, .asked = 7, .now = NOW});
    json_decref(event);
    json_decref(articles);
    json_decref(others);
}

static void an_event_of_hostile_texts_is_harmless(void **state)
{
    (void)state;
    struct buf b;
    event_page_of(&b, event_of(hostile, 6),
                  json_pack("[o,o,o]", article_of(1, hostile, 0), article_of(2, hostile, 1),
                            article_of(3, hostile, 99)),
                  json_pack("{s:{s:i,s:s,s:s,s:i}}", "8", "id", 8, "title", hostile, "lang",
                            "\"><script>", "source_count", 1));
    assert_harmless(&b);
    buf_free(&b);
}

static json_t *feed_of(uint64_t number, const char *text, const char *state)
{
    return json_pack("{s:I,s:s,s:s,s:s,s:i,s:s}", "id", (json_int_t)number, "url", text, "title",
                     text, "last_error", text, "errors", 3, "state", state);
}

static void feeds_of_hostile_texts_are_harmless(void **state)
{
    (void)state;
    struct buf b;
    struct feeds_choice choice;
    buf_init(&b, PAGE_MAX);
    json_t *feeds = json_pack("[o]", feed_of(1, hostile, "error"));
    assert_true(feeds_choose(&choice, hostile, ""));
    assert_false(feeds_choose(&choice, "", hostile));
    assert_true(feeds_choose(&choice, hostile, ""));
    feeds_page(&b,
               &(struct feeds_view){.choice = &choice, .feeds = feeds, .cursor = "", .now = NOW});
    assert_harmless(&b);
    says(&b, "3 times in a row");
    json_decref(feeds);
    buf_free(&b);
}

/* As it lies in the store; nothing that a feed or a list says makes it another. */
static void the_state_of_a_feed(void **state)
{
    static const struct {
        const char *record, *state;
    } table[] = {
        {"{\"id\":1,\"state\":\"error\"}", "error"},
        {"{\"id\":1,\"state\":\"ok\"}", "ok"},
        {"{\"attributes\":{\"state\":\"gone\"},\"state\":\"new\"}", "new"},
        {"{\"state\":\"gone\",\"title\":\",\\\"state\\\":\\\"ok\\\"\"}", "gone"},
        {"{ \"state\": \"error\", \"attributes\": {} }", "error"},
        {"{\"id\":1,\"state\":\"merged\"}", "removed"},
        {"{\"id\":1}", "removed"},
        {"", "removed"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct feeds_choice choice;
        assert_true(feeds_choose(&choice, table[i].state, ""));
        assert_int_equal(feeds_state(table[i].record, strlen(table[i].record)), choice.state);
    }
}

/* Of any number of feeds, with rows of any length: all of them once, in order, each page bounded.
 */
static void pages_of_feeds_are_whole(void **state)
{
    enum { N = 1500, LONG_TEXT = 20000 };
    static const char *const names[] = {"error", "gone", "new", "ok", "removed"};
    char *text = mem_alloc(LONG_TEXT + 1), cursor[64] = "";
    uint64_t seen = 0, last = 0;
    size_t last_state = 0, pages = 0;
    (void)state;
    memset(text, '&', LONG_TEXT);
    text[LONG_TEXT] = 0;
    do {
        struct feeds_choice choice;
        struct buf b;
        uint64_t numbers[FEEDS_PAGE + 1];
        json_t *feeds = json_array();
        buf_init(&b, PAGE_MAX);
        assert_true(feeds_choose(&choice, "", cursor));
        for (uint64_t i = 1; i <= N; i++)
            feeds_offer(&choice, i, i * 7 % 5);
        size_t n = feeds_chosen(&choice, numbers);
        for (size_t i = 0; i < n; i++)
            json_array_append_new(
                feeds, feed_of(numbers[i], numbers[i] % 9 ? "x" : text, names[numbers[i] * 7 % 5]));
        feeds_page(&b, &(struct feeds_view){
                           .choice = &choice, .feeds = feeds, .cursor = cursor, .now = NOW});
        assert_false(b.full);
        assert_true(b.len < REPLY_PAGE + 10 * LONG_TEXT * strlen("&amp;"));
        says(&b, "1200 listed");
        for (const char *p = buf_text(&b); (p = strstr(p, "<tr data-key=\"")); seen++) {
            uint64_t number = strtoull(p + strlen("<tr data-key=\""), NULL, 10);
            p++;
            assert_true(number * 7 % 5 > last_state || number > last);
            last = number;
            last_state = number * 7 % 5;
        }
        const char *more = strstr(buf_text(&b), "rel=\"next\"");
        const char *next = more ? strstr(more - 64, "cursor=") : NULL;
        *cursor = 0;
        if (next)
            assert_int_equal(sscanf(next, "cursor=%63[a-z.0-9]", cursor), 1);
        json_decref(feeds);
        buf_free(&b);
        pages++;
    } while (*cursor);
    assert_int_equal(seen, N / 5 * 4);           /* the removed ones are not listed */
    assert_true(pages > N / 5 * 4 / FEEDS_PAGE); /* for some rows are long */
    free(text);
}

static void a_list_shows_what_an_editor_looks_for(void **state)
{
    (void)state;
    struct buf b;
    json_t *event = event_of("Ferry aground", 6);
    json_object_set_new(event, "report_count", json_integer(2));
    list_of(&b, event, json_pack("{s:s}", "min_sources", "3"));
    says(&b, "<a href=\"/event/7\">Ferry aground</a>");
    says(&b, "<b>6 sources</b>");
    says(&b, ">2 reports<");
    says(&b, "<bdi>Paper 1</bdi>, <bdi>Paper 2</bdi>, <bdi>Paper 3</bdi>, <bdi>Paper 4</bdi> and 2 "
             "more");
    says(&b, "class=\"growth\"");
    says(&b, ">5 min</time>");
    says(&b, "min_sources=3&amp;first=2&amp;cursor=%22%3E%3Cscript%3E");
    says(&b, "<option value=\"3\" selected>");
    says(&b, "/feed.atom?min_sources=3\"");
    buf_free(&b);
}

static void new_and_growing_events_are_marked(void **state)
{
    (void)state;
    struct buf b;
    json_t *event = event_of("Ferry aground", 3);
    json_object_set_new(event, "first_seen", json_integer(NOW - 600));
    list_of(&b, event, json_object());
    says(&b, "mark new");
    never_says(&b, "mark growing"); /* its sources came 11 hours ago */
    buf_free(&b);
    event = event_of("Ferry aground", 3);
    size_t i;
    json_t *source;
    json_array_foreach(json_object_get(event, "sources"), i, source)
        json_object_set_new(source, "first", json_integer(NOW - 3500 + (int)i));
    json_object_set_new(event, "velocity", json_integer(3));
    list_of(&b, event, json_object());
    never_says(&b, "mark new");
    says(&b, "growing, +3");
    buf_free(&b);
}

static void parts_appear_when_they_have_something_to_say(void **state)
{
    (void)state;
    struct buf b;
    event_page_of(&b, event_of("Ferry aground", 1), json_pack("[o]", article_of(1, "Ferry", 0)),
                  json_object());
    says(&b, ">Summary<");
    says(&b, ">Time line<"); /* its headline was edited */
    never_says(&b, "What this means");
    never_says(&b, "Sentiment");
    never_says(&b, ">Details<");
    never_says(&b, ">Developments<");
    never_says(&b, "Similar events");
    never_says(&b, "Why these articles");
    buf_free(&b);
    json_t *event = event_of("Ferry aground", 1);
    json_object_set_new(event, "meaning",
                        json_pack("[{s:s,s:i,s:[s,s],s:s}]", "text", "Ferries <will> stop",
                                  "article", 1, "sources", "Ferry", "Tide", "kind", "extracted"));
    json_object_set_new(event, "details",
                        json_pack("[{s:s,s:i,s:[s],s:s,s:s}]", "text", "Late again, a guest said",
                                  "article", 1, "sources", "Ferry", "type", "reaction", "kind",
                                  "extracted"));
    json_object_set_new(event, "disputed",
                        json_pack("[{s:s,s:[{s:s,s:[s]},{s:s,s:[s]}]}]", "what", "hurt", "values",
                                  "value", "four <hurt>", "sources", "Ferry", "value", "six hurt",
                                  "sources", "Tide"));
    json_object_set_new(
        event, "sentiment",
        json_pack("{s:s,s:i,s:i,s:b,s:{s:i,s:i,s:i,s:i},s:[{s:i,s:s,s:s,s:s,s:s,s:s,s:s,s:i}]}",
                  "overall", "Mostly <supportive>.", "posts", 8, "authors", 8, "few", 0, "split",
                  "supportive", 6, "skeptical", 0, "concerned", 2, "neutral", 0, "quotes", "post",
                  4, "text", "I love <this> ferry.", "author", "Ada <a>", "handle", "@ada", "bio",
                  "Sailor <b>", "stance", "supportive", "url", "javascript:alert(1)", "time",
                  NOW - 60));
    json_object_set_new(event, "developments",
                        json_pack("[{s:s,s:s,s:i,s:i,s:[i,i],s:[s,s],s:[{s:s,s:s,s:s}]}]", "title",
                                  "Reef <holds> ferry", "url", "https://ferry.example/?a=1&b=2",
                                  "from", NOW - 7200, "until", NOW - 3600, "articles", 1, 2,
                                  "sources", "Ferry", "Tide", "new", "text", "It is <stuck>",
                                  "source", "Tide", "was", "<4>"));
    event_page_of(&b, event, json_pack("[o]", article_of(1, "Ferry", 0)), json_object());
    says(&b, "Mostly &lt;supportive&gt;.");
    says(&b, "<rect class=\"supportive\" x=\"0\" width=\"300\"");
    says(&b, "<rect class=\"concerned\" x=\"300\" width=\"100\"");
    says(&b, "<li class=\"concerned\">2 concerned</li>");
    says(&b, "I love &lt;this&gt; ferry.");
    says(&b, "<bdi>Ada &lt;a&gt;</bdi> <bdi>@ada</bdi>, <bdi class=\"bio\">Sailor &lt;b&gt;</bdi>");
    never_says(&b, "javascript:");
    says(&b, ">Developments<");
    says(&b, "<a href=\"https://ferry.example/?a=1&amp;b=2\" rel=\"noreferrer noopener\" "
             "target=\"_blank\">Reef &lt;holds&gt; ferry</a></h3>");
    says(&b, "It is &lt;stuck&gt; <span class=\"fine\"><bdi>Tide</bdi>, which had told "
             "<bdi>&lt;4&gt;</bdi> before</span>");
    says(&b, "2 articles: <bdi>Ferry</bdi>, <bdi>Tide</bdi></p>");
    says(&b, "What this means");
    says(&b, "Ferries &lt;will&gt; stop");
    says(&b, "<bdi>Ferry</bdi>, <bdi>Tide</bdi>, <a href=\"#a1\">");
    says(&b, ">Disputed<");
    says(&b, ">what others say of it<");
    says(&b, "four &lt;hurt&gt;");
    buf_free(&b);
}

static void an_event_says_who_copied_whom_and_why_they_are_together(void **state)
{
    (void)state;
    struct buf b;
    json_t *copy = article_of(2, "Ferry runs aground", 1);
    json_object_set_new(copy, "published", json_integer(NOW - 4000 + 14 * 60 + 1));
    event_page_of(
        &b, event_of("Ferry aground", 2), json_pack("[o,o]", article_of(1, "Ferry", 0), copy),
        json_pack("{s:{s:i,s:s,s:i}}", "8", "id", 8, "title", "Another ferry", "source_count", 2));
    says(&b, "same text as <bdi>Ferry</bdi>, 14 min later");
    says(&b, "It was very likely (98 %) that it belongs to this event; 50 % was needed.");
    says(&b, "Words they share, as stems: <bdi>Ferry</bdi>.");
    says(&b, "The next likeliest was <a href=\"/event/8\">");
    says(&b, ">Similar events<");
    says(&b, "nearly shared an article: 31 %");
    says(&b, "changed its headline: <del dir=\"auto\">Before &lt;it&gt;</del>");
    buf_free(&b);
}

/* An article with what its page says: author, kind, paywalled, and page (state, why). */
static json_t *read_article(const char *author, const char *kind, bool paywalled, const char *state,
                            const char *why)
{
    json_t *a = article_of(1, "Ferry", 0);
    json_object_set_new(a, "author", author ? json_string(author) : json_null());
    json_object_set_new(a, "kind", kind ? json_string(kind) : json_null());
    json_object_set_new(a, "paywalled", json_boolean(paywalled));
    json_object_set_new(a, "page",
                        state ? json_pack("{s:s,s:s?,s:i}", "state", state, "why", why, "time", NOW)
                              : json_null());
    return a;
}

static void an_article_has_marks_of_what_its_page_says(void **state)
{
    static const struct {
        const char *author, *kind;
        bool paywalled;
        const char *state, *why;
        const char *says; /* behind when it was published */
    } table[] = {
        {NULL, NULL, false, NULL, NULL, "</time>, text of"},
        {"Ada <a>", "article", false, "read", NULL,
         "</time>, by <bdi>Ada &lt;a&gt;</bdi>, text of"},
        {"FERRY", "article", false, "read", NULL, "</time>, text of"}, /* the publisher's name */
        {NULL, "live", true, "read", NULL, "</time>, paywall, live, text of"},
        {NULL, "video", false, "read", NULL, "</time>, video, text of"},
        {NULL, "gallery", false, "read", NULL, "</time>, gallery, text of"},
        {NULL, hostile, false, hostile, hostile, "</time>, text of"},
        {NULL, NULL, false, "waiting", "event", "</time>, text of"},
        {NULL, NULL, false, "refused", "robots",
         "</time>, <span class=\"told\" title=\"not fetched: its site&#39;s robots.txt disallows "
         "it\">"
         "page refused</span>, text of"},
        {NULL, NULL, false, "failed", "status",
         "title=\"failed: the server has no such page\">page not read</span>, text of"},
        {NULL, NULL, false, "left", "whole",
         "title=\"not fetched: its feed contains the whole text\">page not asked for</span>, text "
         "of"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf b;
        json_t *a = read_article(table[i].author, table[i].kind, table[i].paywalled, table[i].state,
                                 table[i].why);
        event_page_of(&b, event_of("Ferry aground", 1), json_pack("[o]", a), json_object());
        says(&b, table[i].says);
        assert_harmless(&b);
        buf_free(&b);
    }
}

static void the_machine_shows_pages_only_where_they_are_read(void **state)
{
    (void)state;
    struct buf b;
    struct machine_view v = {.now = NOW, .started = NOW - 60, .pages_waiting = 7};
    buf_init(&b, PAGE_MAX);
    machine_page(&b, &v);
    never_says(&b, ">Pages<");
    buf_clear(&b);
    v.reads_pages = true;
    v.pages_longest = 130;
    v.pages_read = 41;
    v.pages_refused = 5;
    v.pages_failed = 3;
    v.pages_bytes = 3 << 20;
    v.pages_today = 49;
    v.pages_budget = 20000;
    machine_page(&b, &v);
    says(&b, "<h2>Pages</h2>");
    says(&b, "<dt>Waiting</dt><dd>7<small>");
    says(&b, "<dt>Longest wait</dt><dd>2 min<small>of a page");
    says(&b, "<dt>Read</dt><dd>41<small>");
    says(&b, "<dt>Refused</dt><dd>5<small>");
    says(&b, "<dt>Failed</dt><dd>3<small>");
    says(&b, "<dt>Bytes</dt><dd>3.0 MB<small>");
    says(&b, "<dt>Today</dt><dd>49<small>of 20000, the budget");
    buf_clear(&b);
    v.pages_waiting = 0;
    machine_page(&b, &v);
    says(&b, "<dt>Longest wait</dt><dd>–<small>of a page");
    buf_free(&b);
}

static void an_event_shows_what_editors_decided(void **state)
{
    (void)state;
    struct buf b;
    json_t *event = event_of("Ferry aground", 1);
    json_object_set_new(event, "pinned", json_true());
    json_object_set_new(event, "headline", json_string("Ferry aground"));
    json_object_set_new(event, "tags", json_pack("[s]", "front <page>"));
    json_object_set_new(
        event, "notes",
        json_pack("[{s:s,s:s,s:i}]", "text", "Ring the <port>", "who", "Ilsa", "time", NOW - 60));
    json_object_set_new(event, "leaning",
                        json_pack("{s:f,s:[{s:s,s:s,s:f}]}", "value", -0.4, "because", "what",
                                  "publisher", "name", "a.example", "value", -0.4));
    event_page_of(&b, event, json_pack("[o]", article_of(1, "Ferry", 0)), json_object());
    says(&b, "mark pinned");
    says(&b, ">renamed<");
    says(&b, "<bdi>front &lt;page&gt;</bdi>");
    says(&b, "Ring the &lt;port&gt;");
    says(&b, "Ranked lower, for editors wanted less of what has these in common");
    says(&b, "<bdi title=\"publisher, -0.40\">a.example</bdi>");
    buf_free(&b);
}

static void a_time_line_tells_merges_and_splits(void **state)
{
    (void)state;
    struct buf b;
    json_t *event = event_of("Ferry aground", 1),
           *articles = json_pack("[o]", article_of(1, "F", 0));
    json_t *changes =
        json_pack("[{s:s,s:i,s:i,s:i,s:s},{s:s,s:i,s:i,s:i,s:s},{s:s,s:i,s:i,s:i,s:s}]", "kind",
                  "merged", "time", NOW, "from", 8, "number", 8, "other", "A <ship>", "kind",
                  "split", "time", NOW, "from", 9, "number", 9, "other", "", "kind", "split",
                  "time", NOW, "into", 10, "number", 10, "other", "Storm");
    buf_init(&b, PAGE_MAX);
    event_page(&b, &(struct event_view){.event = event,
                                        .articles = articles,
                                        .changes = changes,
                                        .asked = 7,
                                        .rank = 3,
                                        .now = NOW});
    says(&b, "This event took in <a href=\"/event/8\">event 8</a>: <bdi>A &lt;ship&gt;</bdi>");
    says(&b, "It was split from <a href=\"/event/9\">event 9</a></span>");
    says(&b, "From it was split <a href=\"/event/10\">event 10</a>: <bdi>Storm</bdi>");
    says(&b, "among the top events\">3</span>");
    json_decref(event);
    json_decref(articles);
    json_decref(changes);
    buf_free(&b);
}

static void a_filter_keeps_the_others(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4096);
    json_t *set = json_pack("{s:s,s:s,s:s}", "q", "a&b c", "order", "new", "unknown", "x");
    filter_address(&b, set, NULL, NULL);
    assert_string_equal(buf_text(&b), "/?order=new&q=a%26b%20c");
    buf_clear(&b);
    filter_address(&b, set, "order", NULL);
    assert_string_equal(buf_text(&b), "/?q=a%26b%20c");
    buf_clear(&b);
    filter_address(&b, set, "min_sources", "3");
    assert_string_equal(buf_text(&b), "/?order=new&q=a%26b%20c&min_sources=3");
    assert_true(filter_is_known("growing"));
    assert_false(filter_is_known("unknown"));
    json_decref(set);
    buf_free(&b);
}

static void files_are_built_in_under_the_name_of_their_hash(void **state)
{
    (void)state;
    size_t all = 0;
    for (const struct asset *a = assets(); a->name; a++) {
        assert_true(a->end > a->begin);
        assert_int_equal(strncmp(a->address, "/static/", 8), 0);
        assert_non_null(strstr(a->address, a->etag[1] ? strrchr(a->name, '.') : ""));
        all += (size_t)(a->end - a->begin);
    }
    assert_true(all < 64 * 1024); /* the first screen stays under 100 KB */
    assert_string_equal(asset_address("no such file"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_escaped),
        cmocka_unit_test(controls_and_overrides_are_left_out),
        cmocka_unit_test(a_format_escapes_its_values),
        cmocka_unit_test(ages_have_the_unit_of_a_reader),
        cmocka_unit_test(a_list_of_hostile_texts_is_harmless),
        cmocka_unit_test(an_event_of_hostile_texts_is_harmless),
        cmocka_unit_test(feeds_of_hostile_texts_are_harmless),
        cmocka_unit_test(the_state_of_a_feed),
        cmocka_unit_test(pages_of_feeds_are_whole),
        cmocka_unit_test(a_list_shows_what_an_editor_looks_for),
        cmocka_unit_test(new_and_growing_events_are_marked),
        cmocka_unit_test(parts_appear_when_they_have_something_to_say),
        cmocka_unit_test(an_event_says_who_copied_whom_and_why_they_are_together),
        cmocka_unit_test(an_article_has_marks_of_what_its_page_says),
        cmocka_unit_test(the_machine_shows_pages_only_where_they_are_read),
        cmocka_unit_test(an_event_shows_what_editors_decided),
        cmocka_unit_test(a_time_line_tells_merges_and_splits),
        cmocka_unit_test(a_filter_keeps_the_others),
        cmocka_unit_test(files_are_built_in_under_the_name_of_their_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
