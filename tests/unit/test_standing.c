/* What a publisher writes below all its articles. */
#include "unit.h"

#include "text/standing.h"

#include <string.h>

#define CHANNEL "Harbour TV is seen in 9 million homes. Subscribe to Harbour TV!"

static void the_end_that_articles_share_is_found(void **state)
{
    static const struct {
        const char *text, *others[3], *standing;
    } table[] = {
        {"A ferry sank. " CHANNEL, {"A bank failed. " CHANNEL, "Rovers won. " CHANNEL}, CHANNEL},
        {"A ferry sank.\n" CHANNEL, {"A bank failed.\n" CHANNEL, "Rovers won.\n" CHANNEL}, CHANNEL},
        /* one other is a copy, or a series of one story */
        {"A ferry sank. " CHANNEL, {"A bank failed. " CHANNEL, "Rovers won."}, ""},
        {"Two boats sank. " CHANNEL, {"A ship sank. " CHANNEL, "The car sank. " CHANNEL}, CHANNEL},
        /* tags of its own behind it */
        {"A ferry sank. " CHANNEL " #ferry #sea",
         {"A bank failed. " CHANNEL " #bank", "Rovers won. " CHANNEL},
         CHANNEL " #ferry #sea"},
        /* words between that are its own */
        {"A ferry sank. Harbour TV is seen in 9 million homes. It was old. Then it sank. Divers "
         "came.",
         {"Harbour TV is seen in 9 million homes.", "Harbour TV is seen in 9 million homes."},
         ""},
        {"The old ferry sank at dawn",
         {"An old ferry sank at dawn", "One old ferry sank at dawn"},
         ""},
        /* all of it */
        {CHANNEL, {CHANNEL, "Rovers won. " CHANNEL}, CHANNEL},
        /* a few words */
        {"A ferry sank. Read on.", {"A bank failed. Read on.", "Rovers won. Read on."}, ""},
        {"", {"", ""}, ""},
        {"A ferry sank.", {"", ""}, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t n = standing_bytes(table[i].text, table[i].others, 2);
        assert_string_equal(table[i].text + strlen(table[i].text) - n, table[i].standing);
    }
    assert_int_equal(standing_bytes(CHANNEL, NULL, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_end_that_articles_share_is_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
