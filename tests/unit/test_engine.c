/* The engine: what belongs together, what does not, and that a restart changes nothing. */
#include "base/mem.h"
#include "cluster/engine.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOON = 1700000000, HOUR = 3600, DAY = 86400 };

static struct engine_result add(struct engine *e, const char *title, const char *body,
                                const char *lang, const char *publisher, int64_t seen)
{
    struct engine_article in = {.title = title,
                                .body = body,
                                .lang = lang,
                                .publisher = publisher,
                                .published = seen,
                                .seen = seen};
    struct engine_result out;
    engine_add(e, &in, &out);
    return out;
}

/* ---- a stream made of a fixed sequence of numbers ---------------------------------------------
 */

struct stream {
    uint64_t state;
    int64_t clock;
    char title[256], body[1024], publisher[32];
};

static unsigned next_number(struct stream *s, unsigned below)
{
    s->state = s->state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(s->state >> 33) % below;
}

static const char *const places[] = {"Lisbon", "Oslo",  "Nairobi", "Quito",  "Hanoi",
                                     "Perth",  "Turin", "Leeds",   "Austin", "Sapporo"};
static const char *const things[] = {"bridge",  "festival", "factory", "airport", "museum",
                                     "stadium", "hospital", "harbour", "library", "railway"};
static const char *const verbs[] = {"closes",  "burns", "reopens",   "expands", "floods",
                                    "strikes", "sinks", "collapses", "wins",    "fails"};
static const char *const ends[] = {"after storm",      "amid protests", "as workers walk out",
                                   "despite warnings", "over debts",    "before summer"};

/* A story is a place, a thing and a verb, told in different words by different publishers. */
static void next_article(struct stream *s)
{
    unsigned story = next_number(s, 40) + 40 * (unsigned)((s->clock - NOON) / (2 * DAY));
    const char *place = places[story % 10], *thing = things[story / 10 % 10];
    const char *verb = verbs[(story * 7 + story / 3) % 10];
    snprintf(s->title, sizeof s->title, "%s%s %s %s %s",
             story % 5 ? "" : "The Kestrel Brief: ", place, thing, verb, ends[next_number(s, 6)]);
    snprintf(s->body, sizeof s->body,
             "The %s in %s %s, officials of district %u said. %u people.%s", thing, place, verb,
             story, next_number(s, 900),
             story % 3 ? "" : " Subscribe to our channel for more of the news.");
    snprintf(s->publisher, sizeof s->publisher, "paper%u.example", next_number(s, 25));
    s->clock += next_number(s, 900);
}

static uint64_t add_next(struct engine *e, struct stream *s, struct engine_result *out)
{
    next_article(s);
    *out = add(e, s->title, s->body, "en", s->publisher, s->clock);
    return out->event;
}

/* What a store keeps: each article's bytes and event, and the rarity at the last day's end. */
struct kept {
    struct buf packed[4096], rarity;
    uint64_t event[4096];
    size_t n;
};

static void pack_again(struct kept *k, const struct engine *e, uint64_t article)
{
    if (!engine_article(e, article))
        return; /* it has left the window */
    struct buf again;
    buf_init(&again, 1 << 20);
    engine_pack_again(e, article, k->packed[article].p, k->packed[article].len, &again);
    buf_free(&k->packed[article]);
    k->packed[article] = again;
}

static void keep(struct kept *k, const struct engine *e, const struct engine_result *out)
{
    if (out->day_ended) {
        buf_clear(&k->rarity);
        engine_save_rarity(e, &k->rarity);
    }
    for (size_t i = 0; i < out->n_changes; i++) {
        const struct engine_change *c = &out->changes[i];
        for (size_t a = 1; a <= k->n; a++)
            if (c->kind == ENGINE_MERGED && k->event[a] == c->from)
                k->event[a] = c->event;
        if (c->kind == ENGINE_COPIED && c->article <= k->n)
            pack_again(k, e, c->article);
        for (size_t a = 0; a < c->n_articles; a++)
            k->event[c->articles[a]] = c->event;
    }
    k->n = out->article;
    k->event[k->n] = out->event;
    buf_init(&k->packed[k->n], 1 << 20);
    engine_pack(e, k->n, &k->packed[k->n]);
}

static struct engine *restart(const struct kept *k, uint64_t next_event, int64_t clock)
{
    struct engine *e = engine_new(k->n + 1, next_event);
    assert_true(engine_restore_rarity(e, k->rarity.p, k->rarity.len));
    engine_set_clock(e, clock);
    for (size_t a = 1; a <= k->n; a++)
        assert_true(engine_restore(e, a, k->event[a], k->packed[a].p, k->packed[a].len));
    return e;
}

