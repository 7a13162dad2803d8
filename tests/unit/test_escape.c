#include "unit.h"

#include "base/escape.h"

#include <string.h>

/* What has a meaning somewhere, what no screen should get, and what is no UTF-8, in all forms. */
static void each_place_has_its_form(void **state)
{
    static const char text[] = "a & <b> \"c\" 'd'\\ \n\t\x01\x7f"
                               "\xc3\xa9\xe2\x80\xae\xef\xbf\xbf\xff-._~";
    static const char *const want[ESCAPE_COUNT] = {
        [ESCAPE_TEXT] = "a &amp; &lt;b&gt; \"c\" 'd'\\ \n\t\x01\x7f"
                        "\xc3\xa9\xe2\x80\xae\xef\xbf\xbf\xff-._~",
        [ESCAPE_ATTRIBUTE] = "a &amp; &lt;b&gt; &quot;c&quot; 'd'\\ \n\t\x01\x7f"
                             "\xc3\xa9\xe2\x80\xae\xef\xbf\xbf\xff-._~",
        [ESCAPE_OPML] = "a &#38; &#60;b&#62; &#34;c&#34; 'd'\\ &#10;&#9;\x7f"
                        "\xc3\xa9\xe2\x80\xae\xef\xbf\xbf\xff-._~",
        [ESCAPE_XML] = "a &amp; &lt;b&gt; &quot;c&quot; &#39;d&#39;\\ \n\t"
                       "\xc3\xa9\xe2\x80\xae\xef\xbf\xbd-._~",
        [ESCAPE_PAGE] = "a &amp; &lt;b&gt; &quot;c&quot; &#39;d&#39;\\   "
                        "\xc3\xa9\xef\xbf\xbf\xef\xbf\xbd-._~",
        [ESCAPE_JSON] = "a & <b> \\\"c\\\" 'd'\\\\ \\u000a\\u0009\\u0001\\u007f"
                        "\xc3\xa9\xe2\x80\xae\xef\xbf\xbf\xef\xbf\xbd-._~",
        [ESCAPE_LOG] = "a & <b> \\\"c\\\" 'd'\\\\ \\x0a\\x09\\x01\\x7f"
                       "\xc3\xa9\\u202e\xef\xbf\xbf\\xff-._~",
        [ESCAPE_QUERY] = "a%20%26%20%3Cb%3E%20%22c%22%20%27d%27%5C%20%0A%09%01%7F"
                         "%C3%A9%E2%80%AE%EF%BF%BF%FF-._~",
    };
    struct buf b;
    (void)state;
    buf_init(&b, 1000);
    for (enum escape_for how = 0; how < ESCAPE_COUNT; how++) {
        buf_clear(&b);
        escape_text(&b, how, text);
        assert_string_equal(buf_text(&b), want[how]);
        buf_clear(&b);
        escape_text(&b, how, "");
        assert_string_equal(buf_text(&b), "");
    }
    buf_free(&b);
}

/* A character that the end cuts off is none, and nothing behind the end is read. */
static void the_end_is_the_end(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, 1000);
    escape(&b, ESCAPE_XML, "ab\xc3\xa9", 3);
    assert_string_equal(buf_text(&b), "ab\xef\xbf\xbd");
    buf_clear(&b);
    escape(&b, ESCAPE_TEXT, "a<b", 1);
    assert_string_equal(buf_text(&b), "a");
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_place_has_its_form),
        cmocka_unit_test(the_end_is_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
