/* Feeds in JSON: numbers, and documents that are broken or cut off. */
#include "unit.h"

#include "base/buf.h"
#include "feed/parser.h"

#include <stdio.h>
#include <string.h>

/* Ids are texts, also where a feed writes numbers: none loses a digit, or its item. */
static void numbers_in_json_keep_their_digits(void **state)
{
    static const struct {
        const char *number, *id;
    } table[] = {
        {"7", "7"},
        {"9223372036854775807", "9223372036854775807"},
        {"9223372036854775808", "9223372036854775808"},
        {"-9223372036854775809", "-9223372036854775809"},
        {"18446744073709551616", "18446744073709551616"},
        {"123456789012345678901234567890123456789012345678901234567890",
         "123456789012345678901234567890123456789012345678901234567890"},
        {"1e999", "1e999"},
        {"\"12345678901234567890\"", "12345678901234567890"},
        {"\"a \\\" 12345678901234567890\", \"_x\": 12345678901234567890",
         "a \" 12345678901234567890"},
    };
    char text[1000];
    struct feed *f;
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        snprintf(text, sizeof text, "{\"title\": \"T\", \"items\": [{\"id\": %s}, {\"id\": 2}]}",
                 table[i].number);
        assert_int_equal(feed_parse(text, strlen(text), NULL, NULL, &f), FEED_OK);
        assert_int_equal(f->n_items, 2);
        assert_string_equal(f->items[0].id, table[i].id);
        assert_string_equal(f->items[1].id, "2");
        assert_false(f->malformed);
        feed_free(f);
    }
}

/* Cut off anywhere, a document gives the items before the cut and says that it is not whole. */
static void json_that_is_cut_off_gives_its_whole_items(void **state)
{
    static const char text[] =
        "{\"version\": \"https://jsonfeed.org/version/1.1\", \"title\": \"T\", \"items\": ["
        "{\"id\": \"a ] } \\\" \", \"tags\": [\"x\", {}]}, {\"id\": 2}, {\"id\": 3}"
        "], \"x\": {\"y\": \"z\"}}";
    static const char *const ends[] = {"{}]}", "\"id\": 2}", "\"id\": 3}"};
    struct feed *f;
    (void)state;
    for (size_t n = 1; n < sizeof text; n++) {
        size_t whole = 0;
        for (size_t i = 0; i < 3; i++)
            whole += n >= (size_t)(strstr(text, ends[i]) - text) + strlen(ends[i]);
        enum feed_status status = feed_parse(text, n, NULL, NULL, &f);
        assert_int_equal(status, whole ? FEED_OK : FEED_NOT_A_FEED);
        if (!whole)
            continue;
        assert_int_equal(f->n_items, whole);
        assert_int_equal(f->malformed, n < sizeof text - 1);
        assert_int_equal(f->dropped, 0);
        assert_string_equal(f->title, "T");
        feed_free(f);
    }
}

/* What is no JSON somewhere inside is read up to there. */
static void json_that_is_broken_is_read_up_to_the_fault(void **state)
{
    static const char *const table[] = {
        "{\"items\": [{\"id\": 1}, ]}",
        "{\"items\": [{\"id\": 1} {\"id\": 2}]}",
        "{\"items\": [{\"id\": 1}], }",
        "{\"items\": [{\"id\": 1}]] }",
        "{\"items\": [{\"id\": 1}], \"title\"}",
        "{\"items\": [{\"id\": 1}]<br />\n<b>Warning</b>: no such file",
    };
    struct feed *f;
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (feed_parse(table[i], strlen(table[i]), NULL, NULL, &f) != FEED_OK)
            fail_msg("refused: %s", table[i]);
        assert_int_equal(f->n_items, 1);
        assert_true(f->malformed);
        feed_free(f);
    }
}

/* A few bytes of JSON can stand for much memory; what is too long for one item is left out. */
static void json_is_read_item_by_item(void **state)
{
    struct feed *f = NULL;
    struct buf b;
    (void)state;
    buf_init(&b, 64u << 20);
    buf_adds(&b, "{\"items\":[{\"id\":\"first\"},{\"bad\": \"\\q\"},{\"id\":\"bomb\",\"x\":[");
    for (int i = 0; i < 3 << 20; i++)
        buf_adds(&b, "0,");
    buf_adds(
        &b,
        "0]},7,{\"id\":\"last \\\"]}\"}],\"title\":\"behind\",\"home_page_url\":\"http://h/d/\"}");
    assert_int_equal(feed_parse(buf_text(&b), b.len, NULL, NULL, &f), FEED_OK);
    assert_int_equal(f->n_items, 2);
    assert_int_equal(f->dropped, 3);
    assert_string_equal(f->items[0].id, "first");
    assert_string_equal(f->items[1].id, "last \"]}");
    assert_string_equal(f->title, "behind");
    feed_free(f);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_in_json_keep_their_digits),
        cmocka_unit_test(json_that_is_cut_off_gives_its_whole_items),
        cmocka_unit_test(json_that_is_broken_is_read_up_to_the_fault),
        cmocka_unit_test(json_is_read_item_by_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
