#include "unit.h"

#include "base/utf8.h"

#include <string.h>

static void check_clean(const char *in, size_t n, const char *want)
{
    struct buf b;
    buf_init(&b, 10000);
    utf8_clean(&b, in, n);
    assert_string_equal(buf_text(&b), want);
    assert_true(utf8_valid(b.p ? b.p : "", b.len));
    buf_free(&b);
}
#define CHECK_CLEAN(in, want) check_clean(in, sizeof(in) - 1, want)

static void clean(void **state)
{
    (void)state;
    CHECK_CLEAN("", "");
    CHECK_CLEAN("plain text, long enough for words of eight bytes\n\tand more",
                "plain text, long enough for words of eight bytes\n\tand more");
    CHECK_CLEAN("a\0b\x01"
                "c\x7f"
                "d\x1b[0m",
                "abcd[0m");
    CHECK_CLEAN("a\r\nb\rc\n", "a\nb\nc\n");
    CHECK_CLEAN("caf\xc3\xa9 \xf0\x9f\x98\x80", "caf\xc3\xa9 \xf0\x9f\x98\x80");
    CHECK_CLEAN("caf\xe9 x", "caf\xef\xbf\xbd x");
    CHECK_CLEAN("\xc0\x80", "\xef\xbf\xbd"); /* overlong */
    CHECK_CLEAN("\xed\xa0\x80"
                "a",
                "\xef\xbf\xbd"
                "a");                                /* a surrogate */
    CHECK_CLEAN("\xf4\x90\x80\x80", "\xef\xbf\xbd"); /* past the end */
    CHECK_CLEAN("a\xe2\x82", "a\xef\xbf\xbd");       /* cut off */
    CHECK_CLEAN("don\xc2\x92t", "don\xe2\x80\x99t"); /* C1 that means windows-1252 */
    CHECK_CLEAN("a\xc2\x81"
                "b",
                "ab");
    CHECK_CLEAN("\xef\xbb\xbf"
                "a",
                "a");
}

static void round_trip(void **state)
{
    char code[4];
    uint32_t back;
    (void)state;
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        size_t n = utf8_encode(c, code);
        assert_int_equal(utf8_decode(code, code + n, &back), n);
        assert_int_equal(back, c >= 0xd800 && c <= 0xdfff ? 0xfffd : c);
        assert_int_equal(utf8_decode(code, code + n - 1, &back), 0);
    }
}

/* What is no UTF-8 is told from what is, at each place in a character. */
static void what_is_none(void **state)
{
    static const char *const none[] = {
        "\x80",         "\xbf",          "\xc0\x80",         "\xc1\xbf",         "\xc3",
        "\xc3(",        "\xe0\x80\x80",  "\xe0\x9f\xbf",     "\xe2\x82",         "\xe2(\xac",
        "\xe2\x82(",    "\xed\xa0\x80",  "\xed\xbf\xbf",     "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
        "\xf0\x9f\x98", "\xf0(\x98\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
    };
    uint32_t c = 7;
    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(utf8_decode(none[i], none[i] + strlen(none[i]), &c), 0);
    assert_int_equal(utf8_decode(none[0], none[0], &c), 0);
    assert_int_equal(c, 7);
}

static void cut(void **state)
{
    const char *text = "ab\xe2\x82\xac";
    (void)state;
    assert_int_equal(utf8_cut(text, 5), 5);
    assert_int_equal(utf8_cut(text, 4), 2);
    assert_int_equal(utf8_cut(text, 3), 2);
    assert_int_equal(utf8_cut(text, 2), 2);
    assert_int_equal(utf8_cut(text, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clean),
        cmocka_unit_test(round_trip),
        cmocka_unit_test(what_is_none),
        cmocka_unit_test(cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
