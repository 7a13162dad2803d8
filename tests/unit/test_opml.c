#include "unit.h"

#include "base/url.h"
#include "feed/opml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct opml parse(const char *text)
{
    struct opml o;
    struct opml_error error;
    if (!opml_parse(text, strlen(text), &o, &error))
        fail_msg("line %zu: %s", error.line, error.message);
    return o;
}

static void a_list(void **state)
{
    struct opml o =
        parse("<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n"
              "<opml version=\"2.0\"><head><title>My \xe9lan</title></head><body>\n"
              "<outline text=\"News\"><outline text=\"World\">\n"
              " <outline type=\"rss\" text=\"T\" title=\"One\" xmlUrl=\"http://a/?x=1&amp;y\""
              " htmlUrl=\"http://a/\" category=\"/c\"/></outline>\n"
              " <outline text=\"Two\" xmlURL=' http://b/ '></outline></outline>\n"
              "<outline xmlUrl=\"http://c/\"/><outline text=\"empty\" xmlUrl=\"\"/>\n"
              "</body></opml>");
    (void)state;
    assert_string_equal(o.title, "My \u00e9lan");
    assert_int_equal(o.n_feeds, 3);
    assert_string_equal(o.feeds[0].xml_url, "http://a/?x=1&y");
    assert_string_equal(o.feeds[0].title, "One");
    assert_string_equal(o.feeds[0].html_url, "http://a/");
    assert_string_equal(o.feeds[0].group, "News/World");
    assert_int_equal(o.feeds[0].n_attributes, 3);
    assert_string_equal(o.feeds[0].attributes[1].name, "category");
    assert_string_equal(o.feeds[0].attributes[1].value, "/c");
    assert_string_equal(o.feeds[0].attributes[2].name, "text");
    assert_string_equal(o.feeds[0].attributes[2].value, "T");
    assert_string_equal(o.feeds[1].xml_url, "http://b/");
    assert_string_equal(o.feeds[1].title, "Two");
    assert_string_equal(o.feeds[1].group, "News");
    assert_null(o.feeds[2].title);
    assert_null(o.feeds[2].group);
    opml_free(&o);
}

/* A list that an editor saved as UTF-8 under the declaration that it came with. */
static void a_list_in_utf8_that_says_otherwise(void **state)
{
    struct opml o = parse("<?xml version=\"1.0\" encoding=\"windows-1252\"?><opml><body>"
                          "<outline text=\"Zürich\" xmlUrl=\"http://a/\"/></body></opml>");
    (void)state;
    assert_string_equal(o.feeds[0].title, "Zürich");
    opml_free(&o);
}

/* Each line is an outline that is not well-formed, with the address that it means. */
static void faults(void **state)
{
    static const char *const table[] = {
        "<outline text=\"Q & A\" xmlUrl=\"http://x/\"/>",
        "<outline text=\"The \"big\" one\" xmlUrl=\"http://x/\"/>",
        "<outline text=\"The \"big one\" xmlUrl=\"http://x/\"/>",
        "<outline text=\"big\"\" xmlUrl=\"http://x/\" />",
        "<outline text=\"<p>About <b>it</b>\" xmlUrl=\"http://x/\"/>",
        "<outline text=\"See <a href=\"http://y/\" rel=\"me\">us</a>.\" xmlUrl=\"http://x/\"/>",
        "<outline text=\"1 < 2\" xmlUrl=\"http://x/\" type=\"rss\">",
        "<outline text='It's' xmlUrl='http://x/'/>",
        "<outline text=a xmlUrl=http://x/ />",
        "<outline text=\"a\"xmlUrl=\"http://x/\"/>",
        "<outline text=\"a &nosuch; b\" xmlUrl=\"http://x/\"",
    };
    char text[1000];
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        snprintf(text, sizeof text,
                 "<opml><body>\n%s\n<outline xmlUrl=\"http://z/\"/></body></opml>", table[i]);
        struct opml o = parse(text);
        if (o.n_feeds != 2 || strcmp(o.feeds[0].xml_url, "http://x/") != 0 ||
            strcmp(o.feeds[1].xml_url, "http://z/") != 0)
            fail_msg("%s", table[i]);
        opml_free(&o);
    }
}

