#include "unit.h"

#include "base/buf.h"
#include "feed/comments.h"
#include "feed/discover.h"

#include <stdio.h>
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
    /* comments stand behind what is not, and do not hide a guess */
    {LINK("alternate", RSS, "/comments/feed/") LINK("alternate", RSS, "/feed/"),
     "http://h/feed/ http://h/comments/feed/"},
    {LINK("alternate", RSS, "/a/comment-page-2/feed") LINK("alternate", RSS, "/x"),
     "http://h/x http://h/a/comment-page-2/feed"},
    {LINK("alternate", RSS, "/?feed=rss2&amp;p=17") LINK("alternate", RSS, "/?feed=rss2"),
     "http://h/?feed=rss2 http://h/?feed=rss2&p=17"},
    {LINK("alternate", RSS, "https://site.disqus.com/latest.rss") LINK("alternate", RSS, "/x"),
     "http://h/x https://site.disqus.com/latest.rss"},
    {LINK("alternate", RSS,
          "/comments.xml") "<a href='/x'>RSS</a> <a href='/kommentare.rss'>RSS</a>",
     "http://h/x http://h/comments.xml http://h/kommentare.rss"},
    {LINK("alternate", RSS, "/comments.xml"), "http://h/comments.xml"},
    {LINK("alternate", RSS, "/commentisfree/rss") LINK("alternate", RSS, "/x"),
     "http://h/commentisfree/rss http://h/x"},
    /* links that say so: the surest first, those of the page's site before others */
    {"<a href='/x'>RSS</a>", "http://h/x"},
    {"<a href='/x'><b>Our</b> feed</a>", "http://h/x"},
    {"<a href='/x'>Atom</a> <a href=/y>us</a>", "http://h/x"},
    {"<a href='/x'><img src='i.png' alt='RSS'></a>", "http://h/x"},
    {"<a href='/x'><i class='icon icon-rss'></i></a>", "http://h/x"},
    {"<a href='/x' aria-label='RSS feed'></a>", "http://h/x"},
    {"<a href='/x' class='rss'>Follow</a>", "http://h/x"},
    {"<a href='/x' title='Subscribe by RSS'>+</a>", "http://h/x"},
    {"<a href='/x'>RSS", "http://h/x"},
    {"<a href='/x'>Feed the birds in winter with seeds</a> <a href='/y' class='news-feed'>News</a>"
     "<a href='/z'>Morse code</a>",
     ""},
    {"<a href='http://o/x'>RSS</a> <a href='#rss'>RSS</a> <a href='javascript:rss()'>RSS</a>", ""},
    {"<a href='http://www.h/x'>RSS</a> <a href='http://news.h/y'>RSS</a>",
     "http://www.h/x http://news.h/y"},
    {"<a href='/sitemap.xml'>Map</a> <a href='/x'>RSS</a> <a href='http://o/rss'>y</a>"
     "<a href='/news.xml'>RSS</a> <a href='/y/feed'>z</a> <a rel=me type='text/xml' "
     "href='/t'>t</a>",
     "http://h/t http://h/news.xml http://h/y/feed http://o/rss http://h/x http://h/sitemap.xml"},
    {"<a href='/x'>RSS</a> <a href='/x' type='text/xml'>x</a> <a href='/y/feed'>y</a>",
     "http://h/x http://h/y/feed"},
    {"<a href='/x'>RSS</a>" LINK("alternate", RSS, "/a"), "http://h/a"},
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

