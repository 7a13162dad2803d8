/* What a page is made of: texts that are escaped, ages, and the files beside it. */
#include "web_cases.h"

#include "web/asset.h"
#include "base/escape.h"
#include "web/markup.h"

#include <inttypes.h>
#include <string.h>

static const char *escaped(struct buf *b, const char *text)
{
    buf_clear(b);
    escape_text(b, ESCAPE_PAGE, text);
    return buf_text(b);
}

static void texts_are_escaped(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4096);
    assert_string_equal(escaped(&b, "a < b & c > d"), "a &lt; b &amp; c &gt; d");
    assert_string_equal(escaped(&b, "\"x\" 'y'"), "&quot;x&quot; &#39;y&#39;");
    assert_string_equal(escaped(&b, "&amp;lt;"), "&amp;amp;lt;");
    assert_string_equal(escaped(&b, ""), "");
    assert_string_equal(escaped(&b, "Östra 東京 שלום"), "Östra 東京 שלום");
    buf_free(&b);
}

static void controls_and_overrides_are_left_out(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4096);
    assert_string_equal(escaped(&b, "a\x1b[31mb\x07"), "a[31mb");
    assert_string_equal(escaped(&b, "one\ntwo\tthree"), "one two three");
    assert_string_equal(escaped(&b, "gnp.\xe2\x80\xae"
                                    "exe"),
                        "gnp.exe");
    assert_string_equal(escaped(&b, "a\xe2\x81\xa6"
                                    "b\xe2\x81\xa9\xe2\x80\xa8"
                                    "c"),
                        "abc");
    assert_string_equal(escaped(&b, "\xff"
                                    "a\xc3"),
                        "\xef\xbf\xbd"
                        "a\xef\xbf\xbd");
    buf_free(&b);
}

static void a_format_escapes_its_values(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4096);
    html_addf(&b, "<b>%s</b> %d %zu %" PRIu64 " %.1f %%", "<&>", -1, (size_t)2, UINT64_MAX, 0.25);
    assert_string_equal(buf_text(&b), "<b>&lt;&amp;&gt;</b> -1 2 18446744073709551615 0.2 %");
    buf_free(&b);
}

static void ages_have_the_unit_of_a_reader(void **state)
{
    (void)state;
    static const struct {
        int64_t age;
        const char *text;
    } cases[] = {{-5, ">now<"},       {59, ">now<"},   {60, ">1 min<"},
                 {3599, ">59 min<"},  {3600, ">1 h<"}, {2 * 86400 - 1, ">47 h<"},
                 {2 * 86400, ">2 d<"}};
    struct buf b;
    buf_init(&b, 4096);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf_clear(&b);
        html_age(&b, NOW - cases[i].age, NOW);
        says(&b, cases[i].text);
    }
    says(&b, "datetime=\"2023-11-12T22:13:20Z\"");
    buf_free(&b);
}

static void files_are_built_in_under_the_name_of_their_hash(void **state)
{
    (void)state;
    size_t all = 0, desk = 0;
    for (const struct asset *a = assets(); a->name; a++) {
        assert_true(a->end > a->begin);
        assert_int_equal(strncmp(a->address, "/static/", 8), 0);
        assert_non_null(strstr(a->address, a->etag[1] ? strrchr(a->name, '.') : ""));
        bool is_desk = !strcmp(a->name, "desk.js"); /* only for those who decide */
        if (strstr(a->name, ".png"))
            continue; /* only for those who install it */
        *(is_desk ? &desk : &all) += (size_t)(a->end - a->begin);
    }
    assert_true(all < 64 * 1024);        /* the first screen stays under 100 KB, */
    assert_true(all + desk < 88 * 1024); /* and of those who decide not far above */
    assert_string_equal(asset_address("no such file"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_escaped),
        cmocka_unit_test(controls_and_overrides_are_left_out),
        cmocka_unit_test(a_format_escapes_its_values),
        cmocka_unit_test(ages_have_the_unit_of_a_reader),
        cmocka_unit_test(files_are_built_in_under_the_name_of_their_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
