#include "unit.h"

#include "feed/opml.h"

#include <stdio.h>
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
    assert_int_equal(o.feeds[0].n_attributes, 2);
    assert_string_equal(o.feeds[0].attributes[1].name, "category");
    assert_string_equal(o.feeds[0].attributes[1].value, "/c");
    assert_string_equal(o.feeds[1].xml_url, "http://b/");
    assert_string_equal(o.feeds[1].title, "Two");
    assert_string_equal(o.feeds[1].group, "News");
    assert_null(o.feeds[2].title);
    assert_null(o.feeds[2].group);
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
        cmocka_unit_test(faults),
        cmocka_unit_test(no_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
