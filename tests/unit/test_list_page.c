/* The list of events, and its filters. */
#include "web_cases.h"

#include "search/snippet.h"
#include "web/frame.h"
#include "web/filter_bar.h"
#include "web/list_page.h"

#include <string.h>

static void list_of(struct buf *b, json_t *event, json_t *filters)
{
    struct event_record row;
    codec_read(&event_table, event, &row);
    buf_init(b, PAGE_MAX);
    list_page(b, &(struct list_view){.events = &row,
                                     .n_events = 1,
                                     .filters = filters,
                                     .first_rank = 1,
                                     .next = "\"><script>",
                                     .now = NOW});
    codec_free(&event_table, &row);
    json_decref(event);
    json_decref(filters);
}

static void a_list_of_hostile_texts_is_harmless(void **state)
{
    (void)state;
    struct buf b;
    list_of(&b, event_of(hostile, 6),
            json_pack("{s:s,s:s,s:s,s:s}", "q", hostile, "min_sources", hostile, "category",
                      hostile, "order", hostile));
    assert_harmless(&b);
    says(&b, "&lt;script&gt;alert(1)&lt;/script&gt;");
    buf_free(&b);
}

static void a_list_shows_what_an_editor_looks_for(void **state)
{
    (void)state;
    struct buf b;
    json_t *event = event_of("Ferry aground", 6);
    json_object_set_new(event, "report_count", json_integer(2));
    list_of(&b, event, json_pack("{s:s}", "min_sources", "3"));
    says(&b, "<a href=\"/event/7\">Ferry aground</a>");
    says(&b, "<b>6 sources</b>");
    says(&b, ">2 reports<");
    says(&b, "<bdi>Paper 1</bdi>, <bdi>Paper 2</bdi>, <bdi>Paper 3</bdi>, <bdi>Paper 4</bdi> and 2 "
             "more");
    says(&b, "class=\"growth\"");
    says(&b, ">5 min</time>");
    says(&b, "min_sources=3&amp;first=2&amp;cursor=%22%3E%3Cscript%3E");
    says(&b, "<option value=\"3\" selected>");
    says(&b, "/feed.atom?min_sources=3\"");
    buf_free(&b);
}

static void new_and_growing_events_are_marked(void **state)
{
    (void)state;
    struct buf b;
    json_t *event = event_of("Ferry aground", 3);
    json_object_set_new(event, "first_seen", json_integer(NOW - 600));
    list_of(&b, event, json_object());
    says(&b, "mark new");
    never_says(&b, "mark growing"); /* its sources came 11 hours ago */
    buf_free(&b);
    event = event_of("Ferry aground", 3);
    size_t i;
    json_t *source;
    json_array_foreach(json_object_get(event, "sources"), i, source)
        json_object_set_new(source, "first", json_integer(NOW - 3500 + (int)i));
    json_object_set_new(event, "velocity", json_integer(3));
    list_of(&b, event, json_object());
    never_says(&b, "mark new");
    says(&b, "growing, +3");
    buf_free(&b);
}

static void the_age_is_that_of_the_order(void **state)
{
    (void)state;
    static const char *const ages[][2] = {
        {"top", ">updated</span> <time class=\"age\""},
        {"new", ">first seen</span> <time class=\"age\""},
        {"rising", ">latest source</span> <time class=\"age\""},
    };
    static const char *const times[] = {">5 min</time>", ">11 h</time>", ">2 h</time>"};
    for (size_t i = 0; i < 3; i++) {
        struct buf b;
        json_t *event = event_of("Ferry aground", 3);
        json_t *last = json_array_get(json_object_get(event, "sources"), 2);
        json_object_set_new(last, "first", json_integer(NOW - 7200));
        list_of(&b, event, json_pack("{s:s}", "order", ages[i][0]));
        says(&b, ages[i][1]);
        says(&b, times[i]);
        buf_free(&b);
    }
}

/* A line below the title only where it says more. */
static void a_match_in_the_title_alone_adds_no_line(void **state)
{
    (void)state;
    static const struct {
        const char *title, *text;
        size_t matches;
        bool line;
    } table[] = {{"Ferry aground", "", 1, false},
                 {"Ferry aground", "On a reef.", 1, true},
                 {"Ferry aground", "", 2, true},
                 {"Ferry on a reef", "", 1, true}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf b;
        struct event_record row;
        json_t *event = event_of("Ferry aground", 1), *filters = json_object();
        struct article_record best = {.title = (char *)(uintptr_t)table[i].title,
                                      .summary = (char *)(uintptr_t)table[i].text,
                                      .source.name = (char *)(uintptr_t) "Paper 1"};
        const struct snippet whole = {.end = strlen(table[i].text)};
        const struct list_match match = {&best, &whole, table[i].matches, NOW};
        codec_read(&event_table, event, &row);
        buf_init(&b, PAGE_MAX);
        list_rows(&b, &(struct list_view){.events = &row,
                                          .n_events = 1,
                                          .matches = &match,
                                          .filters = filters,
                                          .first_rank = 1,
                                          .now = NOW});
        assert_int_equal(strstr(buf_text(&b), "summary found") != NULL, table[i].line);
        codec_free(&event_table, &row);
        json_decref(event);
        json_decref(filters);
        buf_free(&b);
    }
}

static void a_filter_keeps_the_others(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4096);
    json_t *set = json_pack("{s:s,s:s,s:s}", "q", "a&b c", "order", "new", "unknown", "x");
    filter_address(&b, set, NULL, NULL);
    assert_string_equal(buf_text(&b), "/?order=new&q=a%26b%20c");
    buf_clear(&b);
    filter_address(&b, set, "order", NULL);
    assert_string_equal(buf_text(&b), "/?q=a%26b%20c");
    buf_clear(&b);
    filter_address(&b, set, "min_sources", "3");
    assert_string_equal(buf_text(&b), "/?order=new&q=a%26b%20c&min_sources=3");
    assert_true(filter_is_known("growing"));
    assert_false(filter_is_known("unknown"));
    json_decref(set);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_of_hostile_texts_is_harmless),
        cmocka_unit_test(a_list_shows_what_an_editor_looks_for),
        cmocka_unit_test(new_and_growing_events_are_marked),
        cmocka_unit_test(the_age_is_that_of_the_order),
        cmocka_unit_test(a_match_in_the_title_alone_adds_no_line),
        cmocka_unit_test(a_filter_keeps_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
