/* What a site asks of robots: RFC 9309 with its examples, and those of how Google matches. */
#include "unit.h"

#include "base/buf.h"
#include "base/mem.h"
#include "page/robots.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SITE     "https://site.example"
#define COUNT(a) (sizeof(a) / sizeof *(a))

static bool allows(const struct robots *r, const char *path)
{
    struct buf url;
    buf_init(&url, 1 << 20);
    buf_addf(&url, SITE "%s", path);
    bool allow = robots_allow(r, url.p);
    buf_free(&url);
    return allow;
}

static struct robots *read_text(const char *text, const char *agent)
{
    return robots_read(text, strlen(text), agent);
}

static char *written(const struct robots *r)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    robots_write(r, &b);
    assert_true(b.len <= ROBOTS_MAX_KEPT);
    return buf_take(&b);
}

/* What is written is read and written as the same. */
static struct robots *kept(const struct robots *r)
{
    char *text = written(r);
    struct robots *again = read_text(text, "whoever");
    char *second = written(again);
    assert_string_equal(text, second);
    assert_int_equal(robots_delay(r), robots_delay(again));
    free(text);
    free(second);
    return again;
}

struct row {
    const char *text, *path;
    bool allow;
};

static void check_rows(const struct row *rows, size_t n, const char *agent)
{
    for (size_t i = 0; i < n; i++) {
        struct robots *r = read_text(rows[i].text, agent), *again = kept(r);
        if (allows(r, rows[i].path) != rows[i].allow ||
            allows(again, rows[i].path) != rows[i].allow)
            fail_msg("%s\n%s", rows[i].text, rows[i].path);
        robots_free(r);
        robots_free(again);
    }
}

/* ---- patterns ------------------------------------------------------------------------------- */

