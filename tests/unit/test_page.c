/* The article on invented pages, and what their markup says of it. */
#include "unit.h"

#include "base/buf.h"
#include "page/page.h"
#include "page/page_read.h"

#include <stdio.h>
#include <string.h>

#define ONE "The ferry Alda ran aground off Port Lumen on Monday, with 212 people aboard, in fog."
#define TWO                                                                                        \
    "Tugboats from Brisa pulled the ship free in the evening, the harbour master said, unhurt."
#define THREE                                                                                      \
    "Its radar had been switched off since noon, as two sailors told reporters, for repair."
#define BODY "<p>" ONE "</p><p>" TWO "</p><p>" THREE "</p>"
#define TEXT ONE "\n\n" TWO "\n\n" THREE
#define HEAD                                                                                       \
    "<html lang=\"en-GB\"><head><title>Ferry Alda runs aground - Gazette</title></head><body>"
#define MENU                                                                                       \
    "<ul class=\"main-menu\"><li><a href=\"/\">Home</a></li><li><a href=\"/s\">Sport, and more "   \
    "of it</a></li></ul>"

static struct page read_page(const char *html)
{
    struct page p;
    page_read(html, strlen(html), "https://gazette.example/2026/11/27/ferry", NULL, &p);
    return p;
}

static void the_text_is_found_among_what_is_beside_it(void **state)
{
    static const char *const table[] = {
        HEAD MENU "<article><h1>Ferry Alda runs aground</h1>" BODY "</article></body></html>",
        /* no element is called anything */
        HEAD "<div><div>" MENU "</div><div>" BODY "</div></div></body></html>",
        /* the whole page is a form, as some servers make them */
        HEAD "<form action=\"/\">" MENU "<div>" BODY "</div></form></body></html>",
        /* a layout that calls all of it a sidebar */
        HEAD "<div class=\"sidebar-left layout\">" BODY "</div></body></html>",
        /* related articles, shares, captions, comments, adverts */
        HEAD
        "<div class=\"content\">" BODY
        "<figure><img src=\"/a.jpg\"><figcaption>The ferry, before.</figcaption></figure>"
        "<div class=\"article-related\"><p>A bank failed in Orlan, and its chairman is "
        "gone.</p></div>"
        "<div class=\"socialShare\"><p>Share it with your friends, on all networks.</p></div>"
        "<p>Read more: <a href=\"/b\">A bank failed</a></p></div>"
        "<div id=\"comments\"><p>I was on that ferry, and it was cold, dark, and wet.</p></div>"
        "</body></html>",
        /* line breaks in place of paragraphs */
        HEAD MENU "<div>" ONE "<br><br>" TWO "<br/><br/>" THREE "</div></body></html>",
        /* a byline and a date above, labels below */
        HEAD "<div class=\"story\"><p>By Ada Orlan</p><p>27 November 2026</p>" BODY
             "<p>Ferries</p><p>Port Lumen</p></div></body></html>",
        /* it goes on beside the heaviest part */
        HEAD "<main><div class=\"text\"><p>" ONE "</p><p>" TWO
             "</p></div><div class=\"text\"><p>" THREE "</p></div></main></body></html>",
        /* what stands above it and sums it up */
        HEAD "<header><p class=\"article-lead\">" ONE "</p></header><div class=\"body\"><p>" TWO
             "</p><p>" THREE "</p></div></body></html>",
        /* scripts put it there, and JSON-LD has it */
        HEAD "<script type=\"application/ld+json\">{\"@graph\": [{\"@type\": [\"NewsArticle\"], "
             "\"articleBody\": \"" ONE "\\n\\n" TWO "\\n\\n" THREE
             "\"}]}</script><div id=\"app\"></div>"
             "</body></html>",
        /* it is there twice */
        HEAD "<article>" BODY BODY "</article></body></html>",
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct page p = read_page(table[i]);
        const char *expected = i == 9 ? ONE " " TWO " " THREE : TEXT;
        if (strcmp(p.text, expected) != 0)
            fail_msg("page %zu: \"%s\"", i, p.text);
        page_free(&p);
    }
}

struct row {
    const char *html, *title, *author, *site;
    int64_t published;
};

static void check_text(size_t i, const char *is, const char *expected)
{
    if (!is != !expected || (is && strcmp(is, expected) != 0))
        fail_msg("page %zu: \"%s\", expected \"%s\"", i, is ? is : "-", expected ? expected : "-");
}

