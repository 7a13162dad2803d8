#include "unit.h"

#include "base/mem.h"
#include "base/nfc.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

static void check(const char *text, const char *want)
{
    char *got = nfc_str(text);
    assert_string_equal(got, want);
    if (strcmp(text, want))
        assert_false(nfc_is(text, strlen(text)));
    free(got);
}

static void texts(void **state)
{
    (void)state;
    check("", "");
    check("plain text, longer than eight bytes", "plain text, longer than eight bytes");
    check("cafe\u0301", "café");
    check("e\u0301", "é");
    check("x e\u0301 y e\u0301 z", "x é y é z");
    check("\u0301a", "\u0301a"); /* a mark that has nothing to stand on */
    check("café ЙЁ 東京 한국 Ωέ", "café ЙЁ 東京 한국 Ωέ");
    check("И\u0306 ω\u0301", "Й ώ");
    check("\u1112\u1161\u11ab\u1100\u116e\u11a8", "한국");
    check("하\u11ab", "한"); /* a syllable and its last letter */
    check("か\u3099", "が");
    check("a\u0323\u0302", "ậ");
    check("a\u0302\u0323", "ậ"); /* the marks in the other order */
    check("ậ", "ậ");
    check("\u212b \u2126", "Å Ω");   /* signs that are letters */
    check("\u0958", "\u0915\u093c"); /* a letter that is always written as two */
    check("กำ ที่ हिन्दी مُحَمَّد", "กำ ที่ हिन्दी مُحَمَّد");
    check("\U0001f600 e\u0301", "\U0001f600 é");
}

/* What people write costs no more than a look. */
static void usual_texts_are_known(void **state)
{
    static const char *const usual[] = {
        "plain text, longer than eight bytes",
        "Größe, déjà vu, İstanbul, Đặng, Łódź",
        "Новости дня, Йод",
        "Ειδήσεις ώρα",
        "東京の新聞がデータを",
        "한국은행 기준금리",
        "新闻 头条",
        "ข่าววันนี้ ที่ กำ",
        "समाचार हिन्दी",
        "أخبار مُحَمَّد",
        "חדשות שָׁלוֹם",
        "খবর",
    };
    (void)state;
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (!nfc_is(usual[i], strlen(usual[i])))
            fail_msg("%s", usual[i]);
}

static bool library_is(const char *text, char **made)
{
    *made = (char *)utf8proc_NFC((const utf8proc_uint8_t *)text);
    return *made && !strcmp(*made, text);
}

/* Every character, alone and with marks around it: what is said to be in the form is, and the rest
 * becomes what the library makes of the whole. */
static void every_character(void **state)
{
    static const char *const around[][2] = {{"", ""},        {"a", ""},       {"", "\u0301"},
                                            {"e\u0323", ""}, {"", "\u0323a"}, {"\u1100", "\u11a8"}};
    (void)state;
    for (uint32_t c = 0x80; c <= 0x10ffff; c++) {
        if (c >= 0xd800 && c < 0xe000)
            continue;
        for (size_t i = 0; i < sizeof around / sizeof *around; i++) {
            char text[32] = "", one[4], *made;
            size_t n = utf8_encode(c, one), before = strlen(around[i][0]);
            memcpy(text, around[i][0], before);
            memcpy(text + before, one, n);
            memcpy(text + before + n, around[i][1], strlen(around[i][1]) + 1);
            bool same = library_is(text, &made);
            char *got = nfc_str(text);
            if (strcmp(got, made) || (!same && nfc_is(text, strlen(text))))
                fail_msg("U+%04X between %zu", c, i);
            free(got);
            free(made);
        }
    }
}

/* Marks without end, in the order that is worst to sort, and bytes that are none. */
static void hostile(void **state)
{
    struct buf in, out;
    (void)state;
    buf_init(&in, 1 << 22);
    buf_init(&out, 1 << 24);
    for (int i = 0; i < 200000; i++)
        buf_adds(&in, i % 2 ? "\u0323" : "\u0301");
    buf_adds(&in, " e\u0301");
    nfc_add(&out, in.p, in.len);
    assert_int_equal(out.len, in.len - 1);
    assert_string_equal(out.p + out.len - 3, " é");
    buf_clear(&out);
    nfc_add(&out, "e\xcc\x81\xff\xcc", 5);
    assert_string_equal(buf_text(&out), "é\xff\xcc");
    buf_free(&in);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(usual_texts_are_known),
        cmocka_unit_test(every_character),
        cmocka_unit_test(hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