static void free_kept(struct kept *k)
{
    for (size_t a = 1; a <= k->n; a++)
        buf_free(&k->packed[a]);
    buf_free(&k->rarity);
    free(k);
}

/* An article of the last days gets another story's text. */
static void edit_one(struct engine *e, struct kept *k, struct stream *texts, uint64_t newest)
{
    uint64_t article = newest - next_number(texts, newest < 100 ? (unsigned)newest : 100);
    next_article(texts);
    struct engine_article in = {
        .title = texts->title, .body = texts->body, .lang = "en", .publisher = "any.example"};
    if (!engine_edit(e, article, &in))
        return;
    pack_again(k, e, article);
    const struct engine_change *changes;
    size_t n = engine_changes(e, &changes);
    for (size_t i = 0; i < n; i++)
        pack_again(k, e, changes[i].article);
}

static void same_rarity(const struct engine *a, const struct engine *b, uint64_t newest)
{
    for (uint64_t number = newest - 200; number <= newest; number++) {
        const struct vector *v = &engine_article(a, number)->vector;
        for (size_t i = 0; i < v->n; i++) {
            double x = rarity_idf(engine_rarity(a), v->v[i].id);
            double y = rarity_idf(engine_rarity(b), v->v[i].id);
            assert_memory_equal(&x, &y, sizeof x);
        }
    }
}

static void restart_changes_nothing(void **state)
{
    (void)state;
    enum { BEFORE = 2100, AFTER = 1500 };
    struct kept *k = mem_zero(sizeof *k);
    struct stream s = {.state = 7, .clock = NOON}, edits = {.state = 99, .clock = NOON};
    struct engine *whole = engine_new(1, 1);
    struct engine_result out, again;
    uint64_t most = 0;
    size_t joined = 0, merged = 0;
    buf_init(&k->rarity, 1 << 26);
    for (size_t i = 0; i < BEFORE; i++) {
        uint64_t event = add_next(whole, &s, &out);
        joined += event <= most;
        for (size_t c = 0; c < out.n_changes; c++)
            merged += out.changes[c].kind == ENGINE_MERGED;
        for (size_t c = 0; c < out.n_changes; c++)
            if (out.changes[c].event > most)
                most = out.changes[c].event;
        keep(k, whole, &out);
        if (i % 3 == 0)
            edit_one(whole, k, &edits, out.article);
    }
    assert_true(joined > BEFORE / 4);
    assert_true(merged > 0);
    struct engine *second = restart(k, most + 1, s.clock);
    assert_int_equal(engine_events(second), engine_events(whole));
    same_rarity(whole, second, k->n);
    struct stream t = s;
    for (size_t i = 0; i < AFTER; i++) {
        add_next(whole, &s, &out);
        add_next(second, &t, &again);
        assert_int_equal(again.article, out.article);
        assert_int_equal(again.event, out.event);
        assert_int_equal(again.copy_of, out.copy_of);
        assert_int_equal(again.n_changes, out.n_changes);
        assert_memory_equal(&again.reason.probability, &out.reason.probability, sizeof(double));
    }
    assert_int_equal(engine_articles(second), engine_articles(whole));
    engine_free(second);
    engine_free(whole);
    free_kept(k);
}

static void same_articles_give_same_events(void **state)
{
    (void)state;
    struct stream s = {.state = 3, .clock = NOON}, t = s;
    struct engine *a = engine_new(1, 1), *b = engine_new(1, 1);
    struct engine_result x, y;
    for (size_t i = 0; i < 1000; i++) {
        add_next(a, &s, &x);
        add_next(b, &t, &y);
        assert_int_equal(x.event, y.event);
        assert_memory_equal(&x.reason.probability, &y.reason.probability, sizeof(double));
    }
    engine_free(a);
    engine_free(b);
}

/* ---- what belongs together --------------------------------------------------------------------
 */

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
    assert_non_null(strstr(why.refused, "frame"));
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

/* ---- splits and links ----------------------------------------------------------------------- */

static const char *const quake[] = {
    "Earthquake in Chile: Talca counts damaged homes after magnitude 7.1",
    "Chile earthquake damages hundreds of homes in Talca",
    "Magnitude 7.1 earthquake in Chile: Talca homes damaged, rescuers search",
};
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