static void what_the_page_says_of_it(void **state)
{
    enum { NOON = 1795780800, MIDNIGHT = 1795737600 }; /* 27 November 2026 */
    static const struct row table[] = {
        {"<script type=\"application/ld+json\"><!-- {\"@type\": \"NewsArticle\", \"headline\": "
         "\"Ferry\n runs "
         "aground\", \"author\": [{\"name\": \"Ada Orlan\"}, {\"name\": \"Ben Varn\"}], "
         "\"publisher\": {\"name\": "
         "\"Gazette\"}, \"datePublished\": \"2026-11-27T13:00:00+01:00\"} --></script>" BODY,
         "Ferry runs aground", "Ada Orlan; Ben Varn", "Gazette", NOON},
        {"<meta property=\"og:title\" content=\"Ferry runs aground | Gazette\"><meta "
         "property=\"og:site_name\" "
         "content=\"Gazette\"><meta name=\"author\" content=\"By Ada Orlan\"><meta "
         "property=\"article:published_time\" content=\"2026-11-27T12:00:00Z\">" BODY,
         "Ferry runs aground", "Ada Orlan", "Gazette", NOON},
        {"<h1 itemprop=\"headline\">Ferry runs aground</h1><span itemprop=\"author\">Ada "
         "Orlan</span>"
         "<time itemprop=\"datePublished\" datetime=\"2026-11-27T12:00:00Z\">today</time>" BODY,
         "Ferry runs aground", "Ada Orlan", NULL, NOON},
        {"<title>Gazette</title><h1>Gazette</h1><h2>Ferry runs aground</h2>" BODY, "Gazette", NULL,
         NULL, MIDNIGHT},
        {"<title>Ferry runs aground | Gazette</title><h1>Gazette</h1><h2>Ferry runs "
         "aground</h2><p>Von Ada "
         "Orlan</p><p class=\"pubdate\">27. November 2026</p>" BODY,
         "Ferry runs aground", "Ada Orlan", NULL, MIDNIGHT},
        /* the site is no author, an address none, broken JSON nothing */
        {"<meta property=\"og:site_name\" content=\"Gazette\"><meta name=\"author\" "
         "content=\"Gazette\"><meta "
         "property=\"article:author\" content=\"https://talk.example/ada\"><script "
         "type=\"application/ld+json\">{\"@type\": \"NewsArticle\", </script><h1>Ferry runs "
         "aground</h1>" BODY,
         "Ferry runs aground", NULL, "Gazette", MIDNIGHT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct page p = read_page(table[i].html);
        check_text(i, p.title, table[i].title);
        check_text(i, p.author, table[i].author);
        check_text(i, p.site, table[i].site);
        assert_int_equal(p.published, table[i].published);
        page_free(&p);
    }
    struct page p = read_page(
        "<html lang=\"de-AT\"><meta property=\"og:image\" "
        "content=\"/a.jpg\"><meta "
        "property=\"og:image:width\" content=\"800\"><meta name=\"keywords\" "
        "content=\"ferry, Port Lumen\"><meta "
        "property=\"article:section\" content=\"Sea\"><link rel=\"canonical\" "
        "href=\"/a\"><meta name=\"Robots\" content=\"nosnippet\"><meta name=\"storyd\" "
        "content=\"noarchive\"><meta name=\"tdm-reservation\" content=\"1\"><link rel=\"amphtml\" "
        "href=\"javascript:alert(1)\">" BODY);
    assert_string_equal(p.lang, "de");
    assert_string_equal(p.image, "https://gazette.example/a.jpg");
    assert_int_equal(p.image_width, 800);
    assert_int_equal(p.n_keywords, 2);
    assert_string_equal(p.keywords[1], "Port Lumen");
    assert_string_equal(p.section, "Sea");
    assert_string_equal(p.canonical, "https://gazette.example/a");
    assert_null(p.amp);
    assert_string_equal(p.robots, "nosnippet, noarchive");
    assert_string_equal(p.tdm, "1");
    assert_int_equal(p.words, 46);
    page_free(&p);
}

static void kinds_of_pages(void **state)
{
    static const struct {
        const char *html;
        enum page_kind kind;
        bool paywalled;
    } table[] = {
        {HEAD BODY, PAGE_ARTICLE, false},
        {HEAD "<p>" ONE "</p><div>Subscribe to continue reading.</div>", PAGE_ARTICLE, true},
        {HEAD "<script type=\"application/ld+json\">{\"@type\": \"Article\", "
              "\"isAccessibleForFree\": \"False\"}"
              "</script>" BODY,
         PAGE_ARTICLE, true},
        {HEAD "<script type=\"application/ld+json\">{\"@type\": \"LiveBlogPosting\"}</script>" BODY,
         PAGE_LIVE, false},
        {HEAD "<script type=\"application/ld+json\">{\"@type\": \"VideoObject\"}</script><p>" ONE
              "</p>",
         PAGE_VIDEO, false},
        {"<title>Just a moment</title><p>Checking your browser before you go on, please wait.</p>",
         PAGE_WALL, false},
        {"", PAGE_OTHER, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct page p = read_page(table[i].html);
        if (p.kind != table[i].kind || p.paywalled != table[i].paywalled)
            fail_msg("page %zu: %s, %s", i, page_kind_name(p.kind),
                     p.paywalled ? "paywalled" : "free");
        page_free(&p);
    }
    struct buf index;
    buf_init(&index, 1 << 16);
    for (int i = 0; i < 60; i++)
        buf_addf(&index, "<li><a href=\"/%d\">Article %d</a></li>", i, i);
    struct page p = read_page(buf_text(&index));
    assert_int_equal(p.kind, PAGE_INDEX);
    page_free(&p);
    buf_free(&index);
}

/* A live blog is its entries, the newest first; the oldest of too many are left out. */
static void a_live_blog_is_its_newest_entries(void **state)
{
    struct buf html;
    (void)state;
    buf_init(&html, 1 << 20);
    buf_adds(&html,
             "<script type=\"application/ld+json\">{\"@type\": \"LiveBlogPosting\", \"headline\": "
             "\"Ferry aground, live\", \"hasPart\": [{\"isAccessibleForFree\": \"False\"}], "
             "\"liveBlogUpdate\": [");
    for (int i = 0; i < 30; i++)
        buf_addf(&html,
                 "%s{\"headline\": \"Entry %d\", \"articleBody\": \"<p>Told at %d.</p>\", "
                 "\"datePublished\": \"2026-03-02T10:%02d:00Z\"}",
                 i ? "," : "", i, i, i * 7 % 30);
    buf_adds(&html,
             ", 3, {\"datePublished\": \"2026-03-02T12:00:00Z\"}]}</script><link rel=alternate "
             "media=print href=/print><h1>Ferry aground, live</h1>" BODY);
    struct page p = read_page(buf_text(&html));
    assert_int_equal(p.kind, PAGE_LIVE);
    assert_int_equal(p.n_entries, PAGE_MAX_ENTRIES);
    for (size_t i = 1; i < p.n_entries; i++)
        assert_true(p.entries[i - 1].time > p.entries[i].time);
    assert_string_equal(p.entries[0].title, "Entry 17"); /* 17 * 7 % 30 is 29 */
    assert_string_equal(p.entries[0].text, "Told at 17.");
    assert_memory_equal(p.text, "Entry 17\n\nTold at 17.\n\n", 23);
    assert_true(p.paywalled);
    assert_string_equal(p.print, "https://gazette.example/print");
    page_free(&p);
    buf_free(&html);
}

static void charsets_are_told_or_guessed(void **state)
{
    static const char latin[] =
        "<meta charset=\"iso-8859-1\"><p>Der F\xE4hrmann sagte, die Alda sei gro\xDF, schnell.</p>"
        "<p>Und sie fuhr, wie er sagte, jeden Tag, ohne Pause, nach Brisa.</p>";
    static const char utf8[] =
        "<p>Der F\xC3\xA4hrmann sagte, die Alda sei gro\xC3\x9F, schnell.</p>"
        "<p>Und sie fuhr, wie er sagte, jeden Tag, ohne Pause, nach Brisa.</p>";
    struct page a = read_page(latin), b = read_page(utf8);
    (void)state;
    assert_string_equal(a.text, b.text);
    assert_non_null(strstr(a.text, "F\xC3\xA4hrmann"));
    page_free(&a);
    page_free(&b);
}

/* Deep, broken off, full of attributes, nothing but text: limits, and a page all the same. */
static void hostile_pages_end_in_limits(void **state)
{
    struct buf b;
    buf_init(&b, 64 << 20);
    (void)state;
    for (int i = 0; i < 100000; i++)
        buf_adds(&b, "<div><p>");
    buf_adds(&b, BODY);
    struct page p = read_page(buf_text(&b));
    page_free(&p);
    buf_clear(&b);
    for (int i = 0; i < 50000; i++)
        buf_addf(&b, "<p class=\"sidebar%d\" a%d=\"%d\">%d, ", i, i, i, i);
    p = read_page(buf_text(&b));
    page_free(&p);
    buf_clear(&b);
    for (int i = 0; i < 1000000; i++)
        buf_adds(&b, "Words, and words. ");
    p = read_page(buf_text(&b));
    assert_true(strlen(p.text) <= (size_t)PAGE_MAX_TEXT * 3);
    page_free(&p);
    buf_clear(&b);
    buf_adds(&b, HEAD MENU "<article>" BODY "</article></body></html>");
    for (size_t n = 0; n < b.len; n += 7) {
        page_read(b.p, n, NULL, NULL, &p);
        assert_non_null(p.text);
        page_free(&p);
    }
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_is_found_among_what_is_beside_it),
        cmocka_unit_test(what_the_page_says_of_it),
        cmocka_unit_test(kinds_of_pages),
        cmocka_unit_test(a_live_blog_is_its_newest_entries),
        cmocka_unit_test(charsets_are_told_or_guessed),
        cmocka_unit_test(hostile_pages_end_in_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
