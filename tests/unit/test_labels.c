/* The engine: what many articles have in common without being one story. */
#include "engine_cases.h"

#include <stdio.h>
#include <string.h>

static const char *const unlike[] = {
    "Governor vetoes bill on river dams",     "Surgeons mend heart of newborn twin",
    "Ferry runs aground near Kalmar",         "Locusts strip orchards in Samburu",
    "Museum buys lost portrait of a cellist", "Striking miners block the Andean railway",
    "Satellite falls into Timor sea",         "Bakers protest against flour tax",
};

/* Each of the titles with this text and an end of its own, by one publisher. */
static void tell_unlike(const char *text, const char *const endings[8])
{
    enum { TITLES = sizeof unlike / sizeof *unlike, TO_LEARN = 4 };
    struct engine *e = engine_new(1, 1);
    struct engine_result r;
    char whole[4096];
    for (int i = 0; i < TITLES; i++) {
        snprintf(whole, sizeof whole, "%s %s", text, endings[i]);
        r = add(e, unlike[i], whole, "en", "harana.example", NOON + i * HOUR);
        assert_true(i < TO_LEARN || engine_event(e, r.event)->n == 1);
    }
    snprintf(whole, sizeof whole, "%s %s", text, endings[7]);
    r = add(e, "Flour tax: bakers protest", whole, "en", "harana.example", NOON + TITLES * HOUR);
    assert_int_equal(engine_event(e, r.event)->n, 2);
    engine_free(e);
}

static void what_a_publisher_always_writes_glues_nothing(void **state)
{
    (void)state;
    static const char tail[] =
        "Unang Evening is the flagship newscast of the Harana Network, anchored by Mel Enriquez "
        "and "
        "Vicky Tiangco. It airs on Harana-7 Mondays to Fridays after the telenovela block. Watch "
        "full episodes at https://www.harana.example/unang and follow our livestream channel.";
    tell_unlike(tail, (const char *const[8]){"", "", "", "", "", "", "", ""});
}

/* A long text about the channel, and after it each programme's own end. */
static void what_long_texts_of_a_publisher_share_glues_nothing(void **state)
{
    static const char about[] =
        "The Harana Network operates Harana Seven, Harana Business, Harana Radio, Harana Headlines "
        "and the streaming service Harana Nation. A top five cable network, Harana Seven has been "
        "the most watched news channel in the islands for nineteen consecutive years. According to "
        "a loyalty study by Brandt Keys, it ranks as the second most trusted television brand, and "
        "a Suffolk Gallup survey of viewers who could name an objective outlet found it cited "
        "first. It is available in ninety thousand homes from Samar to Palawan, dominates the "
        "cable landscape and routinely notches the top ten programmes of the genre, among them "
        "Harana Sunday, the Broadcasting Desk and the Evening Edge. Follow its anchors on every "
        "platform, write to the newsroom in Dumaguete, and download the application for telephones "
        "and tablets, where archived programmes of all seasons may be watched again without "
        "charge by subscribers of partner companies, in pictures of the highest definition and "
        "with captions for viewers who are hard of hearing, every day and at any hour.";
    (void)state;
    tell_unlike(about, (const char *const[8]){
                           "Ask Mel each morning at six", "Tiangco answers what viewers want",
                           "Harbour lights, weekdays after ten", "Kitchens of the south, Sundays",
                           "Money hour with Vicky, live", "The late debate, every night but one",
                           "Gardens for all, Saturdays", "Weather with Jun, on the hour"});
}

enum { UNLIKE = sizeof unlike / sizeof *unlike };

/* Each title of a publisher of its own, in one document or hour if they are `expected`; the size of
 * the largest event. */
static size_t largest_of(const char *const *titles, size_t n, const char *before, const char *after,
                         const char *text, bool expected)
{
    struct engine *e = engine_new(1, 1);
    char title[UNLIKE][256], publisher[UNLIKE][40];
    struct engine_article in[UNLIKE];
    size_t largest = 0;
    for (size_t i = 0; i < n; i++) {
        snprintf(title[i], sizeof title[i], "%s%s%s", before, titles[i], after);
        snprintf(publisher[i], sizeof publisher[i], "paper%zu.example", i);
        in[i] = (struct engine_article){.title = title[i],
                                        .body = text,
                                        .lang = "en",
                                        .publisher = publisher[i],
                                        .published = NOON,
                                        .seen = NOON};
        if (expected)
            engine_expect(e, &in[i]);
    }
    for (size_t i = 0; i < n; i++) {
        struct engine_result out;
        engine_add(e, &in[i], &out);
        size_t size = engine_event(e, out.event)->n;
        largest = size > largest ? size : largest;
    }
    engine_free(e);
    return largest;
}

