/* The engine: events that are split or merged, and the links that editors set. */
#include "engine_cases.h"

#include <stdio.h>

static const char *const strike[] = {
    "Earthquake of a verdict: Lisbon dockers' strike is legal, court rules",
    "Court rules Lisbon dockers' strike legal, port operators appeal",
    "Port operators appeal after court calls Lisbon dockers' strike legal",
};

/* An engine in which whatever shares a word joins. */
static struct engine *gullible(void)
{
    struct engine *e = engine_new(1, 1);
    static const char *const guards[] = {"join_threshold", "coherence", "names", "named",
                                         "min_shared"};
    for (size_t i = 0; i < sizeof guards / sizeof *guards; i++)
        assert_true(engine_set(e, "engine", guards[i], 0));
    return e;
}

static uint64_t tell(struct engine *e, const char *title, const char *publisher)
{
    return add(e, title, NULL, "en", publisher, NOON).event;
}

static uint64_t event_of(const struct engine *e, uint64_t article)
{
    return engine_article(e, article)->event->number;
}

static void an_event_of_two_stories_is_split(void **state)
{
    (void)state;
    struct engine *e = gullible();
    tell(e, quake[0], "one.example");
    tell(e, quake[1], "two.example");
    tell(e, strike[0], "three.example");
    assert_int_equal(event_of(e, 3), event_of(e, 1)); /* wrongly, by one word */
    struct engine_result r = add(e, strike[1], NULL, "en", "four.example", NOON);
    const struct engine_change *c = &r.changes[r.n_changes - 1];
    assert_int_equal(c->kind, ENGINE_SPLIT);
    assert_int_equal(c->from, 1);
    assert_int_equal(c->n_articles, 2);
    assert_int_equal(c->articles[0], 3);
    assert_int_equal(event_of(e, 1), 1); /* equal parts: the earliest article's keeps the number */
    assert_int_equal(event_of(e, 2), 1);
    assert_int_equal(event_of(e, 3), c->event);
    assert_int_equal(r.event, c->event);
    assert_true(c->probability < c->threshold);
    engine_free(e);
}

/* Forty articles of two stories, under a model that takes all for one: what the mean cosines
 * between so many say is heeded, or not. */
static bool are_one_at_last(const char *const one[3], const char *const other[3], double apart,
                            double apart_others)
{
    struct engine *e = gullible();
    char publisher[32];
    engine_clear_model(e, "merge");
    assert_true(engine_set(e, "merge", "bias", 3) && engine_set(e, "engine", "apart", apart) &&
                engine_set(e, "engine", "apart_others", apart_others));
    for (int i = 0; i < 40; i++) {
        snprintf(publisher, sizeof publisher, "p%d.example", i);
        tell(e, i % 2 ? other[i % 3] : one[i % 3], publisher);
    }
    bool same = event_of(e, 1) == event_of(e, 2);
    engine_free(e);
    return same;
}

static void many_articles_that_are_far_apart_are_two_stories(void **state)
{
    (void)state;
    assert_true(are_one_at_last(quake, strike, 0, 0));
    assert_false(are_one_at_last(quake, strike, 0.15, 0.15));
}

/* They share a word of weight, but are about others: they need not be as far apart. */
static void many_articles_about_others_are_two_stories(void **state)
{
    static const char *const final[] = {"Kabaddi final: Condors beat Otters before record crowd",
                                        "Record crowd sees Condors beat Otters in kabaddi final",
                                        "Condors win kabaddi final against Otters"};
    static const char *const levy[] = {"Kabaddi levy: ministers argue over tariff in Lisbon",
                                       "Lisbon ministers argue over kabaddi levy and tariff",
                                       "Ministers in Lisbon delay levy on kabaddi"};
    (void)state;
    assert_true(are_one_at_last(final, levy, 0.1, 0.1));
    assert_false(are_one_at_last(final, levy, 0.1, 0.4));
}

static void what_must_be_together_is_not_split(void **state)
{
    (void)state;
    struct engine *e = gullible();
    tell(e, quake[0], "one.example");
    tell(e, quake[1], "two.example");
    tell(e, strike[0], "three.example");
    assert_true(engine_link(e, 2, 3, MUST_LINK));
    struct engine_result r = add(e, strike[1], NULL, "en", "four.example", NOON);
    assert_int_equal(event_of(e, 2), event_of(e, 3));
    for (size_t i = 0; i < r.n_changes; i++)
        for (size_t k = 0; k < r.changes[i].n_articles; k++)
            assert_int_not_equal(r.changes[i].articles[k], 1 + (event_of(e, 1) == event_of(e, 2)));
    engine_free(e);
}

