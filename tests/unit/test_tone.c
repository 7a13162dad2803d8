/* The tone of invented posts. */
#include "digest/tone.h"
#include "unit.h"

#include <string.h>

static void words_have_a_tone_that_rules_bend(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int sign; /* above 0.05: 1; below -0.05: -1 */
    } rows[] = {
        {"The new ferry is great", 1},
        {"The new ferry is not great", -1},
        {"The ferry was late and the crew was horrible", -1},
        {"The ferry leaves at nine from the east pier", 0},
        {"", 0},
        {"It was good, but the queue was a horrible, terrible disaster", -1},
        {"I love it \xf0\x9f\x98\x8d", 1},
        {":(", -1},
    };
    struct tones *t = tones_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double tone = tone_of(t, "en", rows[i].text);
        int sign = tone > .05 ? 1 : tone < -.05 ? -1 : 0;
        if (sign != rows[i].sign)
            print_error("%s: %f\n", rows[i].text, tone);
        assert_int_equal(sign, rows[i].sign);
    }
    tones_free(t);
}

static void emphasis_strengthens(void **state)
{
    (void)state;
    static const char *const rising[] = {"The ferry is good", "The ferry is very good",
                                         "The ferry is VERY GOOD!!!"};
    struct tones *t = tones_new();
    for (size_t i = 1; i < 3; i++)
        assert_true(tone_of(t, "en", rising[i]) > tone_of(t, "en", rising[i - 1]));
    tones_free(t);
}

/* "was" is no word of the list, "war" is. */
static void short_words_are_not_taken_for_others(void **state)
{
    (void)state;
    struct tones *t = tones_new();
    assert_true(tone_of(t, "en", "was") == 0);
    assert_true(tone_of(t, "en", "war") < -.05);
    tones_free(t);
}

static void long_posts_stay_within_bounds(void **state)
{
    (void)state;
    static char text[20000];
    for (size_t i = 0; i + 6 < sizeof text; i += 6)
        memcpy(text + i, "great ", 6);
    struct tones *t = tones_new();
    double tone = tone_of(t, "en", text);
    assert_true(tone > .9 && tone <= 1);
    tones_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_have_a_tone_that_rules_bend),
        cmocka_unit_test(emphasis_strengthens),
        cmocka_unit_test(short_words_are_not_taken_for_others),
        cmocka_unit_test(long_posts_stay_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
