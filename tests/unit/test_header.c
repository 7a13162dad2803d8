/* What the headers of an answer say. */
#include "unit.h"

#include "net/header.h"
#include "poll/when.h"

#include <stdlib.h>
#include <string.h>

static void retry_after_headers(void **state)
{
    enum { NOW = 1700000000 };
    static const struct {
        const char *header;
        int64_t expected;
    } table[] = {
        {"120", 120},
        {"0", 0},
        {"-5", -1},
        {"soon", -1},
        {NULL, -1},
        {"Tue, 14 Nov 2023 22:15:20 GMT", 120},
        {"Tue, 14 Nov 2000 22:15:20 GMT", -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(when_retry_after(table[i].header, NOW), table[i].expected);
}

static void headers_are_read_as_they_are(void **state)
{
    static const struct {
        const char *line, *name, *value; /* name NULL: none; value NULL: not kept */
    } table[] = {
        {"ETag: \"a b\"\r\n", "etag", "\"a b\""},
        {"etag:W/\"x:y\"", "ETag", "W/\"x:y\""},
        {"ETag:   \t x \t \r\n", "etag", "x"},
        {"ETag:\r\n", "etag", NULL},
        {"ETag: a\001b\r\n", "etag", NULL},
        {"ETag: a\177b\r\n", "etag", NULL},
        {"ETag: a\tb\r\n", "etag", "a\tb"},
        {"HTTP/1.1 200 OK\r\n", NULL, NULL},
        {"HTTP/1.1 200 a:b\r\n", NULL, NULL},
        {"\r\n", NULL, NULL},
        {": x\r\n", NULL, NULL},
        {" ETag: folded\r\n", NULL, NULL},
        {"E Tag: x\r\n", NULL, NULL},
        {"no colon", NULL, NULL},
        {"", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct header h;
        bool read = header_read(table[i].line, strlen(table[i].line), &h);
        if (read != (table[i].name != NULL))
            fail_msg("%s", table[i].line);
        if (!read)
            continue;
        assert_true(header_is(&h, table[i].name));
        assert_false(header_is(&h, "eta") || header_is(&h, "etags"));
        char *value = header_value(&h);
        assert_true(!value == !table[i].value);
        if (value)
            assert_string_equal(value, table[i].value);
        free(value);
    }
    assert_true(header_begins_answer("HTTP/2 200", 10));
    assert_false(header_begins_answer("HTTP", 4));
}

static void a_value_that_is_too_long_is_left_out(void **state)
{
    char line[HEADER_MAX_VALUE + 10] = "a:";
    struct header h;
    (void)state;
    memset(line + 2, 'x', HEADER_MAX_VALUE + 1);
    assert_true(header_read(line, HEADER_MAX_VALUE + 2, &h));
    char *value = header_value(&h);
    assert_int_equal(strlen(value), HEADER_MAX_VALUE);
    free(value);
    assert_true(header_read(line, HEADER_MAX_VALUE + 3, &h));
    assert_null(header_value(&h));
}

static void freshness_headers(void **state)
{
    static const struct {
        const char *cache_control, *age;
        int64_t expected;
    } ages[] = {
        {NULL, NULL, -1},
        {"max-age=600", NULL, 600},
        {"public, MAX-AGE=\"600\"", "100", 500},
        {"max-age=600, must-revalidate", "700", 0},
        {"max-age=600", "-5", 600},
        {"max-age=600", "soon", 600},
        {"s-maxage=600", NULL, -1},
        {"x-max-age=600", NULL, -1},
        {"max-age=99999999999999999999", NULL, INT64_MAX},
        {"max-age=-1", NULL, -1},
        {"max-age=", NULL, -1},
        {"no-cache", NULL, -1},
    };
    static const struct {
        const char *expires, *date;
        int64_t expected;
    } dates[] = {
        {NULL, NULL, -1},
        {"Tue, 14 Nov 2023 23:13:20 GMT", NULL, 3600},
        {"Tue, 14 Nov 2023 23:13:20 GMT", "Tue, 14 Nov 2023 23:03:20 GMT", 600}, /* its own clock */
        {"Tue, 14 Nov 2023 23:13:20 GMT", "Tue, 14 Nov 2023 23:23:20 GMT", -1},
        {"0", NULL, -1},
        {"-1", NULL, -1},
        {"never", NULL, -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof ages / sizeof *ages; i++)
        assert_int_equal(when_max_age(ages[i].cache_control, ages[i].age), ages[i].expected);
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++)
        assert_int_equal(when_expires(dates[i].expires, dates[i].date, 1700000000),
                         dates[i].expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(freshness_headers),
        cmocka_unit_test(retry_after_headers),
        cmocka_unit_test(headers_are_read_as_they_are),
        cmocka_unit_test(a_value_that_is_too_long_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