/* Addresses as readers export them, and what they mean. */
static void addresses(void **state)
{
    static const struct {
        const char *given, *means;
    } table[] = {
        {"http://kestrel.example/rss", "http://kestrel.example/rss"},
        {" \n https://kestrel.example/rss\t", "https://kestrel.example/rss"},
        {"feed://kestrel.example/rss", "http://kestrel.example/rss"},
        {"FEED:https://kestrel.example/rss", "https://kestrel.example/rss"},
        {"feed:http://kestrel.example/rss", "http://kestrel.example/rss"},
        {"feed://https://kestrel.example/rss", "https://kestrel.example/rss"},
        {"feed:kestrel.example/rss", "http://kestrel.example/rss"},
        {"feed: http://kestrel.example/rss", "http://kestrel.example/rss"},
        {"feed:gopher://kestrel.example/", "gopher://kestrel.example/"},
        {"feed:feed:", "http://"},
        {"feed:///rss", "http:///rss"},
        {"feeds://kestrel.example/rss", "https://kestrel.example/rss"},
        {"itpc://kestrel.example/rss", "http://kestrel.example/rss"},
        {"http://kestrel.example/?a=1&amp;amp;b=2", "http://kestrel.example/?a=1&b=2"},
        {"http://kestrel.example/?a=1&amp;amp;amp;b=2&amp;#038;c",
         "http://kestrel.example/?a=1&b=2&c"},
        {"http://kestrel.example/?a=1&amp;b=2&amp;ampere",
         "http://kestrel.example/?a=1&b=2&ampere"},
        {"www.kestrel.example", "http://www.kestrel.example"},
        {"kestrel.example/rss", "http://kestrel.example/rss"},
        {"kestrel.example:8080/rss", "http://kestrel.example:8080/rss"},
        /* what nothing can be made of stays as it is */
        {"rss.xml", "rss.xml"},
        {"/srv/rss.xml", "/srv/rss.xml"},
        {"../rss.xml", "../rss.xml"},
        {"mailto:desk@kestrel.example", "mailto:desk@kestrel.example"},
        {"gopher://kestrel.example/", "gopher://kestrel.example/"},
    };
    char text[1000];
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        snprintf(text, sizeof text, "<opml><body><outline xmlUrl='%s' htmlUrl='%s'/></body></opml>",
                 table[i].given, table[i].given);
        struct opml o = parse(text);
        assert_int_equal(o.n_feeds, 1);
        if (strcmp(o.feeds[0].xml_url, table[i].means) != 0)
            fail_msg("%s: %s, expected %s", table[i].given, o.feeds[0].xml_url, table[i].means);
        if (url_is_http(table[i].means))
            assert_string_equal(o.feeds[0].html_url, table[i].means);
        else
            assert_null(o.feeds[0].html_url);
        opml_free(&o);
    }
}

static void feeds_know_their_lines(void **state)
{
    struct opml o =
        parse("<?xml version='1.0'?>\n<opml><head/>\n<body>\n<outline text='a\nb'>\n"
              "<!--\n--><outline\n text='c' xmlUrl='http://c/'/><outline xmlUrl='http://d/'"
              "/>\n\n</outline><outline text='e' xmlUrl='http://e/'/></body></opml>");
    static const size_t lines[] = {7, 8, 10};
    (void)state;
    assert_int_equal(o.n_feeds, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(o.feeds[i].line, lines[i]);
    opml_free(&o);
}

static char *write(const struct opml *o)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    opml_write(&b, o);
    return buf_take(&b);
}

