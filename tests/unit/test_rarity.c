/* How rare a term is, and the frames of titles. */
#include "unit.h"

#include "text/rarity.h"
#include "text/roundup.h"

static void count(struct rarity *r, uint32_t id, int articles)
{
    for (int i = 0; i < articles; i++) {
        rarity_article(r);
        rarity_term(r, id, false, true);
    }
}

/* A live page or an explainer is of the happening that its title names; a frame that names none, a
 * briefing and a dated daily text are round-ups. */
static void frames_of_titles(void **state)
{
    static const struct {
        const char *title, *lang;
        enum title_frame frame;
    } table[] = {
        {"Ferry sinks off Kalmar, 28 missing", "en", FRAME_NONE},
        {"Live updates: Ferry sinks off Kalmar, 28 missing", "en", FRAME_RUNNING},
        {"What to know about the ferry that sank off Kalmar", "en", FRAME_RUNNING},
        {"Kalmar ferry disaster - as it happened", "en", FRAME_RUNNING},
        {"Ferry disaster in Kalmar: What you need to know", "en", FRAME_RUNNING},
        {"Live updates", "en", FRAME_ROUNDUP},
        {"Tuesday: what you need to know", "en", FRAME_ROUNDUP},
        {"En vivo: naufragio del ferry frente a Kalmar", "es", FRAME_RUNNING},
        {"Morning briefing: ferry sinks off Kalmar", "en", FRAME_ROUNDUP},
        {"Your horoscope for the week", "en", FRAME_ROUNDUP},
        {"Harbour notices for April 28, 2020", "en", FRAME_ROUNDUP},
    };
    (void)state;
    struct langs *langs = langs_new();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct terms t = {0};
        terms_extract(langs_get(langs, table[i].lang), table[i].title, NULL, &t);
        if (title_frame(table[i].title, terms_of_title(&t)) != table[i].frame)
            fail_msg("%s", table[i].title);
        terms_free(&t);
    }
    langs_free(langs);
}

/* A subject that fills the news loses its weight, and regains it when it is over. */
static void rarity_fades(void **state)
{
    (void)state;
    struct langs *l = langs_new();
    struct rarity *r = rarity_new(l, 2, 100);
    uint32_t id = term_id("plague", 6), other = term_id("ferri", 5);
    assert_true(rarity_day(r, 1000));
    double before = rarity_idf(r, id);
    count(r, id, 500);
    double during = rarity_idf(r, id);
    assert_true(during < before / 3);
    for (int64_t day = 1001; day < 1030; day++) {
        assert_true(rarity_day(r, day));
        count(r, other, 100);
    }
    assert_true(rarity_idf(r, id) > before * 0.9);
    assert_false(rarity_day(r, 1029));
    double now = rarity_idf(r, other);
    assert_true(rarity_day(r, 5)); /* a clock that went back, and one that leaps */
    assert_float_equal(rarity_idf(r, other), now, 1e-3);
    assert_true(rarity_day(r, 99999));
    assert_true(rarity_idf(r, other) < before * 0.9);
    rarity_free(r);
    langs_free(l);
}

static void rarity_is_saved_to_the_bit(void **state)
{
    (void)state;
    struct langs *l = langs_new();
    struct rarity *a = rarity_new(l, 3, 100), *b = rarity_new(l, 3, 100);
    struct buf saved, again;
    buf_init(&saved, 1 << 20);
    buf_init(&again, 1 << 20);
    rarity_day(a, 1000);
    for (uint32_t id = 1; id < 3000; id++)
        count(a, id * 7919, (int)(id % 5) + 1);
    rarity_day(a, 1001);
    rarity_save(a, &saved);
    assert_true(rarity_load(b, saved.p, saved.len));
    rarity_save(b, &again);
    assert_int_equal(saved.len, again.len);
    assert_memory_equal(saved.p, again.p, saved.len);
    for (uint32_t id = 1; id < 3000; id++)
        assert_true(!(rarity_idf(a, id * 7919) < rarity_idf(b, id * 7919)) &&
                    !(rarity_idf(a, id * 7919) > rarity_idf(b, id * 7919)));
    assert_false(rarity_load(b, saved.p, saved.len - 1));
    assert_false(rarity_load(b, "nonsense", 8));
    buf_free(&saved);
    buf_free(&again);
    rarity_free(a);
    rarity_free(b);
    langs_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_of_titles),
        cmocka_unit_test(rarity_fades),
        cmocka_unit_test(rarity_is_saved_to_the_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
