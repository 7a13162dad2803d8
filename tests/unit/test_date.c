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
        int64_t got = date_parse(line);
        n++;
        if (got != want) {
            print_error("%s: %lld, not %lld\n", line, (long long)got, (long long)want);
            failed++;
        }
    }
    fclose(f);
    assert_true(n > 70);
    assert_int_equal(failed, 0);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(every_day),
        cmocka_unit_test(long_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
