/* The engine: which articles repeat another one's text, also after a merge, a split or an edit. */
#include "engine_cases.h"

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

/* The same first half, then each its own words: no copy, unless one agency is credited with both.
 */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_that_part_have_an_origin_each),
        cmocka_unit_test(copies_are_found),
        cmocka_unit_test(a_publishers_standing_text_makes_no_copy),
        cmocka_unit_test(an_agencys_text_may_be_cut_more),
        cmocka_unit_test(copies_that_meet_by_a_merge_are_found),
        cmocka_unit_test(an_edited_article_is_weighed_anew_where_it_is),
        cmocka_unit_test(an_edit_makes_a_copy_and_ends_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
