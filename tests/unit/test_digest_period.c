/* In which local day or week a time lies, for digests. */
#include "unit.h"

#include "alert/digests.h"

#include <stdlib.h>
#include <time.h>

enum {
    SPRING = 1774746000 /* 2026-03-29 01:00 UTC: 02:00 becomes 03:00 in Berlin */,
    AUTUMN = 1792890000 /* 2026-10-25 01:00 UTC: 03:00 becomes 02:00 */,
    HALF_PAST_TWO = 150
};

static int64_t day(int64_t time)
{
    return digest_period(PERIOD_DAY, HALF_PAST_TWO, time);
}

static void a_time_that_is_left_out_is_not_missed(void **state)
{
    (void)state;
    assert_int_equal(day(SPRING), day(SPRING - 1) + 1);
    assert_int_equal(day(SPRING + 20 * 3600), day(SPRING));
    assert_int_equal(day(SPRING + 23 * 3600 + 1800), day(SPRING) + 1);
}

static void a_time_that_is_repeated_does_not_count_twice(void **state)
{
    (void)state;
    int64_t first = AUTUMN - 1800, second = AUTUMN + 1800; /* both are 02:30 */
    assert_int_equal(day(first), day(first - 1) + 1);
    assert_int_equal(day(AUTUMN), day(first) - 1); /* 02:00 again: not yet */
    assert_int_equal(day(second), day(first));
}

static void a_week_begins_on_monday(void **state)
{
    (void)state;
    int64_t monday = SPRING + 21 * 3600; /* 00:00 on the 30th */
    int64_t week = digest_period(PERIOD_WEEK, 0, monday);
    assert_int_equal(digest_period(PERIOD_WEEK, 0, monday - 1), week - 1);
    assert_int_equal(digest_period(PERIOD_WEEK, 0, monday - 6 * 86400), week - 1);
    assert_int_equal(digest_period(PERIOD_WEEK, 0, monday + 7 * 86400 - 1), week);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_that_is_left_out_is_not_missed),
        cmocka_unit_test(a_time_that_is_repeated_does_not_count_twice),
        cmocka_unit_test(a_week_begins_on_monday),
    };
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
