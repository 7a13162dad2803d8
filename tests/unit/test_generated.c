/* What a model said, in an event's record; and what it may cost. */
#include "unit.h"

#include "enrich/budget.h"
#include "store/generated.h"
#include "store/record.h"

#include <string.h>

static json_t *said(const char *summary, const char *meaning)
{
    return json_pack("{s:[{s:s,s:s}],s:[],s:[{s:s,s:s}],s:[]}", "summary", "text", summary, "kind",
                     "extracted", "details", "meaning", "text", meaning, "kind", "extracted",
                     "disputed");
}

static json_t *statement(const char *text, int article, int other)
{
    return json_pack("{s:s,s:i,s:s,s:[{s:i},{s:i}]}", "text", text, "article", article, "kind",
                     "generated", "cites", "article", article, "article", other);
}

static json_t *generated(void)
{
    return json_pack("{s:s,s:i,s:i,s:[o,o],s:[o],s:[]}", "model", "tiny-1", "time", 1, "sources", 3,
                     "summary", statement("One.", 1, 2), statement("Two.", 2, 3), "details",
                     statement("Three.", 3, 3), "meaning");
}

static json_t *new_event(void)
{
    json_t *event = record_event(5), *all = said("As it stands.", "It could be.");
    record_event_says(event, all);
    json_object_set_new(event, "source_count", json_integer(3));
    json_decref(all);
    return event;
}

static const char *text_at(const json_t *event, const char *field, size_t i)
{
    return record_text(json_array_get(json_object_get(event, field), i), "text");
}

static void it_stands_between_what_was_written_and_what_was_extracted(void **state)
{
    (void)state;
    json_t *event = new_event(), *all = said("As it stands now.", "It may be.");
    generated_set(event, generated());
    assert_string_equal(text_at(event, "summary", 0), "One.");
    assert_string_equal(text_at(event, "details", 0), "Three.");
    assert_string_equal(text_at(event, "meaning", 0), "It could be."); /* none was generated */
    record_event_says(event, all);
    assert_string_equal(text_at(event, "summary", 0), "One.");
    assert_string_equal(text_at(event, "meaning", 0), "It may be.");
    assert_string_equal(
        record_text(json_array_get(record_event_extracted(event, "summary"), 0), "text"),
        "As it stands now.");
    json_object_set_new(
        event, "written",
        json_pack("{s:[{s:s,s:s}]}", "summary", "text", "Ours.", "kind", "written"));
    record_event_rewritten(event);
    assert_string_equal(text_at(event, "summary", 0), "Ours.");
    json_object_set_new(event, "written", json_null());
    record_event_rewritten(event);
    assert_string_equal(text_at(event, "summary", 0), "One.");
    generated_set(event, json_null());
    assert_string_equal(text_at(event, "summary", 0), "As it stands now.");
    assert_int_equal(json_array_size(json_object_get(event, "details")), 0);
    assert_true(json_is_null(json_object_get(event, "extracted")));
    json_decref(all);
    json_decref(event);
}

static void one_detail_that_was_written_stands_among_generated_ones(void **state)
{
    (void)state;
    json_t *event = new_event();
    generated_set(event, generated());
    json_object_set_new(event, "written",
                        json_pack("{s:[{s:i,s:s,s:{s:s,s:s}}]}", "places", "place", 0, "instead",
                                  "Three.", "statement", "text", "Ours.", "kind", "written"));
    record_event_rewritten(event);
    assert_string_equal(text_at(event, "details", 0), "Ours.");
    json_object_set_new(event, "written", json_null());
    record_event_rewritten(event);
    assert_string_equal(text_at(event, "details", 0), "Three.");
    json_decref(event);
}

static void it_goes_with_what_it_rests_on(void **state)
{
    (void)state;
    static const uint64_t all[] = {1, 2, 3, 4}, some[] = {2, 3};
    json_t *event = new_event();
    generated_set(event, generated());
    generated_keep(event, all, 4);
    assert_int_equal(generated_count(event), 3);
    assert_false(generated_is_due(event, 3));
    generated_keep(event, some, 2);
    assert_int_equal(generated_count(event), 2);
    assert_string_equal(text_at(event, "summary", 0), "Two.");
    assert_true(generated_is_due(event, 3)); /* some of it has gone */
    generated_uncite(event, 2);
    assert_string_equal(text_at(event, "summary", 0), "As it stands.");
    assert_string_equal(text_at(event, "details", 0), "Three.");
    generated_keep(event, NULL, 0);
    assert_int_equal(generated_count(event), 0);
    assert_true(json_is_null(json_object_get(event, "extracted")));
    json_decref(event);
}

static void an_event_is_due_again_when_it_has_grown(void **state)
{
    (void)state;
    static const struct {
        int before, now;
        bool due;
    } rows[] = {{0, 2, false}, {0, 3, true},   {2, 3, false}, {2, 4, true},    {3, 5, false},
                {3, 6, true},  {9, 11, false}, {9, 12, true}, {20, 22, false}, {20, 23, true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *event = new_event();
        json_object_set_new(event, "source_count", json_integer(rows[i].now));
        if (rows[i].before)
            json_object_set_new(event, "generated", json_pack("{s:i}", "sources", rows[i].before));
        assert_int_equal(generated_is_due(event, 3), rows[i].due);
        json_object_set_new(event, "status", json_string("closed"));
        assert_false(generated_is_due(event, 3));
        json_decref(event);
    }
}

static void a_budget_is_one_day_s(void **state)
{
    (void)state;
    enum { DAY = 86400 };
    struct budget b = {0};
    assert_true(budget_take(&b, 600, 1000, 5 * DAY));
    assert_false(budget_take(&b, 600, 1000, 5 * DAY + 10));
    budget_settle(&b, 5, 600, 300);
    assert_int_equal(b.spent, 300);
    assert_true(budget_take(&b, 600, 1000, 5 * DAY + 20));
    assert_false(budget_take(&b, UINT64_MAX, 1000, 5 * DAY + 20));
    assert_false(budget_take(&b, 1, 100, 5 * DAY + 30)); /* a smaller one by now */
    assert_true(budget_take(&b, 600, 1000, 6 * DAY));
    budget_settle(&b, 5, 600, 0); /* of the day before */
    assert_int_equal(b.spent, 600);
    budget_settle(&b, 6, 600, 900);
    assert_int_equal(b.spent, 900);
    assert_int_equal(budget_next(6 * DAY + 1), 7 * DAY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_stands_between_what_was_written_and_what_was_extracted),
        cmocka_unit_test(one_detail_that_was_written_stands_among_generated_ones),
        cmocka_unit_test(it_goes_with_what_it_rests_on),
        cmocka_unit_test(an_event_is_due_again_when_it_has_grown),
        cmocka_unit_test(a_budget_is_one_day_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