static const char wire[] =
    "The central bank of Norway raised its key rate by a quarter of a point on Thursday, saying "
    "that inflation had proved more stubborn than it expected in the spring and that another rise "
    "before winter could not be ruled out if wages kept growing at their present pace.";

static void copies_are_found(void **state)
{
    (void)state;
    struct engine *e = engine_new(1, 1);
    struct engine_result a =
        add(e, "Norway's central bank raises key rate", wire, "en", "one.example", NOON);
    struct engine_result b = add(e, "Norway central bank raises its key rate again", wire, "en",
                                 "two.example", NOON + HOUR);
    assert_int_equal(a.copy_of, 0);
    assert_int_equal(b.event, a.event);
    assert_int_equal(b.copy_of, a.article);
    engine_free(e);
}

static struct engine_result add_wire(struct engine *e, const char *title, const char *body,
                                     const char *agency, const char *publisher)
{
    struct engine_article in = {.title = title,
                                .body = body,
                                .lang = "en",
                                .publisher = publisher,
                                .agency = agency,
                                .published = NOON,
                                .seen = NOON};
    struct engine_result out;
    engine_add(e, &in, &out);
    return out;
}

/* The same first half, then each its own words: no copy, unless one agency is credited with both.
 */
/* Brought together by an editor, an article beside another one: does it copy it? */
static bool is_taken_for_a_copy(const char *title, const char *text, const char *publisher,
                                const char *other_title, const char *other_text)
{
    struct engine *e = engine_new(1, 1);
    assert_true(engine_link(e, 1, 2, MUST_LINK));
    add(e, title, text, "en", "one.example", NOON);
    bool copies = add(e, other_title, other_text, "en", publisher, NOON + HOUR).copy_of == 1;
    engine_free(e);
    return copies;
}

static void a_publishers_standing_text_makes_no_copy(void **state)
{
    static const char standing[] =
        "FLOOD LATEST * Forty bridges are closed on both islands, nine of them for the season - "
        "which roads are open, town by town * The council's line for the stranded is free of "
        "charge at all hours - what we know of the missing so far";
    static const char *const floods[] = {"Kestrel ferry adrift: skipper swam ashore for help",
                                         "Record milk price cheers the farmers of Arrel"};
    static const char again[] = "Skipper of the Kestrel ferry swam ashore for help";
    (void)state;
    assert_false(is_taken_for_a_copy(floods[0], standing, "one.example", floods[1], standing));
    assert_true(is_taken_for_a_copy(floods[0], standing, "one.example", again, standing));
    assert_true(is_taken_for_a_copy(floods[0], standing, "two.example", floods[1], standing));
    /* a headline that is named below another one */
    assert_false(is_taken_for_a_copy("'Harbour Lights' star Imre Kell dies at 61", NULL,
                                     "one.example",
                                     "Five Imre Kell films that show how good an actor he was",
                                     "- 'Harbour Lights' star Imre Kell dies at 61"));
}

static void an_agencys_text_may_be_cut_more(void **state)
{
    static const char title[] = "Norway's central bank raises key rate";
    static const char first[] =
        "The central bank of Norway raised its key rate by a quarter of a point on Thursday, "
        "saying "
        "that inflation had proved more stubborn than it expected in the spring. Economists had "
        "been divided over the step, and the crown gained half a per cent against the euro while "
        "shares in Oslo fell.";
    static const char second[] =
        "The central bank of Norway raised its key rate by a quarter of a point on Thursday, "
        "saying "
        "that inflation had proved more stubborn than it expected in the spring. Housing lenders "
        "in "
        "Oslo will follow within weeks, and unions asked the government for help with rents before "
        "the budget.";
    static const struct {
        const char *one, *two;
        bool copy;
    } table[] = {
        {NULL, NULL, false}, {"AP", NULL, false}, {"AP", "dpa", false}, {"AP", "AP", true}};
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct engine *e = engine_new(1, 1);
        struct engine_result a = add_wire(e, title, first, table[i].one, "one.example");
        struct engine_result b = add_wire(e, title, second, table[i].two, "two.example");
        assert_int_equal(a.event, b.event);
        assert_int_equal(b.copy_of, table[i].copy ? a.article : 0);
        engine_free(e);
    }
}

/* Two papers print a wire text, and their articles come to one event only when a third makes the
 * events one. Made by hand: which titles would first stay apart is the models' affair. */
