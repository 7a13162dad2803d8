#include "unit.h"

#include "base/url.h"

#include <stdlib.h>
#include <string.h>

static void check(const char *base, const char *ref, const char *want)
{
    char *got = url_resolve(base, ref);
    assert_string_equal(got, want);
    free(got);
}

/* The examples of RFC 3986 5.4. */
static void rfc_examples(void **state)
{
    static const char *const table[][2] = {
        {"g:h", "g:h"},
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q#s"},
        {"g#s", "http://a/b/c/g#s"},
        {"g?y#s", "http://a/b/c/g?y#s"},
        {";x", "http://a/b/c/;x"},
        {"g;x?y#s", "http://a/b/c/g;x?y#s"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"../../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {"..g", "http://a/b/c/..g"},
        {"./../g", "http://a/b/g"},
        {"./g/.", "http://a/b/c/g/"},
        {"g/./h", "http://a/b/c/g/h"},
        {"g/../h", "http://a/b/c/h"},
        {"g;x=1/../y", "http://a/b/c/y"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"g#s/../x", "http://a/b/c/g#s/../x"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        check("http://a/b/c/d;p?q", table[i][0], table[i][1]);
}

static void bases(void **state)
{
    (void)state;
    check(NULL, "x", "x");
    check("", "x", "x");
    check("not/absolute", "x", "x");
    check("mailto:a@b", "x", "x");
    check("http://h", "x", "http://h/x");
    check("  http://h/a\n", " x ", "http://h/x");
    check("http://h/a", "\tb\r\nc ", "http://h/bc");
    check("file:///a/b", "c", "file:///a/c");
}

/* What a feed is asked with is no part of its articles' addresses. */
static void no_login_is_handed_on(void **state)
{
    static const char *const table[][3] = {
        {"http://u:p@h:81?q", "x", "http://h:81/x"},
        {"https://u:p@h/feed", "", "https://h/feed"},
        {"https://u:p@h/feed", "//i/x", "https://i/x"},
        {"https://u:p@h/feed", "//v:q@i/x@y", "https://i/x@y"},
        {"https://h/feed", "HTTPS://v:q@i/x", "HTTPS://i/x"},
        {"https://h/feed", "ssh://git@i/x", "ssh://git@i/x"},
        {"https://h/feed", "mailto:a@b", "mailto:a@b"},
        {NULL, "http://v:q@i/x", "http://i/x"},
        {NULL, "http://h:8x/a:p@b/x", "http://h:8x/a:p@b/x"},
        {NULL, "https:///h@x/a", "https:///h@x/a"},
    };
    static const char *const split[][3] = {
        {"https://u:p%20q@h:1/x?y@z", "https://h:1/x?y@z", "u:p%20q"},
        {"https://u:p@q@h/", "https://h/", "u:p@q"},
        {"https://token@h", "https://h", "token"},
        {"feed:https://u:p@h/f", "feed:https://h/f", "u:p"},
        {"feed://u:p@h/f", "feed://h/f", "u:p"},
        {"http:/u:p@h/f", "http://h/f", "u:p"},
        {"https:u:p@h/f", "https://h/f", "u:p"},
        {"http:\\\\u:p@h/f", "http://h/f", "u:p"},
        {"http://u:p/q@h/f", "http://h/f", "u:p/q"},
        {"http://u:p#q@h/f", "http://h/f", "u:p#q"},
        {"http://h/f@x", "http://h/f@x", NULL},
        {"http:/h/@x", "http:/h/@x", NULL},
        {"https:///h/a/@x", "https:///h/a/@x", NULL},
        {"http:/token@h/f", "http://h/f", "token"},
        {"https://@h/", "https://h/", ""},
        {"https://h/a@b", "https://h/a@b", NULL},
        {"a title @ night", "a title @ night", NULL},
        {"//u:p@h/", "//u:p@h/", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        check(table[i][0], table[i][1], table[i][2]);
    for (size_t i = 0; i < sizeof split / sizeof *split; i++) {
        char *login, *url = url_without_login(split[i][0], &login);
        assert_string_equal(url, split[i][1]);
        assert_int_equal(login == NULL, split[i][2] == NULL);
        if (login)
            assert_string_equal(login, split[i][2]);
        free(login);
        free(url);
    }
}

static void check_part(struct url_part part, const char *want)
{
    if (!want) {
        assert_null(part.p);
        return;
    }
    assert_int_equal(part.n, strlen(want));
    assert_memory_equal(part.p, want, part.n);
}

static void parts(void **state)
{
    struct url u;
    const char *text = "http://u:p@[::1]:80/a;b?c=d#e";
    (void)state;
    url_parse(&u, text, strlen(text));
    check_part(u.scheme, "http");
    check_part(u.userinfo, "u:p");
    check_part(u.host, "[::1]");
    check_part(u.port, "80");
    check_part(u.path, "/a;b");
    check_part(u.query, "c=d");
    check_part(u.fragment, "e");
    assert_true(u.has_authority);
    url_parse(&u, "a/b:c", 5);
    check_part(u.scheme, NULL);
    check_part(u.host, NULL);
    check_part(u.path, "a/b:c");
    check_part(u.query, NULL);
    url_parse(&u, "//h?", 4);
    check_part(u.host, "h");
    check_part(u.path, "");
    check_part(u.query, "");
    assert_true(url_is_absolute("x-a.b+1:"));
    assert_false(url_is_absolute("1x:"));
    assert_false(url_is_absolute(":x"));
}

static void one_form(void **state)
{
    static const char *const table[][2] = {
        {"/a/b?c=d&e=f#g", "/a/b?c=d&e=f#g"},
        {"/%61%2D%2f%3f", "/a-%2F%3F"},
        {"%e2%82%AC\xe2\x82\xac", "%E2%82%AC%E2%82%AC"},
        {"a b\"<>\\^`{|}[]", "a%20b%22%3C%3E%5C%5E%60%7B%7C%7D%5B%5D"},
        {"%", "%25"},
        {"%4", "%254"},
        {"%zz%", "%25zz%25"},
        {"%00", "%00"},
        {"%2541", "%2541"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf b;
        buf_init(&b, 1000);
        url_add_normal(&b, (struct url_part){table[i][0], strlen(table[i][0])});
        assert_string_equal(buf_text(&b), table[i][1]);
        struct buf again;
        buf_init(&again, 1000);
        url_add_normal(&again, (struct url_part){buf_text(&b), b.len});
        assert_string_equal(buf_text(&again), table[i][1]);
        buf_free(&again);
        buf_free(&b);
    }
}

static void what_may_be_a_link(void **state)
{
    static const char *const good[] = {"https://a.example/", "HTTP://a.example", "http://a:80?q",
                                       "http://[::1]:8080/", "https://u:p@a.example:/"};
    static const char *const bad[] = {"javascript:alert(1)",
                                      "javascript://a.example/%0aalert(1)",
                                      "data:text/html,x",
                                      "vbscript:x",
                                      "blob:https://a.example/1",
                                      "view-source:https://a.example/",
                                      "feed:https://a.example/",
                                      "ftp://a.example/",
                                      "file:///etc/passwd",
                                      " https://a.example/",
                                      "http:",
                                      "http:a.example",
                                      "http:///a",
                                      "http://:80/",
                                      "http://a.example:x/",
                                      "http://a.example:123456/",
                                      "http://a b/",
                                      "//a.example/",
                                      "/a",
                                      ""};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(url_is_http(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(url_is_http(bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_examples),
        cmocka_unit_test(bases),
        cmocka_unit_test(parts),
        cmocka_unit_test(one_form),
        cmocka_unit_test(what_may_be_a_link),
        cmocka_unit_test(no_login_is_handed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