static void a_label_of_many_publishers_glues_nothing(void **state)
{
    static const char *const before[] = {"Show HN: ", "The Kestrel Brief: ", "Ask the Experts | "};
    static const char *const after[] = {" | Kestrel Tonight", " [Premium content]"};
    enum { TO_LEARN = 3 };
    (void)state;
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        assert_int_equal(largest_of(unlike, UNLIKE, before[i], "", NULL, true), 1);
        assert_true(largest_of(unlike, UNLIKE, before[i], "", NULL, false) <= TO_LEARN);
    }
    for (size_t i = 0; i < sizeof after / sizeof *after; i++)
        assert_int_equal(largest_of(unlike, UNLIKE, "", after[i], NULL, true), 1);
}

static void a_text_in_place_of_the_text_glues_nothing(void **state)
{
    static const char wall[] =
        "Please enable scripts and cookies in your browser to continue to this site.";
    (void)state;
    assert_int_equal(largest_of(unlike, UNLIKE, "", "", wall, true), 1);
    assert_int_equal(largest_of(unlike, UNLIKE, "Fact check: ", "", wall, true), 1);
}

/* What is told behind one name, and what is printed under many titles, is one story. */
static void a_story_is_no_label(void **state)
{
    static const char *const storm[] = {
        "thousands without power on the coast", "trains cancelled as winds reach 140 km/h",
        "power cuts hit thousands of homes",    "schools closed and trains cancelled",
        "two killed by falling trees",          "winds bring down trees, two dead"};
    static const char *const copper[] = {"Lomera strike sends copper to a record",
                                         "Miners walk out, metal prices jump",
                                         "Record copper price after walkout at giant mine",
                                         "Strike at Lomera mine cuts supply to smelters",
                                         "Traders scramble as Lomera workers stop work"};
    static const char told[] =
        "Copper rose to a record on Saturday after workers at the Lomera mine, the second largest "
        "in the world, walked out over pay, cutting supply to smelters in three countries.";
    (void)state;
    assert_int_equal(largest_of(storm, 6, "Storm Brenda: ", "", NULL, true), 6);
    assert_int_equal(largest_of(copper, 5, "", "", told, true), 5);
}

static void a_labelled_article_may_lose_its_title(void **state)
{
    (void)state;
    struct engine *e = engine_new(1, 1);
    char title[128];
    uint64_t last = 0;
    for (size_t i = 0; i < UNLIKE; i++) {
        snprintf(title, sizeof title, "The Kestrel Brief: %s", unlike[i]);
        last = add(e, title, NULL, "en", "any.example", NOON).article;
    }
    for (size_t n = 0; n < 2; n++) {
        struct engine_article in = {.title = n ? "Gone" : "",
                                    .body = n ? NULL : "Gone",
                                    .lang = "en",
                                    .publisher = "any.example"};
        assert_true(engine_edit(e, last, &in));
        assert_int_equal(engine_article(e, last)->vector.n, 1);
        assert_true(engine_article(e, last)->vector.v[0].w[VIEW_ALL] > 0);
    }
    engine_free(e);
}

static void what_is_not_to_come_is_not_counted(void **state)
{
    (void)state;
    struct engine *e = engine_new(1, 1);
    char title[128];
    uint64_t events[2];
    engine_set(e, "engine", "named", 0);
    for (size_t i = 0; i < UNLIKE; i++) {
        snprintf(title, sizeof title, "The Kestrel Brief: %s", unlike[i]);
        struct engine_article in = {
            .title = title, .lang = "en", .publisher = "any.example", .published = NOON};
        engine_expect(e, &in);
    }
    engine_expect(e, NULL);
    for (size_t i = 0; i < 2; i++) {
        snprintf(title, sizeof title, "The Kestrel Brief: %s", unlike[i]);
        events[i] = add(e, title, NULL, "en", i ? "one.example" : "two.example", NOON).event;
    }
    assert_int_equal(events[0], events[1]);
    engine_free(e);
}