static void copies_that_meet_by_a_merge_are_found(void **state)
{
    static const char *const title[] = {"Norway's central bank raises key rate",
                                        "Norway's central bank raises its key rate",
                                        "Norway's central bank raised key rate again"};
    static const char *const publisher[] = {"one.example", "two.example", "three.example"};
    struct buf packed[3];
    (void)state;
    for (uint64_t i = 0; i < 3; i++) {
        struct engine *alone = engine_new(i + 1, 1);
        add(alone, title[i], wire, "en", publisher[i], NOON);
        buf_init(&packed[i], 1 << 20);
        engine_pack(alone, i + 1, &packed[i]);
        engine_free(alone);
    }
    struct engine *e = engine_new(4, 4);
    engine_set_clock(e, NOON);
    assert_true(engine_set(e, "engine", "merge_threshold", 0));
    for (uint64_t i = 0; i < 3; i++)
        assert_true(engine_restore(e, i + 1, i + 1, packed[i].p, packed[i].len));
    struct engine_result out = add(e, title[0], wire, "en", "four.example", NOON);
    size_t merged = 0, copied = 0;
    uint64_t origin[5] = {0};
    for (size_t i = 0; i < out.n_changes; i++) {
        merged += out.changes[i].kind == ENGINE_MERGED;
        if (out.changes[i].kind != ENGINE_COPIED)
            continue;
        copied++;
        assert_true(out.changes[i].origin < out.changes[i].article);
        origin[out.changes[i].article] = out.changes[i].origin;
    }
    assert_int_equal(merged, 2);
    assert_true(copied >= 2);
    assert_int_equal(engine_article(e, 1)->copy_of, 0);
    for (uint64_t a = 2; a <= 4; a++)
        assert_int_equal(engine_article(e, a)->copy_of, 1);
    assert_int_equal(origin[2], 1);
    assert_int_equal(origin[3], 1);
    for (size_t i = 0; i < 3; i++)
        buf_free(&packed[i]);
    engine_free(e);
}

static void copies_that_part_have_an_origin_each(void **state)
{
    (void)state;
    static const char *const papers[] = {"one.example", "two.example", "three.example",
                                         "four.example"};
    struct engine *e = engine_new(1, 1);
    for (size_t i = 0; i < 4; i++)
        add(e, "Norway's central bank raises key rate", wire, "en", papers[i], NOON);
    assert_int_equal(engine_article(e, 4)->copy_of, 1);
    const uint64_t two[] = {3, 4};
    assert_int_equal(engine_split(e, 1, two, 2), 2);
    const struct engine_change *c;
    assert_int_equal(engine_changes(e, &c), 3);
    assert_true(c[0].kind == ENGINE_COPIED && c[0].article == 3 && c[0].origin == 0);
    assert_true(c[1].kind == ENGINE_COPIED && c[1].article == 4 && c[1].origin == 3);
    assert_int_equal(c[2].kind, ENGINE_SPLIT);
    assert_int_equal(engine_article(e, 2)->copy_of, 1);
    assert_int_equal(engine_article(e, 3)->copy_of, 0);
    assert_int_equal(engine_article(e, 4)->copy_of, 3);
    engine_free(e);
}

static void edit(struct engine *e, uint64_t article, const char *title, const char *body)
{
    struct engine_article in = {
        .title = title, .body = body, .lang = "en", .publisher = "any.example"};
    assert_true(engine_edit(e, article, &in));
}

static void an_edited_article_is_weighed_anew_where_it_is(void **state)
{
    (void)state;
    struct engine *e = engine_new(1, 1);
    struct engine_result a = add(e, "Harbour news from Lisbon", NULL, "en", "one.example", NOON);
    edit(e, a.article, "Norway's central bank raises key rate", wire);
    assert_ptr_equal(engine_article(e, 1)->event, engine_event(e, a.event));
    const struct news_event *event = engine_event(e, a.event);
    assert_int_equal(event->n, 1);
    struct sums_of_one room;
    const struct sums *sums = news_event_sums(event, &room);
    assert_int_equal(sums->n, engine_article(e, 1)->vector.n); /* no word that it had */
    for (size_t i = 0; i < sums->n; i++)
        assert_int_equal(sums->ids[i], engine_article(e, 1)->vector.v[i].id);
    engine_free(e);
}

