/* What a publisher says may be done with a page. */
#include "unit.h"

#include "base/buf.h"
#include "base/mem.h"
#include "page/rights.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

enum { ARCHIVE = 1, SNIPPET = 2, INDEX = 4 }; /* that is forbidden */

static unsigned forbidden(const struct rights *r)
{
    assert_int_equal(r->nosnippet, r->max_snippet == 0);
    return (r->noarchive ? ARCHIVE : 0) | (r->nosnippet ? SNIPPET : 0) | (r->noindex ? INDEX : 0);
}

static void robots_of_a_page(void **state)
{
    static const struct {
        const char *value;
        unsigned forbidden;
        int32_t max_snippet;
    } table[] = {
        {"", 0, -1},
        {"all", 0, -1},
        {"index, follow, archive", 0, -1},
        {"nofollow, noodp, notranslate, noimageindex", 0, -1},
        {"noarchive", ARCHIVE, -1},
        {"NoArchive,NOSNIPPET", ARCHIVE | SNIPPET, 0},
        {" nocache ,, noindex ", ARCHIVE | INDEX, -1},
        {"none", INDEX, -1},
        {"noindex nofollow;noarchive", ARCHIVE | INDEX, -1},
        {"noarchives, xnoindex, no index", 0, -1},
        /* limits */
        {"max-snippet:50", 0, 50},
        {"Max-Snippet: 50, max-image-preview: large", 0, 50},
        {"max-snippet : 50", 0, 50},
        {"max-snippet:-1", 0, -1},
        {"max-snippet:0", SNIPPET, 0},
        {"max-snippet:50, max-snippet:20, max-snippet:-1, max-snippet:30", 0, 20},
        {"max-snippet:20, nosnippet, max-snippet:30", SNIPPET, 0},
        {"max-snippet:99999999999999999999", 0, INT32_MAX},
        {"max-snippet:2147483647", 0, INT32_MAX},
        {"max-snippet:, noindex", INDEX, -1},
        {"max-snippet:", 0, -1},
        {"max-snippet:ten, max-snippet:5x", 0, -1},
        {"max-snippet", 0, -1},
        /* what has a colon and is no robot's name */
        {"max-image-preview: none, noarchive", ARCHIVE, -1},
        {"max-video-preview:-1, noarchive", ARCHIVE, -1},
        {"unavailable_after: 25 Jun 2026 15:00:00 PST, noarchive", ARCHIVE, -1},
        {"unavailable_after: Thursday, 25-Jun-26 15:00:00 UTC, noarchive", ARCHIVE, -1},
        {"unavailable_after: 2026-06-25T15:00:00+00:00,noarchive", ARCHIVE, -1},
        {"unavailable_after: , noarchive", 0, -1},
        /* whom it is for */
        {"storyd: noarchive", ARCHIVE, -1},
        {"STORYD/1.0:noarchive", ARCHIVE, -1},
        {"storyd: max-snippet:7", 0, 7},
        {"otherbot: max-snippet:7", 0, -1},
        {"story: noarchive", 0, -1},
        {"otherbot: noarchive, nosnippet", 0, -1},
        {"otherbot : noarchive", 0, -1},
        {"noindex, otherbot: noarchive, nosnippet", INDEX, -1},
        {"otherbot: noarchive, nosnippet, storyd: noindex", INDEX, -1},
        {"storyd: noindex, otherbot: noarchive", INDEX, -1},
        {"otherbot: noarchive, *: noindex", INDEX, -1},
        {"otherbot: noarchive, robots: noindex", INDEX, -1},
        {"otherbot: unavailable_after: 25 Jun 2026 15:00:00 PST, noarchive", 0, -1},
        {"otherbot:", 0, -1},
        {":, :noarchive", ARCHIVE, -1},
        {": :: ,;", 0, -1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        struct rights r;
        rights_none(&r);
        rights_add_robots(&r, table[i].value, "storyd");
        if (forbidden(&r) != table[i].forbidden || r.max_snippet != table[i].max_snippet)
            fail_msg("%s: %u, %d", table[i].value, forbidden(&r), r.max_snippet);
        assert_false(r.tdm_said || r.tdm_reserved);
    }
}

static void the_stricter_counts(void **state)
{
    struct rights r;
    (void)state;
    rights_none(&r);
    assert_int_equal(forbidden(&r), 0);
    assert_int_equal(r.max_snippet, -1);
    rights_add_robots(&r, "storyd: noarchive", NULL);
    assert_int_equal(forbidden(&r), 0);
    rights_add_robots(&r, "noarchive, max-snippet:10", NULL);
    rights_add_robots(&r, "all, max-snippet:20", "storyd");
    assert_int_equal(forbidden(&r), ARCHIVE);
    assert_int_equal(r.max_snippet, 10);
    rights_add_robots(&r, "nosnippet", "storyd");
    rights_add_robots(&r, "max-snippet:20", "storyd");
    assert_int_equal(forbidden(&r), ARCHIVE | SNIPPET);
    assert_int_equal(r.max_snippet, 0);
}

static void reservation_of_a_page(void **state)
{
    static const struct {
        const char *value;
        bool said, reserved;
    } table[] = {
        {"1", true, true},     {" 1\t", true, true},  {"0", true, false},     {"0, 1", true, true},
        {"1, 0", true, true},  {"\"1\"", true, true}, {"", false, false},     {"2", false, false},
        {"10", false, false},  {"01", false, false},  {"true", false, false}, {"-1", false, false},
        {"1.0", false, false},
    };
    struct rights r;
    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        rights_none(&r);
        rights_add_tdm(&r, table[i].value);
        if (r.tdm_said != table[i].said || r.tdm_reserved != table[i].reserved)
            fail_msg("%s", table[i].value);
    }
    rights_none(&r);
    rights_add_tdm(&r, "1");
    rights_add_tdm(&r, "0");
    assert_true(r.tdm_reserved);
}