static void what_is_kept_apart_neither_joins_nor_merges(void **state)
{
    (void)state;
    struct engine *e = engine_new(1, 1);
    const uint64_t second_article = 2;
    tell(e, quake[0], "one.example");
    tell(e, quake[1], "two.example");
    assert_int_equal(event_of(e, 1), event_of(e, 2));
    assert_true(engine_link(e, 1, 2, CANNOT_LINK));
    assert_int_equal(engine_split(e, 1, &second_article, 1), 2);
    assert_true(engine_link(e, 1, 4, CANNOT_LINK)); /* of an article that has yet to come */
    assert_false(engine_merge(e, 1, 2));
    tell(e, quake[2], "three.example");
    tell(e, quake[1], "four.example");
    assert_int_equal(event_of(e, 1), 1);
    assert_int_equal(event_of(e, 2), 2);
    assert_int_not_equal(event_of(e, 4), 1);
    for (size_t i = 0; i < 8; i++) { /* nor as evidence grows */
        tell(e, quake[i % 3], "five.example");
        assert_int_not_equal(event_of(e, 1), event_of(e, 2));
    }
    engine_free(e);
}

static void what_must_be_together_comes_together(void **state)
{
    (void)state;
    struct engine *e = engine_new(1, 1);
    tell(e, quake[0], "one.example");
    tell(e, strike[1], "two.example");
    assert_int_not_equal(event_of(e, 1), event_of(e, 2));
    assert_true(engine_merge(e, 1, 2));
    const struct engine_change *c;
    assert_int_equal(engine_changes(e, &c), 1);
    assert_int_equal(c->kind, ENGINE_MERGED);
    assert_int_equal(event_of(e, 2), 1);
    assert_false(engine_merge(e, 1, 2));
    assert_true(engine_link(e, 3, 1, MUST_LINK));
    assert_int_equal(
        tell(e, "Snooker: final frame in Dublin decided on the black", "three.example"), 1);
    engine_free(e);
}

static void links_that_contradict_are_refused(void **state)
{
    (void)state;
    struct engine *e = engine_new(1, 1);
    assert_true(engine_link(e, 1, 2, MUST_LINK));
    assert_true(engine_link(e, 2, 3, MUST_LINK));
    assert_false(engine_link(e, 1, 3, CANNOT_LINK)); /* by way of 2 */
    assert_false(engine_link(e, 1, 1, CANNOT_LINK));
    assert_true(engine_link(e, 4, 1, CANNOT_LINK));
    assert_false(engine_link(e, 3, 4, MUST_LINK));
    assert_true(engine_unlink(e, 1, 4)); /* the order of the two does not count */
    assert_false(engine_unlink(e, 1, 4));
    assert_true(engine_link(e, 3, 4, MUST_LINK));
    engine_free(e);
}

static void chosen_articles_are_split_off(void **state)
{
    (void)state;
    struct engine *e = gullible();
    for (size_t i = 0; i < 3; i++)
        tell(e, quake[i], "one.example");
    const uint64_t all[] = {1, 2, 3}, two[] = {1, 2, 2};
    assert_true(engine_link(e, 2, 3, MUST_LINK));
    assert_int_equal(engine_split(e, 1, two, 3), 0); /* it would tear the two */
    assert_true(engine_unlink(e, 2, 3));
    assert_int_equal(engine_split(e, 1, two, 3), 2);
    assert_int_equal(event_of(e, 1), 2);
    assert_int_equal(event_of(e, 2), 2);
    assert_int_equal(event_of(e, 3), 1);
    assert_int_equal(engine_split(e, 99, two, 2), 3); /* one that has left the window: a number */
    assert_int_equal(engine_split(e, 2, all, 3), 4);  /* all that are left of it */
    assert_null(engine_event(e, 2));
    const struct engine_change *c;
    assert_int_equal(engine_changes(e, &c), 2);
    assert_true(c[0].kind == ENGINE_SPLIT && c[1].kind == ENGINE_EXPIRED && c[1].event == 2);
    engine_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_of_two_stories_is_split),
        cmocka_unit_test(many_articles_that_are_far_apart_are_two_stories),
        cmocka_unit_test(many_articles_about_others_are_two_stories),
        cmocka_unit_test(what_must_be_together_is_not_split),
        cmocka_unit_test(what_is_kept_apart_neither_joins_nor_merges),
        cmocka_unit_test(what_must_be_together_comes_together),
        cmocka_unit_test(links_that_contradict_are_refused),
        cmocka_unit_test(chosen_articles_are_split_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
