#include "unit.h"

#include "base/date.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Every line of dates.txt. */
static void table(void **state)
{
    char line[512];
    int n = 0, failed = 0;
    FILE *f = fopen("tests/data/dates.txt", "r");
    (void)state;
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        char *tab = strchr(line, '\t');
        if (*line == '#' || !tab)
            continue;
        *tab++ = 0;
        int64_t want = strncmp(tab, "none", 4) ? strtoll(tab, NULL, 10) : DATE_NONE;
        char *lang = strchr(tab, '\t');
        line[strcspn(line, "\n")] = tab[strcspn(tab, "\n")] = 0;
        struct date d = date_read(line, lang ? lang + 1 : NULL);
        int64_t got = date_in_order(&d, DATE_ANY_ORDER);
        n++;
        if (got != want) {
            print_error("%s: %lld, not %lld\n", line, (long long)got, (long long)want);
            failed++;
        }
    }
    fclose(f);
    assert_true(n > 150);
    assert_int_equal(failed, 0);
}

static void check_orders(const char *text, int64_t day_first, int64_t month_first)
{
    struct date d = date_read(text, NULL);
    if (d.day_first != day_first || d.month_first != month_first)
        fail_msg("%s: %lld and %lld", text, (long long)d.day_first, (long long)d.month_first);
}

/* What the order of day and month is left to, and what it is not. */
static void two_orders(void **state)
{
    const int64_t march_5 = 1709596800, may_3 = 1714694400, march_25 = 1711324800;
    (void)state;
    check_orders("5/3/2024", march_5, may_3);
    check_orders("3.5.2024", may_3, march_5);
    check_orders("05-03-2024", march_5, may_3);
    check_orders("5/5/2024", 1714867200, 1714867200);
    check_orders("25/3/2024", march_25, DATE_NONE);
    check_orders("3/25/2024", DATE_NONE, march_25);
    check_orders("Tue, 5/3/2024", march_5, DATE_NONE);
    check_orders("martes, 5/3/2024", march_5, DATE_NONE);
    check_orders("mar 5/3/2024", march_5, DATE_NONE);
    check_orders("Fri 5/3/2024", DATE_NONE, may_3);
    check_orders("Sun 5/3/2024", march_5, may_3); /* wrong for both */
    check_orders("2024-03-05", march_5, march_5);
    check_orders("5 March 2024", march_5, march_5);
    check_orders("Mon, 31/31/2024", DATE_NONE, DATE_NONE);
}

static void every_day(void **state)
{
    char text[64];
    (void)state;
    for (int64_t t = -2208988800; t < 4102444800; t += 86400) {
        time_t seconds = (time_t)t;
        struct tm tm;
        gmtime_r(&seconds, &tm);
        strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
        assert_int_equal(date_parse(text), t);
        strftime(text, sizeof text, "%Y-%j", &tm);
        assert_int_equal(date_parse(text), t);
        strftime(text, sizeof text, "%G-W%V-%u", &tm);
        assert_int_equal(date_parse(text), t);
    }
}

static void long_text(void **state)
{
    char text[10000];
    (void)state;
    memset(text, '1', sizeof text - 1);
    text[sizeof text - 1] = 0;
    assert_int_equal(date_parse(text), DATE_NONE);
    assert_int_equal(date_parse(""), DATE_NONE);
}

/* The forms that are read at once mean what they mean when they are looked at closely, which a
 * blank in front brings about. */
static void common_forms_are_no_other_dates(void **state)
{
    static const char *const forms[] = {
        "Tue, 21 Apr 2020 00:43:01 GMT",   "Wed, 29 Feb 2012 23:59:59 +0530",
        "Tue, 31 Dec 1999 12:00:00 -1200", "2020-04-21T00:43:01Z",
        "2000-02-29T00:00:00+14:00",       "1969-12-31T23:59:59-00:30",
        "Tue, 31 Feb 2020 00:43:01 GMT",   "2021-02-29T00:00:00Z",
        "Tue, 21 Apr 2020 24:00:00 GMT",   "2020-04-21T24:00:00Z",
        "Tue, 21 Apr 2020 00:43:60 GMT",   "2020-13-21T00:43:01Z",
        "Tue, 21 Apr 2020 00:43:01 EST",   "Mar, 21 Apr 2020 00:43:01 GMT",
        "Tue, 00 Apr 2020 00:43:01 GMT",   "Tue, 21 Apr 2020 00:43:01 +2500",
    };
    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        char padded[64];
        snprintf(padded, sizeof padded, " %s", forms[i]);
        if (date_parse(forms[i]) != date_parse(padded))
            fail_msg("%s: %lld, closely %lld", forms[i], (long long)date_parse(forms[i]),
                     (long long)date_parse(padded));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(two_orders),
        cmocka_unit_test(every_day),
        cmocka_unit_test(long_text),
        cmocka_unit_test(common_forms_are_no_other_dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
