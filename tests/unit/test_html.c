#include "unit.h"

#include "base/mem.h"
#include "feed/html.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static void to_text(void **state)
{
    static const char *const table[][2] = {
        {"", ""},
        {"plain", "plain"},
        {"  a \n b  ", "a b"},
        {"<p>One</p><p>Two <b>bold</b></p>", "One\nTwo bold"},
        {"a<br/>b<BR>c", "a\nb\nc"},
        {"<ul><li>a<li>b</ul>", "a\nb"},
        {"<tr><td>a<td>b", "a b"},
        {"AT&amp;T &lt;b&gt; &#8217;&#x41;&#146;&hellip;", "AT&T <b> \u2019A\u2019\u2026"},
        {"AT&T & co, a&b;c &copy 2024 &nosuch;", "AT&T & co, a&b;c \u00a9 2024 &nosuch;"},
        {"?a=1&copy=2", "?a=1&copy=2"},
        {"a&nbsp;&nbsp;b\u00a0c", "a b c"},
        {"a<script>if (a<b) x('</p>')</script>b", "ab"},
        {"<style>p { color: red }</style>x", "x"},
        {"a <script> is a tag", "a is a tag"},
        {"a<!-- <b> -->b<!-- c", "ab<!-- c"},
        {"<![CDATA[x < y]]>", "x < y]]>"},
        {"1 < 2 and 3 > 2", "1 < 2 and 3 > 2"},
        {"vector<int> is a type", "vector<int> is a type"},
        {"<o:p>Word</o:p>", "Word"},
        {"a<b", "a<b"},
        {"cut <a href=\"http://exa", "cut"},
        {"<a title=\"x > y\">l</a>", "l"},
        {"<a title=\"x>l</a> m", "l m"},
        {"&#0;&#xD800;&#99999999;.", "\ufffd\ufffd."},
    };
    struct buf b;
    (void)state;
    buf_init(&b, 10000);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        buf_clear(&b);
        html_to_text(&b, table[i][0], strlen(table[i][0]));
        assert_string_equal(buf_text(&b), table[i][1]);
    }
    buf_free(&b);
}

static void absolute(void **state)
{
    static const char *const table[][2] = {
        {"no tags", "no tags"},
        {"<a href=\"x\">x</a>", "<a href=\"http://h/d/x\">x</a>"},
        {"<a href=x>x</a>", "<a href=\"http://h/d/x\">x</a>"},
        {"<IMG alt='a' SRC='/i.png?a=1&amp;b=2'/>",
         "<IMG alt='a' SRC='http://h/i.png?a=1&amp;b=2'/>"},
        {"<a href=\"http://o/\" class=\"x\">", "<a href=\"http://o/\" class=\"x\">"},
        {"<a href=\"mailto:a@b\">", "<a href=\"mailto:a@b\">"},
        {"<!-- <a href=\"x\"> --><p title=\"href=x\">",
         "<!-- <a href=\"x\"> --><p title=\"href=x\">"},
        {"<a href=\"x", "<a href=\"http://h/d/x"},
    };
    struct buf b;
    (void)state;
    buf_init(&b, 10000);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        buf_clear(&b);
        html_absolute(&b, table[i][0], strlen(table[i][0]), "http://h/d/e");
        assert_string_equal(buf_text(&b), table[i][1]);
    }
    buf_free(&b);
}

/* A name that goes on behind a NUL is not the one before it. */
static void nul_in_attribute_name(void **state)
{
    static const char html[] = "<a cite\0cite=\"x\">";
    struct buf b;
    (void)state;
    buf_init(&b, 1000);
    html_absolute(&b, html, sizeof html - 1, "http://h/");
    assert_int_equal(b.len, sizeof html - 1);
    assert_memory_equal(b.p, html, b.len);
    buf_free(&b);
}

static void looks_like(void **state)
{
    (void)state;
    assert_true(html_looks_like("<b>x</b>", 8));
    assert_true(html_looks_like("a &eacute; b", 12));
    assert_true(html_looks_like("a<br>b", 6));
    assert_false(html_looks_like("a < b", 5));
    assert_false(html_looks_like("a vector<int> </b>", 18));
    assert_false(html_looks_like("AT&T", 4));
}

#ifdef __SANITIZE_THREAD__ /* it looks at all that memmem() could read, each time */
enum { SLOW_TEXT = 1 << 15 };
#else
enum { SLOW_TEXT = 1 << 20 };
#endif

/* Texts made to be slow: none may take more than a moment. */
static void linear(void **state)
{
    static const char *const pieces[] = {
        "<",          "<a ", "<a b=\"", "<a b='\">",   "<!--",       "<script>",
        "<script></", "&",   "&#",      "&amp",        "<a b=\">\"", "<![CDATA[",
        "<p><br>",    "</",  "<a b=c ", "<style></a>", "<a =\"\" ="};
    size_t size = SLOW_TEXT;
    (void)state;
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct buf in, out;
        buf_init(&in, size);
        buf_init(&out, size * 4);
        while (buf_adds(&in, pieces[i]))
            ;
        clock_t start = clock();
        html_to_text(&out, in.p, in.len);
        buf_clear(&out);
        html_absolute(&out, in.p, in.len, "http://h/");
        html_looks_like(in.p, in.len);
        if (clock() - start > 2 * CLOCKS_PER_SEC)
            fail_msg("slow: %s", pieces[i]);
        buf_free(&in);
        buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(to_text),
        cmocka_unit_test(absolute),
        cmocka_unit_test(nul_in_attribute_name),
        cmocka_unit_test(looks_like),
        cmocka_unit_test(linear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