static void an_edit_makes_a_copy_and_ends_one(void **state)
{
    static const char other[] =
        "Fishermen in Tromso say that the bank knows nothing of their debts, and that boats will "
        "be "
        "sold before the winter comes if nobody helps them with the interest that they now pay.";
    (void)state;
    struct engine *e = engine_new(1, 1);
    const char *title = "Norway's central bank raises key rate";
    add(e, title, wire, "en", "one.example", NOON);
    struct engine_result b = add(e, title, other, "en", "two.example", NOON);
    struct engine_result c = add(e, title, other, "en", "three.example", NOON);
    assert_int_equal(b.event, 1);
    assert_int_equal(b.copy_of, 0);
    assert_int_equal(c.copy_of, b.article);
    edit(e, b.article, title, wire);
    const struct engine_change *changes;
    assert_int_equal(engine_changes(e, &changes), 2); /* it, and what copied it */
    assert_int_equal(changes[0].kind, ENGINE_COPIED);
    assert_int_equal(changes[0].article, b.article);
    assert_int_equal(changes[0].origin, 1);
    assert_int_equal(engine_article(e, 3)->copy_of, 1);
    edit(e, b.article, title, other);
    assert_int_equal(engine_changes(e, &changes), 1);
    assert_int_equal(changes[0].origin, 0);
    assert_int_equal(engine_article(e, 2)->copy_of, 0);
    edit(e, b.article, "Norway's central bank lifts key rate", other);
    assert_int_equal(engine_changes(e, &changes), 0);
    struct engine_article in = {.title = title, .publisher = "any.example"};
    assert_false(engine_edit(e, 4, &in)); /* there is none */
    engine_free(e);
}

/* ---- time ----------------------------------------------------------------------------------- */

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

static void languages_do_not_mix(void **state)
{
    (void)state;
    struct engine *e = engine_new(1, 1);
    uint64_t a =
        add(e, "Angela Merkel Emmanuel Macron Berlin", NULL, "en", "one.example", NOON).event;
    uint64_t b =
        add(e, "Angela Merkel Emmanuel Macron Berlin", NULL, "de", "two.example", NOON).event;
    assert_int_not_equal(a, b);
    engine_free(e);
}

static void the_title_says_more_of_the_language_than_a_quote(void **state)
{
    (void)state;
    struct engine *e = engine_new(1, 1);
    static const char quote[] =
        "Hinihintay po namin ang ulat ng mga alkalde sa lungsod, sabi niya.";
    assert_string_equal(
        add(e, "Ministers approve harbour plan", quote, "en", "one.example", NOON).lang, "en");
    assert_string_equal(
        add(e, "Mga alkalde, humiling ng ulat", quote, "en", "two.example", NOON).lang, "tl");
    engine_free(e);
}

static void lang_is(struct engine *e, const char *title, const char *claimed, const char *publisher,
                    const char *expected)
{
    assert_string_equal(add(e, title, NULL, claimed, publisher, NOON).lang, expected);
}

