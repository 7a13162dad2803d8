/* What a model said, in an event's record; and what it may cost. */
#include "unit.h"

#include "base/mem.h"
#include "enrich/budget.h"
#include "store/generated.h"

#include <stdlib.h>
#include <string.h>

static struct codec_list one_statement(const char *text)
{
    struct codec_list list = {0};
    struct digest_statement *s = codec_add(&list, sizeof *s);
    codec_set_text(&s->text, text);
    codec_set_text(&s->kind, "extracted");
    return list;
}

static void say(struct event_record *event, const char *summary, const char *meaning)
{
    struct digest said = {.summary = one_statement(summary), .meaning = one_statement(meaning)};
    event_record_says(event, &said);
    codec_free(&digest_table, &said);
}

static json_t *statement(const char *text, int article, int other)
{
    return json_pack("{s:s,s:i,s:s,s:[{s:i},{s:i}]}", "text", text, "article", article, "kind",
                     "generated", "cites", "article", article, "article", other);
}

/* Sets a field of the event to this JSON. */
static void set_json(struct event_record *event, const char *field, json_t *value)
{
    codec_set(&event_table, event, field, value);
    json_decref(value);
}

static void generate(struct event_record *event)
{
    struct event_generated generated = {
        .model = mem_str("tiny-1"),
        .time = 1,
        .sources = 3,
        .texts.part = {json_pack("[o,o]", statement("One.", 1, 2), statement("Two.", 2, 3)),
                       json_pack("[o]", statement("Three.", 3, 3)), json_array()}};
    generated_set(event, &generated);
}

static struct event_record new_event(void)
{
    struct event_record event = event_record_new(5);
    say(&event, "As it stands.", "It could be.");
    event.source_count = 3;
    return event;
}

static const char *text_at(const struct event_record *event, enum event_part part, size_t i)
{
    assert_true(i < event->part[part].n);
    return ((struct digest_statement *)event->part[part].v)[i].text;
}

static void it_stands_between_what_was_written_and_what_was_extracted(void **state)
{
    (void)state;
    struct event_record event = new_event();
    struct codec_list extracted;
    generate(&event);
    assert_string_equal(text_at(&event, EVENT_SUMMARY, 0), "One.");
    assert_string_equal(text_at(&event, EVENT_DETAILS, 0), "Three.");
    assert_string_equal(text_at(&event, EVENT_MEANING, 0), "It could be."); /* none generated */
    say(&event, "As it stands now.", "It may be.");
    assert_string_equal(text_at(&event, EVENT_SUMMARY, 0), "One.");
    assert_string_equal(text_at(&event, EVENT_MEANING, 0), "It may be.");
    assert_true(event_extracted(&event, EVENT_SUMMARY, &extracted));
    assert_string_equal(((struct digest_statement *)extracted.v)->text, "As it stands now.");
    codec_free_list(&digest_statement_table, &extracted);
    set_json(&event, "written",
             json_pack("{s:[{s:s,s:s}]}", "summary", "text", "Ours.", "kind", "written"));
    event_record_rewritten(&event);
    assert_string_equal(text_at(&event, EVENT_SUMMARY, 0), "Ours.");
    set_json(&event, "written", json_null());
    event_record_rewritten(&event);
    assert_string_equal(text_at(&event, EVENT_SUMMARY, 0), "One.");
    set_json(&event, "generated", json_null());
    event_record_rewritten(&event);
    assert_string_equal(text_at(&event, EVENT_SUMMARY, 0), "As it stands now.");
    assert_int_equal(event.part[EVENT_DETAILS].n, 0);
    assert_null(event.extracted);
    codec_free(&event_table, &event);
}

/* Where nothing was extracted, that is what is kept, and what returns. */
static void what_was_written_over_nothing_leaves_nothing(void **state)
{
    (void)state;
    struct event_record event = event_record_new(5);
    set_json(&event, "written",
             json_pack("{s:[{s:s,s:s}]}", "meaning", "text", "Ours.", "kind", "written"));
    event_record_rewritten(&event);
    assert_string_equal(text_at(&event, EVENT_MEANING, 0), "Ours.");
    char *text = codec_dump(&event_table, &event);
    assert_non_null(strstr(text, "\"extracted\":{\"meaning\":[]}"));
    free(text);
    set_json(&event, "written", json_null());
    event_record_rewritten(&event);
    assert_int_equal(event.part[EVENT_MEANING].n, 0);
    assert_null(event.extracted);
    codec_free(&event_table, &event);
}

static void one_detail_that_was_written_stands_among_generated_ones(void **state)
{
    (void)state;
    struct event_record event = new_event();
    generate(&event);
    set_json(&event, "written",
             json_pack("{s:[{s:i,s:s,s:{s:s,s:s}}]}", "places", "place", 0, "instead", "Three.",
                       "statement", "text", "Ours.", "kind", "written"));
    event_record_rewritten(&event);
    assert_string_equal(text_at(&event, EVENT_DETAILS, 0), "Ours.");
    set_json(&event, "written", json_null());
    event_record_rewritten(&event);
    assert_string_equal(text_at(&event, EVENT_DETAILS, 0), "Three.");
    codec_free(&event_table, &event);
}

static void it_goes_with_what_it_rests_on(void **state)
{
    (void)state;
    static const uint64_t all[] = {1, 2, 3, 4}, some[] = {2, 3};
    struct event_record event = new_event();
    generate(&event);
    generated_keep(&event, all, 4);
    assert_int_equal(generated_count(&event), 3);
    assert_false(generated_is_due(&event, 3));
    generated_keep(&event, some, 2);
    assert_int_equal(generated_count(&event), 2);
    assert_string_equal(text_at(&event, EVENT_SUMMARY, 0), "Two.");
    assert_true(generated_is_due(&event, 3)); /* some of it has gone */
    generated_uncite(&event, 2);
    assert_string_equal(text_at(&event, EVENT_SUMMARY, 0), "As it stands.");
    assert_string_equal(text_at(&event, EVENT_DETAILS, 0), "Three.");
    generated_keep(&event, NULL, 0);
    assert_int_equal(generated_count(&event), 0);
    assert_null(event.extracted);
    codec_free(&event_table, &event);
}

static void an_event_is_due_again_when_it_has_grown(void **state)
{
    (void)state;
    static const struct {
        uint64_t before, now;
        bool due;
    } rows[] = {{0, 2, false}, {0, 3, true},   {2, 3, false}, {2, 4, true},    {3, 5, false},
                {3, 6, true},  {9, 11, false}, {9, 12, true}, {20, 22, false}, {20, 23, true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct event_record event = new_event();
        event.source_count = rows[i].now;
        if (rows[i].before)
            set_json(&event, "generated",
                     json_pack("{s:I}", "sources", (json_int_t)rows[i].before));
        assert_int_equal(generated_is_due(&event, 3), rows[i].due);
        codec_set_string(&event.status, "closed");
        assert_false(generated_is_due(&event, 3));
        codec_free(&event_table, &event);
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
        cmocka_unit_test(what_was_written_over_nothing_leaves_nothing),
        cmocka_unit_test(one_detail_that_was_written_stands_among_generated_ones),
        cmocka_unit_test(it_goes_with_what_it_rests_on),
        cmocka_unit_test(an_event_is_due_again_when_it_has_grown),
        cmocka_unit_test(a_budget_is_one_day_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