/* A page's bytes are read as UTF-8, whatever it says of itself. */
static void a_page_in_utf8_that_says_otherwise(void **state)
{
    static const char page[] = "<meta charset=iso-8859-1>"
                               "<link rel=alternate type=" RSS " href=/a title='Z\u00fcrich'>";
    struct discovered d;
    (void)state;
    discover_feeds(page, sizeof page - 1, "http://h/", &d);
    assert_string_equal(d.v[0].title, "Z\u00fcrich");
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

/* Of a feed beside one of comments, in the words of the systems that write such titles. */
static void comments_are_known_by_their_titles(void **state)
{
    static const char *const table[] = {
        "Kestrel &raquo; Comments Feed",
        "Kestrel &raquo; Ferry aground Comments Feed",
        "COMMENTS",
        "Kestrel \u00bb Kommentar-Feed",
        "Kestrel \u00bb Kommentarsfl\u00f6de",
        "Kestrel \u00bb Flux des commentaires",
        "Kestrel \u00bb Feed de los comentarios",
        "Kestrel \u00bb Feed de coment\u00e1rios",
        "Kestrel \u00bb Feed de comenta\u0301rios", /* decomposed */
        "Kestrel \u00bb Feed dei commenti",
        "Kestrel \u00bb reacties feed",
        "Kestrel \u00bb Kana\u0142 z komentarzami",
        "Kestrel \u00bb RSS koment\u00e1\u0159\u016f",
        "Kestrel \u00bb \u041b\u0435\u043d\u0442\u0430 "
        "\u041a\u043e\u043c\u043c\u0435\u043d\u0442\u0430"
        "\u0440\u0438\u0435\u0432",
        "Kestrel \u00bb \u30b3\u30e1\u30f3\u30c8\u306e\u30d5\u30a3\u30fc\u30c9",
        "Kestrel \u00bb \u8bc4\u8bba Feed",
        "Kestrel \u00bb \ub313\uae00 \ud53c\ub4dc",
    };
    static const char *const articles[] = {"Kestrel &raquo; Feed", "Commentary", "No comment",
                                           "Commencement"};
    char page[1000];
    struct discovered d;
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        snprintf(page, sizeof page,
                 "<link rel=alternate type=" RSS
                 " href=/1 title='%s'>" LINK("alternate", RSS, "/2"),
                 table[i]);
        discover_feeds(page, strlen(page), "http://h/", &d);
        if (d.n != 2 || strcmp(d.v[0].url, "http://h/2") || d.v[1].comments != COMMENTS_BY_TITLE)
            fail_msg("%s", table[i]);
        discovered_free(&d);
    }
    for (size_t i = 0; i < sizeof articles / sizeof *articles; i++) {
        snprintf(page, sizeof page,
                 "<link rel=alternate type=" RSS
                 " href=/1 title='%s'>" LINK("alternate", RSS, "/2"),
                 articles[i]);
        discover_feeds(page, strlen(page), "http://h/", &d);
        assert_string_equal(d.v[0].url, "http://h/1");
        discovered_free(&d);
    }
    assert_true(comments_channel("Comments on: Ferry aground"));
    assert_false(comments_channel("Kestrel: news and comments"));
}

static void the_best_stay_where_there_are_too_many(void **state)
{
    struct buf page;
    struct discovered d;
    (void)state;
    buf_init(&page, 1 << 24);
    for (int i = 0; i < 100; i++)
        buf_addf(&page, "<a href=/%d>RSS</a>", i);
    buf_adds(&page, "<a href=/0 type=text/xml>RSS</a><a href=/99 type=text/xml>RSS</a>");
    discover_feeds(page.p, page.len, "http://h/", &d);
    assert_int_equal(d.n, DISCOVER_MAX);
    assert_string_equal(d.v[0].url, "http://h/0");
    assert_string_equal(d.v[1].url, "http://h/99");
    assert_string_equal(d.v[2].url, "http://h/1");
    discovered_free(&d);
    buf_free(&page);
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
        cmocka_unit_test(a_page_in_utf8_that_says_otherwise),
        cmocka_unit_test(without_a_base_only_whole_addresses_count),
        cmocka_unit_test(more_than_fit_are_left_out),
        cmocka_unit_test(comments_are_known_by_their_titles),
        cmocka_unit_test(the_best_stay_where_there_are_too_many),
        cmocka_unit_test(usual_places_are_on_the_site),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