static void what_a_publisher_writes_stands_for_its_feeds_claim(void **state)
{
    (void)state;
    static const char *const german[] = {"Hafenarbeiter lehnen Angebot ab",
                                         "Mehrere Verletzte nach Unfall auf der Brücke",
                                         "Regierung will den Hafen erweitern"};
    static const char *const english[] = {"Harbour workers reject offer",
                                          "Several injured after crash on bridge",
                                          "Government wants to extend the harbour"};
    static const char names[] = "Sorrel Dynamo"; /* of no language */
    struct kept *k = mem_zero(sizeof *k);
    struct engine *e = engine_new(1, 1);
    buf_init(&k->rarity, 1 << 26);
    engine_save_rarity(e, &k->rarity);
    for (size_t i = 0; i < 6; i++) {
        const char *publisher = i < 3 ? "one.example" : "two.example";
        const char *title = i == 4 ? english[1] : german[i % 3];
        struct engine_result r = add(e, title, NULL, NULL, publisher, NOON);
        keep(k, e, &r);
    }
    struct engine *both[] = {e, restart(k, k->n + 1, NOON)};
    for (size_t i = 0; i < 2; i++) {
        lang_is(both[i], names, NULL, "one.example", "de");
        lang_is(both[i], names, "xx", "one.example", "de"); /* no language's code */
        lang_is(both[i], names, "fr", "one.example", "fr");
        lang_is(both[i], names, NULL, "two.example", ""); /* it writes both */
        lang_is(both[i], names, NULL, "new.example", "");
        for (size_t w = 0; w < 3; w++)
            lang_is(both[i], english[w], NULL, "one.example", "en");
        engine_free(both[i]);
    }
    free_kept(k);
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

static void bytes_that_are_no_article_are_refused(void **state)
{
    (void)state;
    struct engine *e = engine_new(1, 1);
    struct buf packed;
    buf_init(&packed, 1 << 20);
    add(e, "A title of some words", NULL, "en", "one.example", NOON);
    engine_pack(e, 1, &packed);
    struct engine *other = engine_new(1, 1);
    assert_false(engine_restore(other, 1, 1, packed.p, packed.len - 1));
    assert_false(engine_restore(other, 1, 1, packed.p, 8));
    assert_true(engine_restore(other, 1, 1, packed.p, packed.len));
    buf_free(&packed);
    engine_free(other);
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

/* Asking changes nothing: an engine that is asked of texts between articles saves the same bytes,
 * and decides the same, as one that is not. */
static void what_is_asked_of_leaves_no_trace(void **state)
{
    enum { MOST = 400 };
    struct engine *asked = engine_new(1, 1), *left_alone = engine_new(1, 1);
    struct stream a = {.state = 7, .clock = NOON}, b = a, other = {.state = 9, .clock = NOON};
    size_t found = 0;
    (void)state;
    for (size_t i = 1; i <= MOST; i++) {
        struct engine_result x, y;
        struct engine_near near[3];
        struct buf saved[2];
        next_article(&other);
        const struct engine_article text = {.title = other.title,
                                            .body = other.body,
                                            .lang = "en",
                                            .publisher = "",
                                            .published = a.clock,
                                            .seen = a.clock};
        size_t n = engine_nearest(asked, &text, near, 3);
        for (size_t k = 0; k < n; k++)
            found += near[k].joins;
        assert_int_equal(add_next(asked, &a, &x), add_next(left_alone, &b, &y));
        assert_int_equal(x.n_changes, y.n_changes);
        for (int k = 0; k < 2; k++) {
            buf_init(&saved[k], 8 << 20);
            engine_save_rarity(k ? left_alone : asked, &saved[k]);
            engine_pack(k ? left_alone : asked, i, &saved[k]);
        }
        assert_int_equal(saved[0].len, saved[1].len);
        assert_memory_equal(saved[0].p, saved[1].p, saved[0].len);
        buf_free(&saved[0]);
        buf_free(&saved[1]);
    }
    assert_true(found > 0);
    engine_free(asked);
    engine_free(left_alone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(restart_changes_nothing),
        cmocka_unit_test(same_articles_give_same_events),
        cmocka_unit_test(reports_of_one_happening_meet),
        cmocka_unit_test(look_alikes_stay_apart),
        cmocka_unit_test(other_names_part_what_nothing_else_makes_one),
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
        cmocka_unit_test(an_event_of_two_stories_is_split),
        cmocka_unit_test(many_articles_that_are_far_apart_are_two_stories),
        cmocka_unit_test(many_articles_about_others_are_two_stories),
        cmocka_unit_test(what_must_be_together_is_not_split),
        cmocka_unit_test(what_is_kept_apart_neither_joins_nor_merges),
        cmocka_unit_test(what_must_be_together_comes_together),
        cmocka_unit_test(links_that_contradict_are_refused),
        cmocka_unit_test(chosen_articles_are_split_off),
        cmocka_unit_test(copies_that_part_have_an_origin_each),
        cmocka_unit_test(copies_are_found),
        cmocka_unit_test(a_publishers_standing_text_makes_no_copy),
        cmocka_unit_test(an_agencys_text_may_be_cut_more),
        cmocka_unit_test(copies_that_meet_by_a_merge_are_found),
        cmocka_unit_test(what_is_older_than_the_window_revives_nothing),
        cmocka_unit_test(dates_to_come_and_none_count_as_now),
        cmocka_unit_test(a_clock_that_leaps_does_no_lasting_harm),
        cmocka_unit_test(an_edited_article_is_weighed_anew_where_it_is),
        cmocka_unit_test(an_edit_makes_a_copy_and_ends_one),
        cmocka_unit_test(languages_do_not_mix),
        cmocka_unit_test(the_title_says_more_of_the_language_than_a_quote),
        cmocka_unit_test(what_a_publisher_writes_stands_for_its_feeds_claim),
        cmocka_unit_test(an_event_expires_with_its_last_article),
        cmocka_unit_test(bytes_that_are_no_article_are_refused),
        cmocka_unit_test(a_decision_says_why),
        cmocka_unit_test(what_is_asked_of_leaves_no_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
