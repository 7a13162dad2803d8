/* The engine: how long an event waits, and clocks that are wrong. */
#include "engine_cases.h"

static struct engine_result add_dated(struct engine *e, const char *title, int64_t published,
                                      int64_t seen)
{
    struct engine_article in = {.title = title,
                                .lang = "en",
                                .publisher = "one.example",
                                .published = published,
                                .seen = seen};
    struct engine_result out;
    engine_add(e, &in, &out);
    return out;
}

static void what_is_older_than_the_window_revives_nothing(void **state)
{
    (void)state;
    struct engine *e = engine_new(1, 1);
    uint64_t fresh = add_dated(e, quake[0], NOON, NOON).event;
    for (int i = 0; i < 10000; i++) { /* a feed brings its archive */
        struct engine_result old = add_dated(e, quake[1], NOON - 4 * DAY, NOON);
        assert_true(old.event != fresh && old.n_changes == 1 && old.changes[0].archived);
        assert_null(engine_article(e, old.article));
    }
    assert_int_equal(engine_articles(e), 1);
    assert_int_equal(engine_events(e), 1);
    assert_int_equal(add_dated(e, quake[1], NOON - 6 * HOUR, NOON).event, fresh);
    engine_free(e);
}

static void dates_to_come_and_none_count_as_now(void **state)
{
    (void)state;
    struct engine *e = engine_new(1, 1);
    const int64_t dates[] = {INT64_MIN, INT64_MAX, NOON + 1000 * HOUR};
    for (size_t i = 0; i < 3; i++) {
        struct engine_result r = add_dated(e, quake[i], dates[i], NOON);
        assert_int_equal(engine_article(e, r.article)->published, NOON);
        assert_int_equal(r.event, 1);
    }
    engine_free(e);
}

/* By a little: it stands still. By more than the window: it was wrong, and what came then is over.
 */
static void a_clock_that_leaps_does_no_lasting_harm(void **state)
{
    (void)state;
    enum { YEAR = 365 * 24 * HOUR };
    struct engine *e = engine_new(1, 1);
    add_dated(e, quake[0], NOON, NOON);
    assert_int_equal(add_dated(e, quake[1], NOON, NOON - HOUR).event, 1);
    assert_int_equal(engine_clock(e), NOON);
    add_dated(e, quake[0], NOON + 10 * YEAR, NOON + 10 * YEAR);
    assert_int_equal(engine_clock(e), NOON + 10 * YEAR);
    assert_int_equal(engine_articles(e), 1);
    struct engine_result r = add_dated(e, quake[1], NOON + HOUR, NOON + HOUR);
    assert_int_equal(engine_clock(e), NOON + HOUR);
    assert_int_equal(engine_articles(e), 1); /* the one of the wrong time is gone */
    assert_int_equal(add_dated(e, quake[2], NOON + HOUR, NOON + 2 * HOUR).event, r.event);
    assert_false(engine_tick(e, NOON + 3 * HOUR));
    assert_int_equal(engine_events(e), 1);
    engine_tick(e, NOON + 90 * HOUR);
    const struct engine_change *c;
    assert_int_equal(engine_changes(e, &c), 1);
    assert_int_equal(c->kind, ENGINE_EXPIRED);
    assert_int_equal(engine_events(e), 0);
    engine_free(e);
}

static void an_event_expires_with_its_last_article(void **state)
{
    (void)state;
    struct engine *e = engine_new(1, 1);
    int64_t window = (int64_t)(engine_params(e)->window * HOUR);
    const char *title = "Ferry runs aground near Stornoway harbour";
    uint64_t first = add(e, title, NULL, "en", "one.example", NOON).event;
    struct engine_result late = add(e, title, NULL, "en", "two.example", NOON + window + HOUR);
    assert_int_not_equal(late.event, first);
    assert_int_equal(late.changes[0].kind, ENGINE_EXPIRED);
    assert_int_equal(late.changes[0].event, first);
    assert_int_equal(engine_articles(e), 1);
    engine_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_older_than_the_window_revives_nothing),
        cmocka_unit_test(dates_to_come_and_none_count_as_now),
        cmocka_unit_test(a_clock_that_leaps_does_no_lasting_harm),
        cmocka_unit_test(an_event_expires_with_its_last_article),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
