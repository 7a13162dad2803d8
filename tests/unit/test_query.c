/* What is typed into the search box, as an expression of FTS5; and where its words are in a text.
 */
#include "base/buf.h"
#include "search/query.h"
#include "search/snippet.h"
#include "unit.h"

#include <string.h>

#define ALL "{title body source} : "

enum { NOW = 1700000000 };

static void assert_match(const char *text, const char *match)
{
    struct query q;
    struct buf error;
    buf_init(&error, 1000);
    bool ok = query_read(text, NOW, &q, &error);
    assert_string_equal(ok ? buf_text(&q.match) : buf_text(&error), match);
    query_free(&q);
    buf_free(&error);
}

static void words_and_phrases_become_an_expression(void **state)
{
    (void)state;
    assert_match("ferry", ALL "\"ferry\" *");
    assert_match("Ferry  Star ", ALL "\"ferry\" AND " ALL "\"star\" *");
    assert_match("eu", ALL "\"eu\"");
    assert_match("\"Port Ashby\"", ALL "\"port ashby\"");
    assert_match("\"port ashby", ALL "\"port ashby\"");
    assert_match("ex-minister", ALL "\"ex minister\" *");
    assert_match("source:\"The Kestrel\"", "source : \"the kestrel\"");
    assert_match("a1 -b1 -source:c1", "(" ALL "\"a1\") NOT (" ALL "\"b1\" OR source : \"c1\")");
    assert_match("\xe4\xb8\x9c\xe4\xba\xac\xe9\x83\xbd", /* 东京都 */
                 ALL "\"\xe4\xb8\x9c\xe4\xba\xac \xe4\xba\xac\xe9\x83\xbd\" *");
    assert_match("M\xc3\xbcller Stra\xc3\x9f"
                 "e",
                 ALL "\"muller\" AND " ALL "\"strasse\" *");
    assert_match("Mu\xcc\x88ller", ALL "\"muller\" *");
}

static void a_prefix_can_be_taken_as_a_whole_word(void **state)
{
    struct query q;
    struct buf out;
    (void)state;
    buf_init(&out, 1000);
    assert_true(query_read("ferry -b1 sta", NOW, &q, &out));
    assert_true(query_whole(&q, &out));
    assert_string_equal(buf_text(&out),
                        "(" ALL "\"ferry\" AND " ALL "\"sta\") NOT (" ALL "\"b1\")");
    query_free(&q);
    assert_true(query_read("\"ferry\"", NOW, &q, &out));
    assert_false(query_whole(&q, &out));
    query_free(&q);
    buf_free(&out);
}

static void operators_are_words(void **state)
{
    (void)state;
    assert_match("a1 OR b1", ALL "\"a1\" AND " ALL "\"or\" AND " ALL "\"b1\"");
    assert_match("NEAR(a1,2)", ALL "\"near a1 2\"");
    assert_match("title:a1", ALL "\"title a1\"");
    assert_match("a1\"b1\" * ^ + {} \\", ALL "\"a1 b1\"");
    assert_match("\"\" a1", ALL "\"a1\"");
    assert_match("a1 -", ALL "\"a1\"");
    assert_match("source: a1", ALL "\"source\" AND " ALL "\"a1\"");
}

static void what_asks_for_nothing_is_refused(void **state)
{
    static const char nothing[] = "expected a word, a \"phrase\", source: or lang: to look for";
    char most[QUERY_MAX + 2];
    (void)state;
    assert_match("", nothing);
    assert_match("-a1", nothing);
    assert_match("\"", nothing);
    assert_match("since:3d", nothing);
    memset(most, 'a', QUERY_MAX + 1);
    most[QUERY_MAX + 1] = 0;
    assert_match(most, "expected UTF-8 of at most 500 bytes");
    assert_match("a\xff", "expected UTF-8 of at most 500 bytes");
    assert_match("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17",
                 "expected at most 16 words, phrases and conditions");
}

static void conditions_are_read(void **state)
{
    struct query q;
    struct buf error;
    (void)state;
    buf_init(&error, 1000);
    assert_true(query_read("a1 since:2023-11-01 until:2023-11-02 category:\"crime, law\"", NOW, &q,
                           &error));
    assert_int_equal(q.since, 1698796800);
    assert_int_equal(q.until, 1698883200 + 86399);
    assert_string_equal(q.category, "crime, law");
    query_free(&q);
    assert_true(query_read("a1 since:3d", NOW, &q, &error));
    assert_int_equal(q.since, NOW - 3 * 86400);
    assert_int_equal(q.until, INT64_MAX);
    query_free(&q);
    assert_false(query_read("a1 since:soon", NOW, &q, &error));
    assert_non_null(strstr(buf_text(&error), "since:soon; expected a date"));
    query_free(&q);
    buf_free(&error);
}

static void add_part(void *arg, const char *p, size_t n, bool match)
{
    buf_addf(arg, match ? "[%.*s]" : "%.*s", (int)n, p);
}

static void assert_snippet(const char *query, const char *text, size_t most, const char *expected)
{
    struct query q;
    struct buf out;
    struct snippet s;
    buf_init(&out, 4000);
    assert_true(query_read(query, NOW, &q, &out));
    snippet_of(&q, text, most, &s);
    snippet_each(&s, text, add_part, &out);
    assert_string_equal(buf_text(&out), expected);
    buf_free(&out);
    query_free(&q);
}

static void words_are_marked_where_they_are(void **state)
{
    (void)state;
    assert_snippet("dawn lifeb", "Lifeboats came before dawn.", 100,
                   "[Lifeboats] came before [dawn].");
    assert_snippet("muller", "Der M\xc3\xbcller, ja.", 100, "Der [M\xc3\xbcller], ja.");
    assert_snippet("\xe4\xb8\x9c\xe4\xba\xac\xe9\x83\xbd",
                   "\xe5\x9c\xa8\xe4\xb8\x9c\xe4\xba\xac\xe9\x83\xbd\xe5\x85\xa8", 100,
                   "\xe5\x9c\xa8[\xe4\xb8\x9c\xe4\xba\xac\xe9\x83\xbd]\xe5\x85\xa8");
    assert_snippet("nothing", "Some text.", 100, "Some text.");
    assert_snippet("\xe5\xb9\xb4nothing", "", 100, "");
}

static void the_piece_is_where_the_words_are(void **state)
{
    char text[3000] = "";
    (void)state;
    for (int i = 0; i < 200; i++)
        strcat(text, "pebble ");
    strcat(text, "heron and willow at last");
    assert_snippet("willow heron", text, 100,
                   "pebble pebble pebble pebble pebble pebble pebble pebble [heron] and [willow] "
                   "at last");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_phrases_become_an_expression),
        cmocka_unit_test(a_prefix_can_be_taken_as_a_whole_word),
        cmocka_unit_test(operators_are_words),
        cmocka_unit_test(what_asks_for_nothing_is_refused),
        cmocka_unit_test(conditions_are_read),
        cmocka_unit_test(words_are_marked_where_they_are),
        cmocka_unit_test(the_piece_is_where_the_words_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