static void daily_programmes_do_not_glue_days_together(void **state)
{
    (void)state;
    struct engine *e = engine_new(1, 1);
    uint64_t a =
        add(e, "Your daily horoscope for Monday, April 20", NULL, "en", "one.example", NOON).event;
    uint64_t b =
        add(e, "Live updates: April 20, 2020", NULL, "en", "two.example", NOON + HOUR).event;
    assert_int_not_equal(a, b);
    engine_free(e);
}

static void a_series_does_not_glue_its_days_together(void **state)
{
    (void)state;
    struct engine *e = engine_new(1, 1);
    const char *one = "Evening Patrol Visayas - April 29, 2020";
    const char *next = "Evening Patrol Visayas - April 30, 2020";
    uint64_t a = add(e, one, NULL, "en", "one.example", NOON).event;
    uint64_t b = add(e, next, NULL, "en", "one.example", NOON + HOUR).event;
    assert_int_not_equal(a, b);
    engine_free(e);
}

/* One publisher's titles that differ in a name alone: two may be two reports, three are a series.
 */
static void titles_that_fill_one_frame_are_each_their_own(void **state)
{
    static const char *const clubs[] = {"Arda Condors", "Belmar Otters",  "Corvo Lancers",
                                        "Drava Bisons", "Elbasan Storks", "Fundy Mariners"};
    enum { CLUBS = sizeof clubs / sizeof *clubs, TO_LEARN = 2 };
    (void)state;
    struct engine *e = engine_new(1, 1);
    uint64_t events[CLUBS];
    char title[128];
    for (int i = 0; i < CLUBS; i++) {
        snprintf(title, sizeof title, "%s: Every kabaddi draft pick of 2020 season", clubs[i]);
        events[i] = add(e, title, NULL, "en", "one.example", NOON + i * HOUR / 12).event;
        assert_true(i < TO_LEARN || engine_event(e, events[i])->n == 1);
    }
    struct engine_reason why; /* asked later, it says so */
    assert_true(engine_why(e, TO_LEARN + 2, events[TO_LEARN], title, NULL, &why));
    assert_non_null(why.refused);
    assert_non_null(strstr(why.refused, "template"));
    uint64_t event = add(e, "Corvo Lancers: The 2020 kabaddi draft picks", NULL, "en",
                         "two.example", NOON + HOUR)
                         .event;
    assert_int_equal(engine_event(e, event)->n, 2); /* another publisher's is none of the series */
    engine_free(e);
}

static void a_publishers_reports_of_one_story_are_no_series(void **state)
{
    static const char *const reports[] = {
        "Kabaddi coach Ruben Ortega arrested in Talca over draft bribes",
        "Kabaddi coach Ruben Ortega arrested: police search Talca club over draft bribes",
        "Kabaddi coach Ruben Ortega denies draft bribes after Talca arrest",
        "Talca draft bribes: Kabaddi coach Ruben Ortega arrested with three players",
    };
    enum { REPORTS = sizeof reports / sizeof *reports };
    (void)state;
    struct engine *e = engine_new(1, 1);
    uint64_t event = 0;
    for (int i = 0; i < REPORTS; i++)
        event = add(e, reports[i], NULL, "en", "one.example", NOON + i * HOUR).event;
    assert_int_equal(engine_event(e, event)->n, REPORTS);
    engine_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_publisher_always_writes_glues_nothing),
        cmocka_unit_test(what_long_texts_of_a_publisher_share_glues_nothing),
        cmocka_unit_test(a_label_of_many_publishers_glues_nothing),
        cmocka_unit_test(a_text_in_place_of_the_text_glues_nothing),
        cmocka_unit_test(a_story_is_no_label),
        cmocka_unit_test(a_labelled_article_may_lose_its_title),
        cmocka_unit_test(what_is_not_to_come_is_not_counted),
        cmocka_unit_test(daily_programmes_do_not_glue_days_together),
        cmocka_unit_test(a_series_does_not_glue_its_days_together),
        cmocka_unit_test(titles_that_fill_one_frame_are_each_their_own),
        cmocka_unit_test(a_publishers_reports_of_one_story_are_no_series),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