#define RULE(location, value) "{\"location\": \"" location "\", \"tdm-reservation\": " value "}"

static void reservation_of_a_site(void **state)
{
    static const struct {
        const char *json, *path;
        int reserves;
    } table[] = {
        {"[" RULE("/", "1") "]", "/a", 1},
        {"[" RULE("/", "1") "]", "", 1},
        {"\xef\xbb\xbf[" RULE("/", "0") "]", "/a", 0},
        {"[" RULE("*", "1") "]", "/a", 1},
        {"[{\"location\": \"/\", \"tdm-reservation\": 1, \"tdm-policy\": "
         "\"https://site.example/policy.json\"}]",
         "/a", 1},
        {"[" RULE("/free/", "0") "," RULE("/", "1") "]", "/free/a", 0},
        {"[" RULE("/free/", "0") "," RULE("/", "1") "]", "/a", 1},
        {"[" RULE("/", "1") "," RULE("/free/", "0") "]", "/free/a", 1},
        {"[" RULE("/news/", "1") "]", "/a", -1},
        {"[" RULE("/*.html$", "1") "]", "/a.html", 1},
        {"[" RULE("/*.html$", "1") "]", "/a.html?b", 1},
        {"[" RULE("/*.html$", "1") "]", "/a.htm", -1},
        {"[" RULE("/*?print", "1") "]", "/a?print", 1},
        {"[" RULE("/*?print", "1") "]", "/a", -1},
        {"[" RULE("/%C3%A9", "1") "]", "/é", 1},
        {"[" RULE("/é", "1") "]", "/%c3%a9", 1},
        {"[" RULE("/", "\"1\"") "]", "/a", 1},
        {"[" RULE("/", "\"0\"") "]", "/a", 0},
        /* what says nothing */
        {"[" RULE("/", "2") "," RULE("/", "1") "]", "/a", 1},
        {"[" RULE("/", "true") "]", "/a", -1},
        {"[" RULE("/", "1.0") "]", "/a", -1},
        {"[" RULE("/", "\"yes\"") "]", "/a", -1},
        {"[" RULE("/", "4294967297") "]", "/a", -1},
        {"[" RULE("", "1") "]", "/a", -1},
        {"[" RULE("a", "1") "]", "/a", -1},
        {"[{\"location\": 1, \"tdm-reservation\": 1}]", "/a", -1},
        {"[{\"tdm-reservation\": 1}]", "/a", -1},
        {"[{\"location\": \"/\"}]", "/a", -1},
        {"[1, null, \"/\", [" RULE("/", "1") "]]", "/a", -1},
        {"[]", "/a", -1},
        {RULE("/", "1"), "/a", -1},
        {"[" RULE("/", "1"), "/a", -1},
        {"<!DOCTYPE html>", "/a", -1},
        {"1", "/a", -1},
        {"", "/a", -1},
        {"\xef\xbb\xbf", "/a", -1},
    };
    static const char all[] = "[" RULE("/", "1") "]";
    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        struct buf url;
        buf_init(&url, 1000);
        buf_addf(&url, "https://site.example%s", table[i].path);
        int reserves = tdmrep_reserves(table[i].json, strlen(table[i].json), url.p);
        if (reserves != table[i].reserves)
            fail_msg("%s %s: %d", table[i].json, table[i].path, reserves);
        buf_free(&url);
    }
    assert_int_equal(tdmrep_reserves(NULL, 0, "https://site.example/"), -1);
    assert_int_equal(tdmrep_reserves(all, sizeof all - 1, "mailto:a@b.example"), -1);
    assert_int_equal(tdmrep_reserves(all, sizeof all - 1, "https://site.example?a"), 1);
    assert_int_equal(tdmrep_reserves(all, sizeof all - 2, "https://site.example?a"), -1);
}

static void ceilings(void **state)
{
    static const char url[] = "https://site.example/a";
    struct buf b;
    (void)state;
    buf_init(&b, 2 * TDMREP_MAX_BYTES);
    for (int last = TDMREP_MAX_RULES - 1; last <= TDMREP_MAX_RULES; last++) {
        buf_clear(&b);
        buf_addc(&b, '[');
        for (int i = 0; i < last; i++)
            buf_adds(&b, RULE("/b", "0") ",");
        buf_adds(&b, RULE("/a", "1") "]");
        assert_int_equal(tdmrep_reserves(b.p, b.len, url), last < TDMREP_MAX_RULES ? 1 : -1);
    }
    buf_clear(&b);
    buf_adds(&b, "[" RULE("/a", "1"));
    while (b.len < TDMREP_MAX_BYTES - 1)
        buf_addc(&b, ' ');
    buf_addc(&b, ']');
    assert_int_equal(tdmrep_reserves(b.p, b.len, url), 1);
    buf_addc(&b, ' ');
    assert_int_equal(tdmrep_reserves(b.p, b.len, url), -1);
    buf_clear(&b);
    for (int i = 0; i < 100000; i++)
        buf_addc(&b, '[');
    assert_int_equal(tdmrep_reserves(b.p, b.len, url), -1);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(robots_of_a_page),
        cmocka_unit_test(the_stricter_counts),
        cmocka_unit_test(reservation_of_a_page),
        cmocka_unit_test(reservation_of_a_site),
        cmocka_unit_test(ceilings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
