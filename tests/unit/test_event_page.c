/* The page of an event. */
#include "web_cases.h"

#include "web/frame.h"
#include "web/event_page.h"

#include <stdlib.h>

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

/* `others`: number -> the record of another event. */
static void event_page_of(struct buf *b, json_t *event, json_t *articles, json_t *others)
{
    struct codec_list all = codec_read_list(&article_table, articles);
    struct event_record read, heads[8];
    struct map by_number = {0};
    size_t n = 0;
    const char *number;
    json_t *other;
    codec_read(&event_table, event, &read);
    json_object_foreach(others, number, other)
    {
        codec_read(&event_head_table, other, &heads[n]);
        map_put(&by_number, strtoull(number, NULL, 10), &heads[n++]);
    }
    buf_init(b, PAGE_MAX);
    event_page(b, &(struct event_view){.event = &read,
                                       .articles = all.v,
                                       .n_articles = all.n,
                                       .others = &by_number,
                                       .asked = 7,
                                       .now = NOW});
    codec_free_list(&article_table, &all);
    codec_free(&event_table, &read);
    while (n)
        codec_free(&event_head_table, &heads[--n]);
    map_free(&by_number);
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

static void parts_appear_when_they_have_something_to_say(void **state)
{
    (void)state;
    struct buf b;
    event_page_of(&b, event_of("Ferry aground", 1), json_pack("[o]", article_of(1, "Ferry", 0)),
                  json_object());
    says(&b, ">Summary<");
    says(&b, ">Timeline<"); /* its headline was edited */
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
    says(&b, "It is &lt;stuck&gt; <span class=\"fine\"><bdi>Tide</bdi>, which had reported "
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
    says(&b, "Shared words (stems): <bdi>Ferry</bdi>.");
    says(&b, "The next most probable event was <a href=\"/event/8\">");
    says(&b, ">Similar events<");
    says(&b, "one article nearly joined both: 31 %");
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
         "title=\"not fetched: its feed contains the whole text\">page not fetched</span>, text "
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
    says(&b, "Ranked lower because editors asked for less of what these have in common");
    says(&b, "<bdi title=\"publisher, -0.40\">a.example</bdi>");
    buf_free(&b);
}

static void a_time_line_tells_merges_and_splits(void **state)
{
    (void)state;
    struct buf b;
    json_t *event = event_of("Ferry aground", 1), *stored = json_pack("[o]", article_of(1, "F", 0));
    struct codec_list articles = codec_read_list(&article_table, stored);
    struct map others = {0};
    struct event_record read;
    codec_read(&event_table, event, &read);
    char merged[] = "merged", split[] = "split", ship[] = "A <ship>", none[] = "",
         storm[] = "Storm";
    const struct event_turn turns[] = {
        {{.kind = merged, .time = NOW, .from = 8}, 8, ship},
        {{.kind = split, .time = NOW, .from = 9}, 9, none},
        {{.kind = split, .time = NOW, .into = 10}, 10, storm},
    };
    buf_init(&b, PAGE_MAX);
    event_page(&b, &(struct event_view){.event = &read,
                                        .others = &others,
                                        .articles = articles.v,
                                        .n_articles = articles.n,
                                        .turns = turns,
                                        .n_turns = sizeof turns / sizeof *turns,
                                        .asked = 7,
                                        .rank = 3,
                                        .now = NOW});
    says(&b, "Absorbed <a href=\"/event/8\">event 8</a>: <bdi>A &lt;ship&gt;</bdi>");
    says(&b, "Split from <a href=\"/event/9\">event 9</a></span>");
    says(&b, "Split off: <a href=\"/event/10\">event 10</a>: <bdi>Storm</bdi>");
    says(&b, "among the top events\">3</span>");
    codec_free_list(&article_table, &articles);
    codec_free(&event_table, &read);
    json_decref(event);
    json_decref(stored);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_of_hostile_texts_is_harmless),
        cmocka_unit_test(parts_appear_when_they_have_something_to_say),
        cmocka_unit_test(an_event_says_who_copied_whom_and_why_they_are_together),
        cmocka_unit_test(an_article_has_marks_of_what_its_page_says),
        cmocka_unit_test(an_event_shows_what_editors_decided),
        cmocka_unit_test(a_time_line_tells_merges_and_splits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