/* What is written reads back the same, and groups stand together. */
static void round_trip(void **state)
{
    static const char expected[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n"
        "<head><title>Mine &#38; yours</title></head>\n<body>\n"
        "  <outline text=\"News\">\n"
        "    <outline text=\"AC/DC \\o/\">\n"
        "      <outline type=\"rss\" text=\"a &#38; &#34;b&#34; \u00e9\" title=\"a &#38; "
        "&#34;b&#34; "
        "\u00e9\" xmlUrl=\"http://a/?x&#38;y\" htmlUrl=\"http://a/\" interval=\"2h\"/>\n"
        "    </outline>\n"
        "    <outline type=\"atom\" text=\"short\" title=\"long\" xmlUrl=\"http://c/\"/>\n"
        "  </outline>\n"
        "  <outline type=\"rss\" text=\"http://b/\" xmlUrl=\"http://b/\"/>\n"
        "</body>\n</opml>\n";
    struct opml o = parse("<opml><head><title>Mine &amp; yours</title></head><body>"
                          "<outline text='News'><outline text='AC/DC \\o/'>"
                          "<outline text='a &amp; \"b\" \u00e9' xmlUrl='http://a/?x&amp;y' "
                          "htmlUrl='http://a/' interval='2h' interval='3h' a:\"='x'/>"
                          "</outline></outline><outline xmlUrl='http://b/'/>"
                          "<outline title='News'><outline text='short' title='long' type='atom' "
                          "xmlUrl='http://c/'/></outline></body></opml>");
    (void)state;
    assert_string_equal(o.feeds[0].group, "News/AC\\/DC \\\\o\\/");
    char *once = write(&o);
    assert_string_equal(once, expected);
    struct opml back = parse(once);
    char *twice = write(&back);
    assert_string_equal(twice, expected);
    free(once);
    free(twice);
    opml_free(&o);
    opml_free(&back);
}

#define LIST(body)                                                                                 \
    "<?xml version='1.0' encoding='iso-8859-1'?>\n<opml><!-- <outline xmlUrl='http://b/'/> -->\n"  \
    "<body>\n" body "</body></opml>\n"

static void a_feed_is_added_in_its_group(void **state)
{
    static const char before[] = LIST("<outline text='caf\xe9' xmlUrl='http://a/'/>\n");
    static const char after[] =
        LIST("<outline text='caf\xe9' xmlUrl='http://a/'/>\n"
             "  <outline text=\"N&#38;N\">\n    <outline type=\"rss\" text=\"&#233;t&#233;\" "
             "title=\"&#233;t&#233;\" xmlUrl=\"http://b/?1&#38;2\"/>\n  </outline>\n");
    char url[] = "http://b/?1&2", title[] = "\u00e9t\u00e9", group[] = "N&N";
    struct opml_feed f = {.xml_url = url, .title = title, .group = group};
    struct buf b;
    (void)state;
    buf_init(&b, 1 << 16);
    assert_true(opml_add_feed(&b, before, sizeof before - 1, &f));
    assert_string_equal(buf_text(&b), after);
    buf_clear(&b);
    assert_false(opml_add_feed(&b, "<opml><body>", 12, &f)); /* half a list */
    buf_free(&b);
}

static void a_feed_is_removed_and_the_rest_stays(void **state)
{
    static const struct {
        const char *before, *after;
    } table[] = {
        {LIST("  <outline xmlUrl='http://a/'/>\n  <outline text='>' xmlUrl='http://b/'/>\n"),
         LIST("  <outline xmlUrl='http://a/'/>\n")},
        {LIST("<outline xmlUrl='http://a/'/><outline xmlUrl='http://b/'></outline>\n"),
         LIST("<outline xmlUrl='http://a/'/>\n")},
        {LIST("<outline xmlUrl='http://a/'/>\n<outline xmlUrl='feed://b/'/>\n"),
         LIST("<outline xmlUrl='http://a/'/>\n")},
        {LIST("<outline xmlUrl=\"http://b/\"><outline xmlUrl='http://a/'/></outline>\n"
              "<OUTLINE XMLURL='http://b/'/>\n"),
         LIST("<outline xmlUrl='http://a/'/>\n")},
    };
    struct buf b;
    (void)state;
    buf_init(&b, 1 << 16);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        buf_clear(&b);
        assert_true(opml_remove_feed(&b, table[i].before, strlen(table[i].before), "http://b/"));
        assert_string_equal(buf_text(&b), table[i].after);
        assert_false(opml_remove_feed(&b, table[i].after, strlen(table[i].after), "http://b/"));
    }
    buf_free(&b);
}

