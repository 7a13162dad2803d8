/* Titles that are no headlines, and which article speaks for an event. */
#include "unit.h"

#include "base/buf.h"
#include "cluster/engine.h"
#include "cluster/lead.h"
#include "text/title_faults.h"

#include <stdio.h>
#include <string.h>

static void titles_that_are_no_headlines(void **state)
{
    static const struct {
        const char *title;
        unsigned faults;
    } table[] = {
        {"Ferry Halden Star runs aground off Sorrel Islands, all 312 aboard safe", 0},
        {"12 killed as bus leaves mountain road near Varn", 0},
        {"Ten facts commission members resign", 0},
        {"NATO and WHO agree on aid for Varn", 0},
        {"Ministers to meet in Varn on ferry safety", HEADLINE_COMING},
        {"Ferry operator will publish its report", HEADLINE_COMING},
        {"Will of the people: ferry safety", HEADLINE_COMING},
        {"Ministers met in Varn on ferry safety", 0},
        {"Fährgesellschaft soll Bericht vorlegen", HEADLINE_COMING},
        {"La ministra se reunirá con la naviera", HEADLINE_COMING},
        {"La naviera presentará su informe", HEADLINE_COMING},
        {"La naviera presentó su informe", 0},
        {"Les ministres se réuniront à Varn", HEADLINE_COMING},
        {"Les ministres discuteront de la sécurité", HEADLINE_COMING},
        {"Il ministro incontrerà gli armatori", HEADLINE_COMING},
        {"Министр намерен посетить порт", HEADLINE_COMING},
        {"运输部长即将访问港口", HEADLINE_COMING},
        {"You won’t believe what this ferry captain did", HEADLINE_BAIT},
        {"10 things to do in Varn this autumn", HEADLINE_BAIT},
        {"The 7 best ways to cross the strait", HEADLINE_BAIT},
        {"Here's why the ferry ran aground", HEADLINE_BAIT},
        {"Das steckt dahinter: Fähre auf Grund", HEADLINE_BAIT},
        {"5 razones para viajar a Varn en otoño", HEADLINE_BAIT},
        {"Вы не поверите, что сделал капитан парома", HEADLINE_BAIT},
        {"フェリー座礁、驚きの理由が判明", HEADLINE_BAIT},
        {"FERRY RUNS AGROUND OFF SORREL ISLANDS", HEADLINE_SHOUTS},
        {"ПАРОМ СЕЛ НА МЕЛЬ У ОСТРОВОВ", HEADLINE_SHOUTS},
        {"Why did the ferry run aground?", HEADLINE_TEASES},
        {"フェリーはなぜ座礁したのか？", HEADLINE_TEASES},
        {"The captain saw a light and then...", HEADLINE_TEASES},
        {"Opinion: the ferry should never have sailed", HEADLINE_LABELLED},
        {"VIDEO | The ferry on the reef", HEADLINE_LABELLED},
        {"Видео: паром сел на мель", HEADLINE_LABELLED},
        {"Breaking news", HEADLINE_LABELLED},
        {"", HEADLINE_LABELLED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (headline_faults(table[i].title) != table[i].faults)
            fail_msg("%s: %u, expected %u", table[i].title, headline_faults(table[i].title),
                     table[i].faults);
}

/* ---- which article speaks ------------------------------------------------------------------- */

enum { NOON = 1700000000, HOUR = 3600, MOST = 12 };

struct story {
    const char *lang, *titles[MOST]; /* an hour apart, each of another publisher */
    int speaks;                      /* which of them does so in the end */
};

/* All that is told is one event. */
static struct engine *one_event(void)
{
    struct engine *e = engine_new(1, 1);
    static const char *const off[] = {"join_threshold",  "merge_threshold", "coherence",
                                      "min_shared",      "names",           "unnamed",
                                      "split_threshold", "apart",           "apart_others"};
    for (size_t i = 0; i < sizeof off / sizeof *off; i++)
        assert_true(engine_set(e, "engine", off[i], 0));
    return e;
}

/* What it brings, as the daemon has it. */
static struct engine_article told(const struct story *s, size_t i)
{
    static const char *const publishers[MOST] = {
        "a.example", "b.example", "c.example", "d.example", "e.example", "f.example",
        "g.example", "h.example", "i.example", "j.example", "k.example", "l.example"};
    return (struct engine_article){.title = s->titles[i],
                                   .lang = s->lang,
                                   .publisher = publishers[i],
                                   .title_faults = headline_faults(s->titles[i]),
                                   .published = NOON + (int64_t)i * HOUR,
                                   .seen = NOON + (int64_t)i * HOUR};
}

static uint64_t add_next(struct engine *e, const struct story *s, size_t i, uint64_t lead)
{
    struct engine_article in = told(s, i);
    struct engine_result out;
    engine_add(e, &in, &out);
    for (uint64_t a = 1; a <= out.article; a++)
        if (engine_article(e, a)->event->number != out.event)
            fail_msg("%s: is not told with the others", s->titles[i]);
    return headline_choose(engine_event(e, out.event), lead, engine_params(e)->headline_margin,
                           NULL);
}

static void check_story(const struct story *s)
{
    struct engine *e = one_event();
    uint64_t lead = 0, changes = 0;
    for (size_t i = 0; i < MOST && s->titles[i]; i++) {
        uint64_t next = add_next(e, s, i, lead);
        changes += next != lead && lead;
        lead = next;
    }
    if (strcmp(s->titles[lead - 1], s->titles[s->speaks]) != 0)
        fail_msg("%s, expected %s", s->titles[lead - 1], s->titles[s->speaks]);
    if (changes > 2)
        fail_msg("%s: %d changes", s->titles[lead - 1], (int)changes);
    engine_free(e);
}

static void a_headline_follows_the_news(void **state)
{
    static const struct story stories[] = {
        /* another number, that two agree on */
        {"en",
         {"At least 10 dead as bus leaves mountain road near Varn", "Bus crash near Varn kills 10",
          "14 dead in bus crash near Varn", "Varn bus crash: death toll rises to 14",
          "Bus leaves mountain road near Varn, 14 dead",
          "14 dead as bus leaves mountain road near Varn, police say"},
         2},
        {"en",
         {"At least 10 dead as bus leaves mountain road near Varn",
          "10 dead as bus leaves mountain road", "Bus leaves road near Varn, 10 dead",
          "Varn: 10 dead as bus leaves road", "14 dead in Varn bus crash",
          "Varn bus crash: toll of dead rises to 14", "Bus on mountain road near Varn: 14 dead",
          "14 dead in bus on Varn road"},
         7},
        /* not by one without a number, however central */
        {"en",
         {"At least 10 dead as bus leaves mountain road near Varn",
          "10 dead as bus leaves mountain road", "Bus leaves road near Varn, 10 dead",
          "Varn: 10 dead as bus leaves road", "Bus leaves mountain road near Varn, many dead",
          "14 dead in Varn bus crash", "Varn bus crash: toll of dead rises to 14",
          "Varn bus toll of dead now at 14", "Dead in Varn bus fall now 14"},
         5},
        /* a number that all have is not in the other's place */
        {"en",
         {"Varn reports 100 COVID-19 deaths at care homes",
          "COVID-19: Varn care homes report 100 deaths",
          "Varn reports 140 COVID-19 deaths at care homes",
          "Varn care homes: COVID-19 deaths reach 140",
          "COVID-19 deaths at Varn care homes rise to 140",
          "Varn says 140 died of COVID-19 at care homes"},
         2},
        /* what was to come has come */
        {"en",
         {"Orlan and Sefton to meet in Varn over ferry treaty",
          "Orlan, Sefton to meet on ferry treaty",
          "Orlan and Sefton meet in Varn over ferry treaty",
          "Orlan and Sefton sign ferry treaty in Varn",
          "Sefton and Orlan agree ferry treaty at Varn meeting",
          "Orlan hails ferry treaty with Sefton after Varn meeting"},
         2},
        {"de",
         {"Orlan soll Fährvertrag in Varn unterzeichnen",
          "Fährvertrag: Orlan will in Varn unterzeichnen",
          "Orlan unterzeichnet Fährvertrag in Varn", "Fährvertrag in Varn: Orlan hat unterzeichnet",
          "Orlan unterzeichnete Fährvertrag in Varn", "Varn: Fährvertrag von Orlan unterzeichnet"},
         3},
        {"es",
         {"Orlan se reunirá con Sefton en Varn por el tratado",
          "Orlan y Sefton se reunirán en Varn", "Orlan se reunió con Sefton en Varn por el tratado",
          "Orlan y Sefton firman el tratado en Varn",
          "Orlan se reúne con Sefton en Varn y firma el tratado",
          "Tratado de Varn: Orlan y Sefton firman la paz"},
         2},
        {"zh",
         {"奥兰部长将于周一访问瓦恩港口", "奥兰部长即将访问瓦恩港口", "奥兰部长访问瓦恩港口",
          "奥兰部长今天访问瓦恩港口", "奥兰部长抵达瓦恩港口访问", "奥兰部长结束对瓦恩港口的访问"},
         2},
        /* a word that says what happened */
        {"en",
         {"Varn mayor Orlan under pressure over ferry contract",
          "Varn mayor Orlan faces questions on ferry contract",
          "Varn mayor Orlan resigns over ferry contract",
          "Mayor Orlan of Varn resigns after ferry contract row", "Orlan resigns as Varn mayor",
          "Varn mayor Orlan resigns", "Ferry contract: Varn mayor Orlan resigns"},
         2},
    };
    (void)state;
    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++)
        check_story(&stories[i]);
}

static void a_headline_stays_while_the_news_does(void **state)
{
    static const struct story stories[] = {
        /* all have another number, and no two the same */
        {"en",
         {"At least 10 dead as bus leaves mountain road near Varn",
          "12 dead as bus leaves mountain road near Varn", "13 dead as bus leaves road near Varn",
          "Bus leaves mountain road near Varn: 15 dead",
          "16 dead as bus leaves mountain road near Varn"},
         0},
        /* it is still to come */
        {"en",
         {"Orlan to visit flooded town of Varn", "Orlan will visit flooded Varn",
          "Orlan to visit Varn after floods", "Flooded town of Varn awaits Orlan",
          "Orlan to visit flooded town"},
         0},
        /* too few say so */
        {"en",
         {"Orlan and Sefton to meet in Varn over ferry treaty",
          "Orlan and Sefton meet in Varn over ferry treaty",
          "Orlan and Sefton sign ferry treaty in Varn"},
         0},
        /* the second knew it already: another word for what the first says */
        {"en",
         {"Varn mayor Orlan quits over ferry contract",
          "Varn mayor Orlan resigns over ferry contract",
          "Mayor Orlan of Varn resigns after ferry contract row", "Orlan resigns as Varn mayor",
          "Ferry contract: Varn mayor Orlan resigns"},
         0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++)
        check_story(&stories[i]);
}

static const struct story toll = {"en",
                                  {"At least 10 dead as bus leaves mountain road near Varn",
                                   "14 dead in bus crash on mountain road near Varn",
                                   "Varn bus crash: death toll rises to 14",
                                   "Bus leaves mountain road near Varn, 14 dead",
                                   "Orlan to visit Varn after bus crash killed 14"},
                                  1};

static const struct story meeting = {"en",
                                     {"Orlan and Sefton to meet in Varn over ferry treaty",
                                      "Orlan, Sefton to meet on ferry treaty",
                                      "Orlan and Sefton meet in Varn over ferry treaty",
                                      "Orlan and Sefton sign ferry treaty in Varn",
                                      "Sefton and Orlan agree ferry treaty at Varn meeting",
                                      "Orlan hails ferry treaty with Sefton after Varn meeting"},
                                     2};

/* One publisher's titles are one voice. */
static void one_publisher_moves_no_headline(void **state)
{
    (void)state;
    struct engine *e = one_event();
    uint64_t lead = 0;
    for (size_t i = 0; i < MOST && meeting.titles[i]; i++) {
        struct engine_article in = told(&meeting, i);
        in.publisher = i ? "b.example" : "a.example";
        struct engine_result out;
        engine_add(e, &in, &out);
        lead = headline_choose(engine_event(e, out.event), lead, engine_params(e)->headline_margin,
                               NULL);
    }
    assert_int_equal(lead, 1);
    engine_free(e);
}

/* The others do not know yet what the newest says. */
static void the_newest_is_not_stale(void **state)
{
    static const struct story story = {
        "en",
        {"14 dead in bus on icy mountain road near Varn", "Bus on mountain road near Varn: 14 dead",
         "Varn: 14 dead as bus leaves road", "14 killed as bus leaves mountain road near Varn",
         "18 dead in bus on mountain road near Varn"},
        4};
    (void)state;
    struct engine *e = one_event();
    for (size_t i = 0; i < 5; i++)
        add_next(e, &story, i, 0);
    const struct news_event *event = engine_event(e, engine_article(e, 1)->event->number);
    static const double more_than_theirs = 0.28; /* they are more central, by less than this */
    assert_int_equal(headline_choose(event, 5, more_than_theirs, NULL), 5);
    engine_free(e);
}

/* What sentences tell goes before the event's sums; it must win by the margin, and of what is not
 * told at all the more central one speaks. */
static void the_title_that_reports_tell_speaks(void **state)
{
    static const struct story story = {"en",
                                       {"Orlan council shows support for ferry amid row",
                                        "Orlan council votes to keep the Varn ferry",
                                        "Orlan keeps Varn ferry running after council vote"},
                                       0};
    static const uint64_t articles[] = {1, 2, 3};
    static const struct {
        double told[3];
        uint64_t lead, speaks;
    } table[] = {
        {{.2, .7, .4}, 1, 2}, {{.2, .7, .4}, 0, 2},
        {{.2, .4, .7}, 1, 3}, {{.5, .4, .55}, 1, 1}, /* not by the margin */
        {{.1, .1, .9}, 2, 3},
    };
    (void)state;
    struct engine *e = one_event();
    for (size_t i = 0; i < 3; i++)
        add_next(e, &story, i, 0);
    const struct news_event *event = engine_event(e, engine_article(e, 1)->event->number);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct headline_told told = {articles, table[i].told, 3};
        assert_int_equal(headline_choose(event, table[i].lead, 0.1, &told), table[i].speaks);
    }
    static const double nothing[3] = {0};
    const struct headline_told told = {articles, nothing, 3};
    for (uint64_t lead = 0; lead <= 3; lead++)
        assert_int_equal(headline_choose(event, lead, 0.1, &told),
                         headline_choose(event, lead, 0.1, NULL));
    engine_free(e);
}

static void an_edit_makes_a_headline_stale_or_fresh(void **state)
{
    (void)state;
    struct engine *e = one_event();
    uint64_t lead = 0;
    for (size_t i = 0; i < 5; i++)
        lead = add_next(e, &toll, i, lead);
    const double margin = engine_params(e)->headline_margin;
    uint64_t event = engine_article(e, 1)->event->number;
    assert_int_equal(lead, 2);
    assert_int_equal(headline_choose(engine_event(e, event), 1, margin, NULL), 2);
    struct engine_article in = told(&toll, 0);
    in.title = "At least 14 dead as bus leaves mountain road near Varn";
    assert_true(engine_edit(e, 1, &in));
    assert_int_equal(headline_choose(engine_event(e, event), 1, margin, NULL), 1);
    in.title = toll.titles[0];
    assert_true(engine_edit(e, 1, &in));
    assert_int_equal(headline_choose(engine_event(e, event), 1, margin, NULL), 2);
    engine_free(e);
}

static void a_restart_chooses_the_same_headline(void **state)
{
    (void)state;
    const struct story *const stories[] = {&toll, &meeting};
    for (size_t s = 0; s < 2; s++) {
        struct engine *e = one_event(), *again = one_event();
        struct buf packed;
        buf_init(&packed, 1 << 20);
        uint64_t lead = 0;
        engine_set_clock(again, NOON);
        for (size_t i = 0; i < MOST && stories[s]->titles[i]; i++) {
            lead = add_next(e, stories[s], i, lead);
            buf_clear(&packed);
            engine_pack(e, i + 1, &packed);
            assert_true(engine_restore(again, i + 1, engine_article(e, i + 1)->event->number,
                                       packed.p, packed.len));
        }
        const double margin = engine_params(e)->headline_margin;
        uint64_t event = engine_article(e, 1)->event->number;
        assert_int_equal(lead, stories[s]->speaks + 1);
        for (uint64_t before = 1; before <= lead; before++)
            assert_int_equal(headline_choose(engine_event(again, event), before, margin, NULL),
                             headline_choose(engine_event(e, event), before, margin, NULL));
        assert_int_equal(headline_choose(engine_event(again, event), 1, margin, NULL), lead);
        buf_free(&packed);
        engine_free(again);
        engine_free(e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(titles_that_are_no_headlines),
        cmocka_unit_test(a_headline_follows_the_news),
        cmocka_unit_test(a_headline_stays_while_the_news_does),
        cmocka_unit_test(one_publisher_moves_no_headline),
        cmocka_unit_test(the_newest_is_not_stale),
        cmocka_unit_test(the_title_that_reports_tell_speaks),
        cmocka_unit_test(an_edit_makes_a_headline_stale_or_fresh),
        cmocka_unit_test(a_restart_chooses_the_same_headline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
