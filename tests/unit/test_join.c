/* The engine: what belongs together, what does not, and why. */
#include "engine_cases.h"

#include <string.h>

static void reports_of_one_happening_meet(void **state)
{
    (void)state;
    struct engine *e = engine_new(1, 1);
    uint64_t a = add(e, "Earthquake of magnitude 7.1 shakes central Chile",
                     "A strong earthquake shook central Chile on Monday, damaging homes in Talca.",
                     "en", "one.example", NOON)
                     .event;
    uint64_t b = add(e, "Chile earthquake: homes damaged in Talca after magnitude 7.1 tremor",
                     "Homes were damaged in Talca when a strong earthquake hit central Chile.",
                     "en", "two.example", NOON + HOUR)
                     .event;
    assert_int_equal(a, b);
    engine_free(e);
}

enum { OTHER_NEWS = 12 };

static const char *const other_news[OTHER_NEWS] = {
    "Glass maker to shed 17 jobs at its works in Lund",
    "Chess prodigy, 17, draws with champion",
    "Otters return to the canal after 45 years",
    "Mine in Kiruna closes for 17 days",
    "Choir of 45 sings on the pier",
    "Dairy prices fall for a third week",
    "Bridge over the Sorrow river opens after 17 months",
    "Museum buys 45 letters of a polar explorer",
    "Parliament votes on fishing quotas",
    "Cyclist wins a mountain stage by 45 seconds",
    "Vineyard owners fear a late frost",
    "Night trains to return to 17 stations"};

static void look_alikes_stay_apart(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"Fire destroys church in Wasilla", "Fire destroys warehouse in Dortmund"},
        {"Magnitude 6.1 earthquake hits Costa Rica", "Magnitude 5.4 earthquake hits Indonesia"},
        {"Actress Jane Harlow enters rehab clinic in Malibu",
         "Singer Tom Breck enters rehab clinic in Texas"},
        {"Hospital in Velnor treats 45 patients for smoke",
         "Velnor school sends 45 pupils to chess final"},
        {"Brevia police arrest 17 in drug raid", "Storm leaves 17 homeless in Brevia"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct engine *e = engine_new(1, 1);
        for (size_t k = 0; k < OTHER_NEWS; k++) /* by which counts are known for common */
            add(e, other_news[k], NULL, "en", "wire.example", NOON - HOUR);
        uint64_t a = add(e, pairs[i][0], NULL, "en", "one.example", NOON).event;
        uint64_t b = add(e, pairs[i][1], NULL, "en", "two.example", NOON + HOUR).event;
        assert_int_not_equal(a, b);
        engine_free(e);
    }
}

/* Names that only one of them has part two texts, unless all else is the same. */
static void other_names_part_what_nothing_else_makes_one(void **state)
{
    static const char *const first =
        "Bodies of man and child recovered after tractor falls through ice of Tarsand lake";
    static const char *const again =
        "Bodies of man and child recovered after tractor falls through ice of Velmora lake";
    static const char *const other = "Child recovered alive after car falls into Sollund canal";
    (void)state;
    struct engine *e = engine_new(1, 1);
    uint64_t a = add(e, first, NULL, "en", "one.example", NOON).event;
    assert_int_equal(a, add(e, again, NULL, "en", "two.example", NOON + HOUR).event);
    assert_int_not_equal(a, add(e, other, NULL, "en", "three.example", NOON + HOUR).event);
    engine_free(e);
}

static void a_decision_says_why(void **state)
{
    (void)state;
    struct engine *e = engine_new(1, 1);
    const char *title = "Ferry runs aground near Stornoway harbour";
    add(e, title, NULL, "en", "one.example", NOON);
    struct engine_result r = add(e, title, NULL, "en", "two.example", NOON + HOUR);
    assert_int_equal(r.reason.event, r.event);
    assert_true(r.reason.probability >= r.reason.threshold);
    assert_non_null(strstr(r.reason.shared, "stornoway"));
    assert_null(r.reason.refused);
    /* two articles alone need more than a third does */
    assert_true(r.reason.threshold == engine_params(e)->pair_threshold);
    r = add(e, title, NULL, "en", "three.example", NOON + 2 * HOUR);
    assert_true(r.reason.threshold == engine_params(e)->join_threshold);
    engine_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_of_one_happening_meet),
        cmocka_unit_test(look_alikes_stay_apart),
        cmocka_unit_test(other_names_part_what_nothing_else_makes_one),
        cmocka_unit_test(a_decision_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
