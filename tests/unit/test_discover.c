#include "unit.h"

#include "base/buf.h"
#include "feed/discover.h"

#include <string.h>

#define LINK(rel, type, href) "<link rel='" rel "' type='" type "' href='" href "'>"
#define RSS                   "application/rss+xml"

/* A page at http://h/d/p.html, and the addresses that are found, with blanks between them. */
static const struct {
    const char *html, *found;
} pages[] = {
    {LINK("alternate", RSS, "/a"), "http://h/a"},
    {LINK("alternate", "application/atom+xml", "a"), "http://h/d/a"},
    {LINK("alternate", "application/feed+json", "//o/a"), "http://o/a"},
    {LINK("alternate", "application/json", "a"), "http://h/d/a"},
    {LINK("alternate", "application/json", "/wp-json/wp/v2/posts/1"), ""},
    {LINK("ALTERNATE home", "Application/RSS+XML; charset=utf-8", "a"), "http://h/d/a"},
    {"<LINK HREF=/a TYPE=application/rss+xml REL=alternate>", "http://h/a"},
    {"<link type='" RSS "' href='/a'/>", "http://h/a"},
    {"<link rel='feed' href='/a'>", "http://h/a"},
    {LINK("alternate stylesheet", RSS, "/a"), ""},
    {LINK("alternates", RSS, "/a"), ""},
    {LINK("alternate", "text/html", "/a"), ""},
    {LINK("alternate", RSS, ""), ""},
    {"<link rel='alternate' type='" RSS "'>", ""},
    {LINK("alternate", RSS, "/a?x=1&amp;y=2"), "http://h/a?x=1&y=2"},
    {LINK("alternate", RSS, "javascript:alert(1)"), ""},
    {LINK("alternate", RSS, "file:///etc/passwd"), ""},
    {LINK("alternate", RSS, "feed://o/a"), "http://o/a"},
    {LINK("alternate", RSS, "feed:https://o/a"), "https://o/a"},
    {"<base href='http://b/c/'>" LINK("alternate", RSS, "a"), "http://b/c/a"},
    {"<base href='/c/'><base href='http://z/'>" LINK("alternate", RSS, "a"), "http://h/c/a"},
    {"<base target='x'>" LINK("alternate", RSS, "a"), "http://h/d/a"},
    {LINK("alternate", RSS, "a") LINK("alternate", RSS, "b") LINK("alternate", RSS, "a"),
     "http://h/d/a http://h/d/b"},
    /* what is no part of the page */
    {"<!-- " LINK("alternate", RSS, "a") " -->", ""},
    {"<script>document.write(\"" LINK("alternate", RSS, "a") "\")</script>", ""},
    {"<script>if (a<b && c>d) x=\"</p>\"</script>" LINK("alternate", RSS, "a"), "http://h/d/a"},
    {"<template>" LINK("alternate", RSS, "a") "</template>", ""},
    /* guesses, only where nothing is declared */
    {LINK("alternate", "text/xml", "/a"), "http://h/a"},
    {LINK("alternate", "text/xml", "/b") LINK("alternate", RSS, "/a"), "http://h/a"},
    {"<a href='/feed/'>RSS</a> <a href=/about>us</a>", "http://h/feed/"},
    {"<a href='/news.rss'>", "http://h/news.rss"},
    {"<a href='http://o/x/index.xml?a'>", "http://o/x/index.xml?a"},
    {"<a href='feed://o/anything'>", "http://o/anything"},
    {"<a type='" RSS "' href='/x'>", "http://h/x"},
    {"<a href='/feed/'>" LINK("alternate", RSS, "/a"), "http://h/a"},
    {"<a href='/index'> <a href='/news'> <a href='/feedback'> <a href='/feed.html'> <a href='/'>"
     "<a href='mailto:rss@h'> <a href='#feed'> <a>",
     ""},
    /* what is broken */
    {"<link rel=alternate type=" RSS " href=a", "http://h/d/a"},
    {"<link rel='alternate type=" RSS " href=a>", ""},
    {"", ""},
    {"<", ""},
    {"not html at all \xff\xfe", ""},
};

static void pages_name_their_feeds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        struct discovered d;
        struct buf found;
        buf_init(&found, 1 << 16);
        discover_feeds(pages[i].html, strlen(pages[i].html), "http://h/d/p.html", &d);
        for (size_t k = 0; k < d.n; k++)
            buf_addf(&found, "%s%s", k ? " " : "", d.v[k].url);
        if (strcmp(buf_text(&found), pages[i].found) != 0)
            fail_msg("%s: %s, expected %s", pages[i].html, buf_text(&found), pages[i].found);
        discovered_free(&d);
        buf_free(&found);
    }
}

static void titles_are_text(void **state)
{
    static const char page[] = "<link rel=alternate type=" RSS " href=/a title='Caf&eacute; "
                               "&lt;b&gt; \x1b[31m \xff'>";
    struct discovered d;
    (void)state;
    discover_feeds(page, sizeof page - 1, "http://h/", &d);
    assert_int_equal(d.n, 1);
    assert_string_equal(d.v[0].title, "Caf\xc3\xa9 <b> [31m \xef\xbf\xbd");
    discovered_free(&d);
}

static void without_a_base_only_whole_addresses_count(void **state)
{
    static const char page[] = LINK("alternate", RSS, "/a") LINK("alternate", RSS, "http://o/b");
    struct discovered d;
    (void)state;
    discover_feeds(page, sizeof page - 1, NULL, &d);
    assert_int_equal(d.n, 1);
    assert_string_equal(d.v[0].url, "http://o/b");
    discovered_free(&d);
}

static void more_than_fit_are_left_out(void **state)
{
    struct buf page;
    struct discovered d;
    (void)state;
    buf_init(&page, 1 << 24);
    for (int i = 0; i < 50000; i++)
        buf_addf(&page, "<link rel=alternate type=" RSS " href=/%d>", i);
    discover_feeds(page.p, page.len, "http://h/", &d);
    assert_int_equal(d.n, DISCOVER_MAX);
    discovered_free(&d);
    buf_free(&page);
}

static void usual_places_are_on_the_site(void **state)
{
    struct discovered d;
    (void)state;
    discover_usual("https://h:81/a/b?c", &d);
    assert_true(d.n > 5);
    for (size_t i = 0; i < d.n; i++)
        assert_int_equal(strncmp(d.v[i].url, "https://h:81/", 13), 0);
    discovered_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_name_their_feeds),
        cmocka_unit_test(titles_are_text),
        cmocka_unit_test(without_a_base_only_whole_addresses_count),
        cmocka_unit_test(more_than_fit_are_left_out),
        cmocka_unit_test(usual_places_are_on_the_site),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
