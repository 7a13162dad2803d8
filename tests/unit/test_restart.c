/* The engine decides the same of the same articles, also after a restart or a question. */
#include "engine_cases.h"

#include "base/mem.h"

#include <stdio.h>

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
        cmocka_unit_test(bytes_that_are_no_article_are_refused),
        cmocka_unit_test(what_is_asked_of_leaves_no_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
