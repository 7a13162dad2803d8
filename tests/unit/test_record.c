/* What a record says of an event's sources and counts. */
#include "unit.h"

#include "store/event_record.h"
#include "store/record.h"

#include <stdlib.h>
#include <string.h>

static struct article_record article(uint64_t id, const char *domain, int64_t published,
                                     uint64_t copy_of)
{
    struct article_record a;
    json_t *json =
        json_pack("{s:I,s:s,s:s,s:{s:s,s:s},s:I,s:I,s:o,s:[s],s:s}", "id", (json_int_t)id, "title",
                  "title", "url", "url", "source", "name", domain, "domain", domain, "published",
                  (json_int_t)published, "seen", (json_int_t)(900 + published % 100), "copy_of",
                  copy_of ? json_integer((json_int_t)copy_of) : json_null(), "categories", domain,
                  "summary", "First sentence.");
    codec_read(&article_table, json, &a);
    json_decref(json);
    return a;
}

/* Addresses that an older version took. */
static void what_is_no_address_stays_inside(void **state)
{
    static const char *const table[][2] = {
        {"{\"id\":1,\"url\":\"javascript:alert(1)\",\"link\":\"data:text/html,\\\"x\",\"n\":2}",
         "{\"id\":1,\"url\":\"\",\"link\":null,\"n\":2}"},
        {"{\"image\":\"data:image/png;base64,AA\",\"home\":\"javascript:x\"}",
         "{\"image\":null,\"home\":null}"},
        {"{\"url\":\"https://a.example/\",\"link\":null,\"image\":\"HTTP://a.example/\"}", NULL},
        {"{\"url\":\"\",\"title\":\"javascript:x\",\"curl\":\"x\"}", NULL},
        {"{\"title\":\"a \\\"url\\\":\\\"javascript:x\\\" in a text\"}", NULL},
        {"{\"url\":\"javascript:x\\", "{\"url\":\"\""}, /* cut off */
        {"{\"url\":\"http://u:p@a.example/b\",\"link\":\"https://u@a.example\"}",
         "{\"url\":\"http://a.example/b\",\"link\":\"https://a.example\"}"},
        {"{\"url\":\"http://a.example/b@c\",\"link\":\"http:\"}",
         "{\"url\":\"http://a.example/b@c\",\"link\":null}"},
        {"{\"url\":\"", NULL},
        {"", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf b;
        size_t n = strlen(table[i][0]);
        char *json = malloc(n + 1); /* a store's records have no NUL at their end */
        memcpy(json, table[i][0], n);
        buf_init(&b, 1000);
        record_add(&b, json, n);
        assert_string_equal(buf_text(&b), table[i][table[i][1] ? 1 : 0]);
        buf_free(&b);
        free(json);
    }
    assert_string_equal(record_address("javascript:alert(1)"), "");
    assert_string_equal(record_address(NULL), "");
    assert_string_equal(record_address("https://a.example/"), "https://a.example/");
}

static void join(struct event_record *event, uint64_t id, const char *domain, int64_t published,
                 uint64_t copy_of)
{
    struct article_record a = article(id, domain, published, copy_of);
    event_record_join(event, &a, 1000);
    assert_int_equal(a.event, event->number);
    codec_free(&article_table, &a);
}

static const struct event_source *source_at(const struct event_record *event, size_t i)
{
    assert_true(i < event->sources.n);
    return (const struct event_source *)event->sources.v + i;
}

/* A publisher whose site moved is the one that it was, under the address that it has now. */
static void a_source_that_moved_is_one(void **state)
{
    (void)state;
    struct event_record event = event_record_new(1);
    struct article_record before = article(1, "old.example", 500, 0),
                          after = article(2, "new.example", 600, 0);
    codec_set_text(&after.source.formerly, "old.example");
    event_record_join(&event, &before, 1000);
    event_record_join(&event, &after, 1000);
    assert_int_equal(event.source_count, 1);
    assert_string_equal(source_at(&event, 0)->domain, "new.example");
    assert_int_equal(source_at(&event, 0)->articles, 2);
    event_record_copied(&event, &after, 1);
    assert_int_equal(event.report_count, 1);
    event_record_copied(&event, &before, 7);
    assert_int_equal(event.report_count, 0);
    codec_free(&article_table, &before);
    codec_free(&article_table, &after);
    codec_free(&event_table, &event);
}

/* Publishers, not articles; reports, not copies, and one of each publisher; a merge adds both up
 * once. */
static void counts_are_honest(void **state)
{
    (void)state;
    struct event_record one = event_record_new(1), two = event_record_new(2);
    join(&one, 1, "a.example", 500, 0);
    join(&one, 2, "b.example", 400, 0);
    join(&one, 3, "b.example", 300, 0);
    join(&one, 4, "c.example", 600, 1);
    assert_int_equal(one.source_count, 3);
    assert_int_equal(one.article_count, 4);
    assert_int_equal(one.report_count, 2);
    assert_int_equal(one.published, 300);
    join(&two, 5, "a.example", 100, 0);
    join(&two, 6, "d.example", 700, 0);
    event_record_merge(&one, &two, 1100);
    assert_int_equal(one.source_count, 4);
    assert_int_equal(one.article_count, 6);
    assert_int_equal(one.report_count, 3);
    assert_int_equal(one.first_seen, 900);
    assert_int_equal(one.published, 100);
    const char *order[] = {"a.example", "b.example", "c.example", "d.example"};
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(source_at(&one, i)->domain, order[i]);
    event_record_clear(&one); /* counted anew after a split */
    join(&one, 2, "b.example", 450, 0);
    assert_int_equal(one.source_count, 1);
    assert_int_equal(one.article_count, 1);
    assert_int_equal(one.report_count, 1);
    assert_int_equal(one.first_seen, 950);
    assert_int_equal(one.published, 450);
    codec_free(&event_table, &one);
    codec_free(&event_table, &two);
}

/* What editors decided on one applies to both. */
static void a_merge_keeps_what_was_decided(void **state)
{
    static const char texts[] =
        "{\"id\":2,\"headline\":\"Ours\",\"pinned\":true,\"signal\":-1,\"tags\":[\"a\",\"b\"],"
        "\"notes\":[{\"text\":\"n\",\"who\":\"ed\",\"time\":5},{\"text\":\"n\",\"who\":\"ed\","
        "\"time\":6}],\"written\":{\"meaning\":[{\"text\":\"Ours.\",\"kind\":\"written\"}]}}";
    (void)state;
    struct event_record one = event_record_new(1), two;
    assert_true(codec_load(&event_table, texts, sizeof texts - 1, &two));
    codec_add_text(&one.tags, "b", 1);
    for (int i = 0; i < 2; i++) /* the second time nothing is new */
        event_record_merge(&one, &two, 1100);
    assert_string_equal(one.title, "Ours");
    assert_true(one.pinned && one.signal == -1);
    assert_int_equal(one.tags.n, 2);
    assert_int_equal(one.notes.n, 2);
    assert_int_equal(one.part[EVENT_MEANING].n, 1);
    codec_free(&event_table, &one);
    event_record_end(&two, 1, 1100, 7);
    char *left = codec_dump(event_table_of(&two), &two);
    assert_string_equal(left, "{\"id\":2,\"title\":\"\",\"status\":\"merged\",\"merged_into\":1,"
                              "\"updated\":1100,\"seq\":7}");
    free(left);
    codec_free(&event_table, &two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_address_stays_inside),
        cmocka_unit_test(counts_are_honest),
        cmocka_unit_test(a_source_that_moved_is_one),
        cmocka_unit_test(a_merge_keeps_what_was_decided),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