static void patterns(void **state)
{
    static const struct {
        const char *pattern, *yes[8], *no[8];
    } table[] = {
        {"/", {"/", "/a", "/?q"}, {""}},
        {"/*", {"/", "/a"}, {""}},
        {"/$", {"/"}, {"/a", "/?q"}},
        {"/fish",
         {"/fish", "/fish.html", "/fish/salmon.html", "/fishheads", "/fishheads/yummy.html",
          "/fish.php?id=anything"},
         {"/Fish.asp", "/catfish", "/?id=fish", "/desert/fish"}},
        {"/fish*",
         {"/fish", "/fish.html", "/fish/salmon.html", "/fishheads", "/fish.php?id=anything"},
         {"/Fish.asp", "/catfish", "/?id=fish", "/desert/fish"}},
        {"/fish/",
         {"/fish/", "/fish/?id=anything", "/fish/salmon.htm"},
         {"/fish", "/fish.html", "/animals/fish/", "/Fish/Salmon.asp"}},
        {"/*.php",
         {"/index.php", "/filename.php", "/folder/filename.php", "/folder/filename.php?parameters",
          "/folder/any.php.file.html", "/filename.php/"},
         {"/", "/windows.PHP"}},
        {"/*.php$",
         {"/filename.php", "/folder/filename.php", "/a.php.php"},
         {"/filename.php?parameters", "/filename.php/", "/filename.php5", "/windows.PHP"}},
        {"/fish*.php", {"/fish.php", "/fishheads/catfish.php?parameters"}, {"/Fish.PHP"}},
        {"*.gif$", {"/a.gif", "/b/a.gif"}, {"/a.gif?b", "/gif"}},
        {"/a*b*c$", {"/abc", "/a-b-b-c-c"}, {"/acb", "/abcd", "/ab"}},
        {"/ab*b$", {"/abb", "/ab-b"}, {"/ab"}},
        {"/**a", {"/a", "/xa"}, {"/b"}},
        {"/a*$", {"/a", "/ab"}, {"/b"}},
        {"/a$b", {"/a$b", "/a%24b"}, {"/a", "/ab"}},
        {"/a$$", {"/a$", "/a%24"}, {"/a", "/a$b"}},
        {"", {0}, {"", "/"}},
        {"a", {0}, {"/a"}},
        /* RFC 9309, 2.2.2 */
        {"/foo/bar?baz=quz", {"/foo/bar?baz=quz"}, {"/foo/bar%3Fbaz=quz"}},
        {"/foo/bar?baz=http://foo.bar",
         {"/foo/bar?baz=http://foo.bar", "/foo/bar?baz=http%3A%2F%2Ffoo.bar"},
         {"/foo/bar?baz=https"}},
        {"/foo/bar?baz=http%3a%2f%2Ffoo.bar",
         {"/foo/bar?baz=http://foo.bar", "/foo/bar?baz=http%3A%2F%2Ffoo.bar"},
         {0}},
        {"/foo/bar/ツ", {"/foo/bar/ツ", "/foo/bar/%E3%83%84", "/foo/bar/%e3%83%84"}, {0}},
        {"/foo/bar/%E3%83%84", {"/foo/bar/ツ", "/foo/bar/%e3%83%84"}, {"/foo/bar/%E3%83%85"}},
        {"/foo/bar/%62%61%7A", {"/foo/bar/baz", "/foo/bar/%62az"}, {"/foo/bar/%42az"}},
        {"/a%2fb", {"/a%2Fb"}, {"/a/b"}},
        {"/a/b", {"/a/b"}, {"/a%2Fb"}},
        {"/%7Ejo", {"/~jo", "/%7ejo"}, {0}},
        {"/*?", {"/a?b", "/?"}, {"/who%3F"}},
        {"/*go=/", {"/x?go=/", "/x?go=%2Fy"}, {"/x?go=y"}},
        {"/50%", {"/50%", "/50%25", "/50%2525"}, {"/50"}},
        {"/a b", {"/a b", "/a%20b"}, {"/a+b"}},
        /* RFC 9309, 2.2.3 */
        {"/path/file-with-a-%2A.html", {"/path/file-with-a-*.html"}, {"/path/file-with-a-x.html"}},
        {"/path/foo-%24", {"/path/foo-$", "/path/foo-$1"}, {"/path/foo-"}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(table); i++)
        for (size_t k = 0; k < 8; k++) {
            const char *yes = table[i].yes[k], *no = table[i].no[k];
            if (yes && !robots_pattern(table[i].pattern, yes))
                fail_msg("%s does not match %s", table[i].pattern, yes);
            if (no && robots_pattern(table[i].pattern, no))
                fail_msg("%s matches %s", table[i].pattern, no);
        }
}

/* ---- rules ---------------------------------------------------------------------------------- */

static void the_longest_rule_counts(void **state)
{
#define ALL "User-agent: *\n"
    static const struct row table[] = {
        {ALL "Allow: /p\nDisallow: /", "/page", true},
        {ALL "Allow: /folder\nDisallow: /folder", "/folder/page", true},
        {ALL "Disallow: /folder\nAllow: /folder", "/folder/page", true},
        {ALL "Allow: /page\nDisallow: /*.htm", "/page.htm", false},
        {ALL "Allow: /page\nDisallow: /*.ph", "/page.php5", true},
        {ALL "Allow: /$\nDisallow: /", "/", true},
        {ALL "Allow: /$\nDisallow: /", "", true},
        {ALL "Allow: /$\nDisallow: /", "/page.htm", false},
        {ALL "Allow: /example/page/\nDisallow: /example/page/disallowed.gif",
         "/example/page/disallowed.gif", false},
        {ALL "Allow: /example/page/\nDisallow: /example/page/disallowed.gif", "/example/page/a",
         true},
        {ALL "Disallow: /", "/robots.txt", true},
        {ALL "Disallow: /", "/robots.txt?a", false},
        {ALL "Disallow: /", "/a/robots.txt", false},
        {ALL "Disallow: /a?b", "/a?b=c", false},
        {ALL "Disallow: /a?b", "/a", true},
        {ALL "Disallow: /a", "?/a", true},
        {ALL "Disallow: /*?", "/a?", false},
        {ALL "Disallow: /a$", "/a#b", false},
        {ALL "Disallow: /b", "/a/../b", false},
        {ALL "Disallow: /b", "/a/%2e%2E/b", false},
        {ALL "Disallow: /b", "/a?/../b", true},
        {ALL, "/a", true},
        {"", "/a", true},
    };
    (void)state;
    check_rows(table, COUNT(table), "storyd");
}

static void lines(void **state)
{
    static const struct row table[] = {
        {"user-agent:*\ndisallow:/x", "/x", false},
        {"\xef\xbb\xbfUSER-AGENT : *\t\n \tDISALLOW\t:\t/x  ", "/x", false},
        {ALL "Disallow: /x", "/x", false},
        {"User-agent: *\rDisallow: /x\rAllow: /x/y\r", "/x", false},
        {"User-agent: *\r\n\r\nDisallow: /x\r\n", "/x", false},
        {"# all\nUser-agent: * # all\n# these\nDisallow: /x# and that", "/x", false},
        {ALL "Disallow: /x # and that", "/x?", false},
        {ALL "#Disallow: /x", "/x", true},
        {ALL "Disallow: # /x", "/x", true},
        {ALL "Disallow:", "/x", true},
        {ALL "Disallow: /\nAllow:", "/x", false},
        {ALL "Disallow /x", "/x", true},
        {ALL "Disallow: x", "/x", true},
        {ALL "Disallow: https://site.example/x", "/x", true},
        {"Disallow: /x\n" ALL, "/x", true},
        {ALL "Sitemap: https://site.example/map.xml\nDisallow: /x", "/x", false},
        {ALL "Sitemap: /a\nUser-agent: other\nDisallow: /x", "/x", false},
        {ALL "Crawl-delay: 1\nUser-agent: other\nDisallow: /x", "/x", false},
        {ALL "\n\nDisallow: /x", "/x", false},
        {ALL "Disallow: /y\n\nDisallow: /x", "/x", false},
        {ALL "Disallow: /\xff\xfe", "/%FF%FE", false},
        {"<!DOCTYPE html>\n<p>User-agent: *</p>\n<a href=\"x:y\">Disallow: /</a>", "/x", true},
    };
    static const char nul[] = "User-agent: *\0\nUser-agent: *\nDis\0allow: /x\nDisallow: /y\0z";
    (void)state;
    check_rows(table, COUNT(table), "storyd");
    struct robots *r = robots_read(nul, sizeof nul - 1, "storyd");
    assert_true(allows(r, "/x"));
    assert_true(allows(r, "/y"));
    assert_false(allows(r, "/y%00z"));
    robots_free(r);
    r = robots_read(NULL, 0, "storyd");
    assert_true(allows(r, "/x"));
    robots_free(r);
    robots_free(NULL);
}

static void groups(void **state)
{
    static const char text[] = "User-Agent: *\n"
                               "Disallow: *.gif$\n"
                               "Disallow: /example/\n"
                               "Allow: /publications/\n"
                               "\n"
                               "User-Agent: foobot\n"
                               "Disallow:/\n"
                               "Allow:/example/page.html\n"
                               "Allow:/example/allowed.gif\n"
                               "\n"
                               "User-Agent: barbot\n"
                               "User-Agent: bazbot\n"
                               "Disallow: /example/page.html\n"
                               "\n"
                               "User-Agent: FooBot/2.0 (a robot)\n"
                               "Allow: /more\n"
                               "User-Agent: quxbot\n";
    static const struct {
        const char *agent, *path;
        bool allow;
    } table[] = {
        {"storyd", "/example/page.html", false},
        {"storyd", "/a.gif", false},
        {"storyd", "/a.gif?b", true},
        {"storyd", "/publications/a", true},
        {"storyd", "/publications/a.gif", true},
        {"", "/example/", false},
        {"*", "/example/", false},
        {"FOOBOT", "/", false},
        {"foobot", "/example/page.html", true},
        {"foobot/1.0", "/example/allowed.gif", true},
        {"foobot", "/more", true},
        {"foobot", "/publications/", false},
        {"foo", "/publications/", true},
        {"foo", "/example/page.html", false},
        {"foobot-news", "/a", true},
        {"foobot2", "/a", true},
        {"barbot", "/example/page.html", false},
        {"barbot", "/example/", true},
        {"bazbot", "/example/page.html", false},
        {"quxbot", "/example/page.html", true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        struct robots *r = read_text(text, table[i].agent), *again = kept(r);
        if (allows(r, table[i].path) != table[i].allow ||
            allows(again, table[i].path) != table[i].allow)
            fail_msg("%s %s", table[i].agent, table[i].path);
        robots_free(r);
        robots_free(again);
    }
}

static void names(void **state)
{
    static const struct {
        const char *name;
        bool is;
    } table[] = {
        {"storyd", true},    {"StoryD", true},   {"storyd/1.0", true}, {"storyd (news)", true},
        {"story", false},    {"storyd2", false}, {"storyd-x", false},  {"storydx", false},
        {"a storyd", false}, {"", false},        {"*", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        const char *name = table[i].name;
        assert_int_equal(robots_names(name, strlen(name), "storyd"), table[i].is);
        assert_int_equal(robots_names(name, strlen(name), "Storyd/2"), table[i].is);
        assert_false(robots_names(name, strlen(name), ""));
    }
}

static void only_http_is_asked_for(void **state)
{
    static const char *const table[] = {
        "", "/a", "ftp://site.example/a", "site.example/a", "https:///a", "mailto:a@b.example"};
    struct robots *r = read_text("", "storyd");
    (void)state;
    for (size_t i = 0; i < COUNT(table); i++)
        assert_false(robots_allow(r, table[i]));
    assert_true(robots_allow(r, "HTTP://site.example:80/a"));
    robots_free(r);
}

static void delays(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } table[] = {
        {"", -1},
        {ALL "Crawl-delay: 10", 10000},
        {ALL "crawl-delay:0.5", 500},
        {ALL "Crawl-delay: .25", 250},
        {ALL "Crawl-delay: 1.23456 # s", 1234},
        {ALL "Crawl-delay: 5 seconds", 5000},
        {ALL "Crawl-delay: 0", 0},
        {ALL "Crawl-delay: 86401", ROBOTS_MAX_DELAY},
        {ALL "Crawl-delay: 99999999999999999999999999.9", ROBOTS_MAX_DELAY},
        {ALL "Crawl-delay:", -1},
        {ALL "Crawl-delay: .", -1},
        {ALL "Crawl-delay: -1", -1},
        {ALL "Crawl-delay: 1e3", -1},
        {ALL "Crawl-delay: 1.2.3", -1},
        {ALL "Crawl-delay: soon", -1},
        {ALL "Crawl-delay: 2\nCrawl-delay: 1", 2000},
        {ALL "Crawl-delay: 2\nCrawl-delay: x", 2000},
        {ALL "Disallow: /x\nCrawl-delay: 3", 3000},
        {"Crawl-delay: 3\n" ALL, -1},
        {ALL "Crawl-delay: 3\nUser-agent: storyd\nCrawl-delay: 4", 4000},
        {ALL "Crawl-delay: 3\n\nUser-agent: storyd\nDisallow:", -1},
        {"User-agent: other\nCrawl-delay: 3\n" ALL "Disallow: /x", -1},
        {"User-agent: other\n" ALL "Crawl-delay: 3", 3000},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        struct robots *r = read_text(table[i].text, "storyd");
        if (robots_delay(r) != table[i].ms)
            fail_msg("%s: %ld", table[i].text, (long)robots_delay(r));
        robots_free(kept(r));
        robots_free(r);
    }
}

/* ---- keeping, and ceilings ------------------------------------------------------------------ */

static void what_is_kept(void **state)
{
    struct robots *r = read_text("User-agent: other\nDisallow: /\nUser-agent: storyd\n"
                                 "Allow: /b*c$\nDisallow: /é\nDisallow: /a # a\nDisallow: /a\n"
                                 "Crawl-delay: 1.5\nSitemap: /x",
                                 "storyd");
    char *text = written(r);
    (void)state;
    assert_string_equal(text, "# The rules of the site's robots.txt for this robot\n"
                              "User-agent: *\nCrawl-delay: 1.500\nDisallow: /%C3%A9\n"
                              "Disallow: /a\nAllow: /b*c$\n");
    free(text);
    robots_free(r);
    r = read_text("", "storyd");
    text = written(r);
    assert_non_null(strstr(text, "User-agent: *\nDisallow:\n"));
    free(text);
    robots_free(r);
}

static struct robots *many(size_t disallows, size_t allows, size_t *bytes)
{
    struct buf b;
    buf_init(&b, 1 << 22);
    buf_adds(&b, ALL);
    for (size_t i = 0; i < allows; i++)
        buf_addf(&b, "Allow: /%02zu/%05zu/open\n", i % 50, i);
    for (size_t i = 0; i < disallows; i++)
        buf_addf(&b, "Disallow: /%02zu/%05zu/\n", i % 50, i);
    struct robots *r = robots_read(b.p, b.len, "storyd");
    *bytes = b.len;
    buf_free(&b);
    return r;
}

static void too_many_rules_disallow_more(void **state)
{
    static const struct {
        size_t disallows, allows;
        bool first, last, open, other; /* is allowed as it is kept */
    } table[] = {
        {500, 100, false, false, true, true},  /* all fits */
        {600, 300, false, false, true, true},  /* the allows do not */
        {900, 100, false, false, false, true}, /* the disallows do not */
        {20000, 10, false, false, false, true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        size_t bytes;
        char path[64];
        struct robots *r = many(table[i].disallows, table[i].allows, &bytes), *again = kept(r);
        char *text = written(r);
        assert_true(bytes < ROBOTS_MAX_BYTES);
        assert_int_equal(!strstr(text, "# Shortened"), i == 0);
        free(text);
        for (size_t k = 0; k < table[i].disallows; k++) {
            snprintf(path, sizeof path, "/%02zu/%05zu/x", k % 50, k);
            assert_false(allows(r, path));
            assert_false(allows(again, path));
        }
        assert_int_equal(allows(r, "/00/00000/open"), table[i].disallows < ROBOTS_MAX_RULES);
        assert_int_equal(allows(again, "/00/00000/open"), table[i].open);
        assert_int_equal(allows(again, "/other"), table[i].other);
        snprintf(path, sizeof path, "/%02zu/%05zu/open", (table[i].allows - 1) % 50,
                 table[i].allows - 1);
        assert_int_equal(allows(again, path), i == 0);
        robots_free(r);
        robots_free(again);
    }
}

static void no_octet_is_cut_in_two(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, 1 << 20);
    buf_adds(&b, ALL);
    for (unsigned i = 0; i < 2048; i++) {
        buf_adds(&b, "Disallow: /name/");
        for (unsigned bit = 1 << 10; bit; bit >>= 1)
            buf_adds(&b, i & bit ? "é" : "è");
        buf_addc(&b, '\n');
    }
    struct robots *r = robots_read(b.p, b.len, "storyd"), *again = kept(r);
    assert_false(allows(r, "/name/ééééééééééé"));
    assert_false(allows(again, "/name/ééééééééééé"));
    assert_true(allows(again, "/name/éé"));
    robots_free(r);
    robots_free(again);
    buf_free(&b);
}

static char *repeated(const char *before, const char *s, size_t times, const char *after)
{
    struct buf b;
    buf_init(&b, 1 << 23);
    buf_adds(&b, before);
    while (times--)
        buf_adds(&b, s);
    buf_adds(&b, after);
    return buf_take(&b);
}

/* A disallow that is too long is a shorter one, an allow is none. */
static void long_lines(void **state)
{
    char *text = repeated(ALL "Disallow: /", "é", 5000, "/x$"), *path = repeated("/", "é", 400, "");
    struct robots *r = read_text(text, "storyd"), *again = kept(r);
    (void)state;
    assert_false(allows(again, path));
    assert_true(allows(again, "/é"));
    robots_free(r);
    robots_free(again);
    free(text);
    free(path);
    text = repeated(ALL "Disallow: /\nAllow: /", "a", 3000, "");
    path = repeated("/", "a", 3000, "");
    r = read_text(text, "storyd");
    assert_false(allows(r, path));
    robots_free(r);
    free(text);
    free(path);
    text = repeated("", "Disallow", 100000, "");
    r = read_text(text, "storyd");
    assert_true(allows(r, "/"));
    robots_free(r);
    free(text);
}

/* What the end of what is read cuts in two could allow more. */
static void half_a_line_is_none(void **state)
{
    static const char half[] = "\nAllow: /a";
    char *text = mem_alloc(ROBOTS_MAX_BYTES + 8);
    (void)state;
    memset(text, '#', ROBOTS_MAX_BYTES + 8);
    memcpy(text, "User-agent: *\nDisallow: /\n", 26);
    memcpy(text + ROBOTS_MAX_BYTES - 10, half, sizeof half - 1);
    memcpy(text + ROBOTS_MAX_BYTES, "/b\n", 3);
    struct robots *r = robots_read(text, ROBOTS_MAX_BYTES + 8, "storyd");
    assert_false(allows(r, "/a/c"));
    assert_false(allows(r, "/a/b"));
    robots_free(r);
    memcpy(text + ROBOTS_MAX_BYTES - 11, half, sizeof half - 1);
    text[ROBOTS_MAX_BYTES - 1] = '\n';
    r = robots_read(text, ROBOTS_MAX_BYTES + 8, "storyd");
    assert_true(allows(r, "/a/c"));
    robots_free(r);
    free(text);
}

static void an_address_without_end(void **state)
{
    char *path = repeated("/", "a", 1 << 16, ".pdf");
    struct robots *r = read_text(ALL "Disallow: /b", "storyd");
    (void)state;
    assert_false(allows(r, path));
    assert_false(robots_pattern("/*.pdf", path));
    robots_free(r);
    r = read_text(ALL "Allow: /b", "storyd");
    assert_true(allows(r, path));
    robots_free(r);
    free(path);
}

/* Patterns that are slow to match where each star is tried at every place. */
static void slow_patterns(void **state)
{
    struct buf b;
    char *stars = repeated("/", "*a", 900, "*b$"), *path = repeated("/", "a", 8000, "");
    (void)state;
    buf_init(&b, ROBOTS_MAX_BYTES);
    buf_adds(&b, ALL);
    for (int i = 0; !b.full && i < 100000; i++)
        buf_addf(&b, "Disallow: /%d%s\nDisallow: *%d*%s\n", i, stars, i % 10, stars + 1);
    clock_t start = clock();
    struct robots *r = robots_read(b.p, b.len, "storyd");
    assert_true(allows(r, path));
    assert_false(robots_pattern(stars, path));
    assert_true((clock() - start) / CLOCKS_PER_SEC < 5);
    robots_free(r);
    buf_free(&b);
    free(stars);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns),
        cmocka_unit_test(the_longest_rule_counts),
        cmocka_unit_test(lines),
        cmocka_unit_test(groups),
        cmocka_unit_test(names),
        cmocka_unit_test(only_http_is_asked_for),
        cmocka_unit_test(delays),
        cmocka_unit_test(what_is_kept),
        cmocka_unit_test(too_many_rules_disallow_more),
        cmocka_unit_test(no_octet_is_cut_in_two),
        cmocka_unit_test(long_lines),
        cmocka_unit_test(half_a_line_is_none),
        cmocka_unit_test(an_address_without_end),
        cmocka_unit_test(slow_patterns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
