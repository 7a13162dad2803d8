/* The pages of feeds and of the machine. */
#include "web_cases.h"

#include "web/frame.h"
#include "base/mem.h"
#include "net/reply.h"
#include "web/feeds_page.h"
#include "web/machine.h"

#include <string.h>

static json_t *feed_of(uint64_t number, const char *text, const char *state)
{
    return json_pack("{s:I,s:s,s:s,s:s,s:i,s:s}", "id", (json_int_t)number, "url", text, "title",
                     text, "last_error", text, "errors", 3, "state", state);
}

static void feeds_of_hostile_texts_are_harmless(void **state)
{
    (void)state;
    struct buf b;
    struct feeds_choice choice;
    buf_init(&b, PAGE_MAX);
    json_t *records = json_pack("[o]", feed_of(1, hostile, "error"));
    struct codec_list feeds = codec_read_list(&feed_table, records);
    assert_true(feeds_choose(&choice, hostile, ""));
    assert_false(feeds_choose(&choice, "", hostile));
    assert_true(feeds_choose(&choice, hostile, ""));
    feeds_page(&b,
               &(struct feeds_view){
                   .choice = &choice, .feeds = feeds.v, .n_feeds = 1, .cursor = "", .now = NOW});
    assert_harmless(&b);
    says(&b, "3 consecutive errors");
    codec_free_list(&feed_table, &feeds);
    json_decref(records);
    buf_free(&b);
}

/* As it lies in the store; nothing that a feed or a list says makes it another. */
static void the_state_of_a_feed(void **state)
{
    static const struct {
        const char *record, *state;
    } table[] = {
        {"{\"id\":1,\"state\":\"error\"}", "error"},
        {"{\"id\":1,\"state\":\"ok\"}", "ok"},
        {"{\"id\":1,\"state\":\"submitted\"}", "submitted"},
        {"{\"attributes\":{\"state\":\"gone\"},\"state\":\"new\"}", "new"},
        {"{\"state\":\"gone\",\"title\":\",\\\"state\\\":\\\"ok\\\"\"}", "gone"},
        {"{ \"state\": \"error\", \"attributes\": {} }", "error"},
        {"{\"id\":1,\"state\":\"merged\"}", "removed"},
        {"{\"id\":1}", "removed"},
        {"", "removed"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct feeds_choice choice;
        assert_true(feeds_choose(&choice, table[i].state, ""));
        assert_int_equal(feeds_state(table[i].record, strlen(table[i].record)), choice.state);
    }
}

/* Of any number of feeds, with rows of any length: all of them once, in order, each page bounded.
 */
static void pages_of_feeds_are_whole(void **state)
{
    enum { N = 1500, LONG_TEXT = 20000 };
    static const char *const names[] = {"error", "gone", "new", "ok", "submitted", "removed"};
    char *text = mem_alloc(LONG_TEXT + 1), cursor[64] = "";
    uint64_t seen = 0, last = 0;
    size_t last_state = 0, pages = 0;
    (void)state;
    memset(text, '&', LONG_TEXT);
    text[LONG_TEXT] = 0;
    do {
        struct feeds_choice choice;
        struct buf b;
        uint64_t numbers[FEEDS_PAGE + 1];
        json_t *records = json_array();
        buf_init(&b, PAGE_MAX);
        assert_true(feeds_choose(&choice, "", cursor));
        for (uint64_t i = 1; i <= N; i++)
            feeds_offer(&choice, i, i * 7 % 6);
        size_t n = feeds_chosen(&choice, numbers);
        for (size_t i = 0; i < n; i++)
            json_array_append_new(records, feed_of(numbers[i], numbers[i] % 9 ? "x" : text,
                                                   names[numbers[i] * 7 % 6]));
        struct codec_list feeds = codec_read_list(&feed_table, records);
        feeds_page(&b, &(struct feeds_view){.choice = &choice,
                                            .feeds = feeds.v,
                                            .n_feeds = feeds.n,
                                            .cursor = cursor,
                                            .now = NOW});
        assert_false(b.full);
        assert_true(b.len < REPLY_PAGE + 10 * LONG_TEXT * strlen("&amp;"));
        says(&b, "1250 listed");
        for (const char *p = buf_text(&b); (p = strstr(p, "<tr data-key=\"")); seen++) {
            uint64_t number = strtoull(p + strlen("<tr data-key=\""), NULL, 10);
            p++;
            assert_true(number * 7 % 6 > last_state || number > last);
            last = number;
            last_state = number * 7 % 6;
        }
        const char *more = strstr(buf_text(&b), "rel=\"next\"");
        const char *next = more ? strstr(more - 64, "cursor=") : NULL;
        *cursor = 0;
        if (next)
            assert_int_equal(sscanf(next, "cursor=%63[a-z.0-9]", cursor), 1);
        codec_free_list(&feed_table, &feeds);
        json_decref(records);
        buf_free(&b);
        pages++;
    } while (*cursor);
    assert_int_equal(seen, N / 6 * 5);           /* the removed ones are not listed */
    assert_true(pages > N / 6 * 5 / FEEDS_PAGE); /* for some rows are long */
    free(text);
}

static void the_machine_shows_pages_only_where_they_are_read(void **state)
{
    (void)state;
    struct buf b;
    struct machine_view v = {
        .now = NOW, .started = NOW - 60, .pages_waiting = 7, .list = "file", .search = "off"};
    buf_init(&b, PAGE_MAX);
    machine_page(&b, &v);
    never_says(&b, ">Pages<");
    buf_clear(&b);
    v.reads_pages = true;
    v.pages_longest = 130;
    v.pages_read = 41;
    v.pages_refused = 5;
    v.pages_failed = 3;
    v.pages_bytes = 3 << 20;
    v.pages_today = 49;
    v.pages_budget = 20000;
    machine_page(&b, &v);
    says(&b, "<h2>Pages</h2>");
    says(&b, "<dt>Waiting</dt><dd>7<small>");
    says(&b, "<dt>Longest wait</dt><dd>2 min<small>of a page");
    says(&b, "<dt>Read</dt><dd>41<small>");
    says(&b, "<dt>Refused</dt><dd>5<small>");
    says(&b, "<dt>Failed</dt><dd>3<small>");
    says(&b, "<dt>Bytes</dt><dd>3.0 MB<small>");
    says(&b, "<dt>Today</dt><dd>49<small>of 20000, the daily budget");
    buf_clear(&b);
    v.pages_waiting = 0;
    machine_page(&b, &v);
    says(&b, "<dt>Longest wait</dt><dd>–<small>of a page");
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(feeds_of_hostile_texts_are_harmless),
        cmocka_unit_test(the_state_of_a_feed),
        cmocka_unit_test(pages_of_feeds_are_whole),
        cmocka_unit_test(the_machine_shows_pages_only_where_they_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