/* Where quotes are so broken that the tags cannot be told apart, the list is written anew. */
static void a_feed_is_removed_from_a_broken_list(void **state)
{
    static const char text[] =
        "<opml><body><outline text=\"The \"big one\" xmlUrl=\"http://b/\"/>\n"
        "<outline text=\"a\" xmlUrl=\"http://a/\"/></body></opml>";
    struct buf b;
    (void)state;
    buf_init(&b, 1 << 16);
    assert_true(opml_remove_feed(&b, text, sizeof text - 1, "http://b/"));
    struct opml o = parse(buf_text(&b));
    assert_int_equal(o.n_feeds, 1);
    assert_string_equal(o.feeds[0].xml_url, "http://a/");
    opml_free(&o);
    buf_free(&b);
}

/* Kept for the one who polls: no other text has it, and a list that is written has it as it was. */
static void a_login_stands_apart(void **state)
{
    static const char list[] =
        LIST("<outline title='https://u:p%20q@h/f' text='https://u:p%20q@h/f' "
             "xmlUrl='https://u:p%20q@h/f' htmlUrl='https://u:p%20q@h/' old='http://u:p@h/'/>\n");
    struct opml o;
    struct opml_error error;
    struct buf b;
    (void)state;
    assert_true(opml_parse(list, sizeof list - 1, &o, &error));
    assert_int_equal(o.n_feeds, 1);
    assert_string_equal(o.feeds[0].xml_url, "https://h/f");
    assert_string_equal(o.feeds[0].login, "u:p%20q");
    assert_string_equal(o.feeds[0].title, "https://h/f");
    assert_string_equal(o.feeds[0].html_url, "https://h/");
    assert_string_equal(o.feeds[0].attributes[0].value, "http://h/");
    buf_init(&b, 1 << 16);
    opml_write(&b, &o);
    assert_non_null(strstr(buf_text(&b), "xmlUrl=\"https://u:p%20q@h/f\""));
    buf_clear(&b);
    assert_true(opml_remove_feed(&b, list, sizeof list - 1, "https://h/f"));
    assert_null(strstr(buf_text(&b), "h/f"));
    buf_clear(&b);
    assert_true(opml_add_feed(&b, "<opml></opml>", 13, &o.feeds[0]));
    assert_non_null(strstr(buf_text(&b), "xmlUrl=\"https://u:p%20q@h/f\""));
    opml_free(&o);
    buf_free(&b);
}

/* However its author spelled the address. */
static void a_login_is_found_in_what_is_meant(void **state)
{
    static const char *const table[] = {"u:p@h.example/f",       "//u:p@h.example/f",
                                        "feed:u:p@h.example/f",  "http:///u:p@h.example/f",
                                        "http:/u:p@h.example/f", " http://u:p@h.example/f "};
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char text[256];
        struct opml_error error;
        struct opml o;
        snprintf(text, sizeof text, LIST("<outline text='x' xmlUrl='%s'/>\n"), table[i]);
        assert_true(opml_parse(text, strlen(text), &o, &error));
        assert_string_equal(o.feeds[0].xml_url, "http://h.example/f");
        assert_string_equal(o.feeds[0].login, "u:p");
        opml_free(&o);
    }
}

static void check_error(const char *text, size_t line)
{
    struct opml o;
    struct opml_error error;
    assert_false(opml_parse(text, strlen(text), &o, &error));
    assert_int_equal(error.line, line);
    assert_non_null(error.message);
    opml_free(&o);
}

static void no_list(void **state)
{
    (void)state;
    check_error("", 1);
    check_error("just\ntext\n", 2);
    check_error("<?xml version=\"1.0\"?>\n\n<rss><channel/></rss>", 3);
    check_error("<!DOCTYPE html>\n<html><body>Sign in</body></html>", 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list),
        cmocka_unit_test(a_list_in_utf8_that_says_otherwise),
        cmocka_unit_test(faults),
        cmocka_unit_test(no_list),
        cmocka_unit_test(addresses),
        cmocka_unit_test(feeds_know_their_lines),
        cmocka_unit_test(a_login_stands_apart),
        cmocka_unit_test(a_login_is_found_in_what_is_meant),
        cmocka_unit_test(round_trip),
        cmocka_unit_test(a_feed_is_added_in_its_group),
        cmocka_unit_test(a_feed_is_removed_and_the_rest_stays),
        cmocka_unit_test(a_feed_is_removed_from_a_broken_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
