#include "unit.h"

#include "cluster/found.h"
#include "sketch/index.h"
#include "sketch/shingles.h"
#include "sketch/weighted.h"

#include <stdbool.h>
#include <string.h>

static struct sketch_table table;

static int make_table(void **state)
{
    (void)state;
    sketch_table_make(&table);
    return 0;
}

static unsigned agreeing(const uint32_t *a, const uint32_t *b)
{
    unsigned n = 0;
    for (size_t i = 0; i < SKETCH_BANDS; i++)
        n += a[i] == b[i];
    return n;
}

/* Two halves shared: over many pairs, a third of the values agree (J = 1/3). */
static void agreement_follows_the_overlap(void **state)
{
    enum { TERMS = 40, PAIRS = 400 };
    (void)state;
    unsigned total = 0;
    for (uint32_t pair = 0; pair < PAIRS; pair++) {
        struct sketch_term a[TERMS], b[TERMS];
        uint32_t x[SKETCH_BANDS], y[SKETCH_BANDS];
        for (uint32_t i = 0; i < TERMS; i++) {
            uint32_t id = pair * 1000 + i + 1;
            a[i] = (struct sketch_term){id, 100};
            b[i] = (struct sketch_term){i < TERMS / 2 ? id : id + 500, 100};
        }
        sketch_weighted(&table, a, TERMS, x);
        sketch_weighted(&table, b, TERMS, y);
        total += agreeing(x, y);
    }
    double share = (double)total / (PAIRS * SKETCH_BANDS);
    assert_true(share > 0.30 && share < 0.37);
}

/* A term that weighs ten times the others is chosen ten times as often. */
static void weight_decides_what_is_chosen(void **state)
{
    enum { TERMS = 11, TEXTS = 500 };
    (void)state;
    unsigned heavy = 0;
    for (uint32_t text = 0; text < TEXTS; text++) {
        struct sketch_term t[TERMS];
        uint32_t out[SKETCH_BANDS];
        for (uint32_t i = 0; i < TERMS; i++)
            t[i] = (struct sketch_term){text * 100 + i + 1, i == 0 ? 200 : 20};
        sketch_weighted(&table, t, TERMS, out);
        for (size_t i = 0; i < SKETCH_BANDS; i++)
            heavy += out[i] == t[0].id;
    }
    double share = (double)heavy / (TEXTS * SKETCH_BANDS);
    assert_true(share > 0.47 && share < 0.53);
}

/* Sketches are stored: this version gives these values for ever. */
static void sketches_are_those_of_this_format(void **state)
{
    (void)state;
    const struct sketch_term t[] = {{11, 25}, {22, 50}, {33, 75}, {44, 100}};
    uint32_t out[SKETCH_BANDS], none[SKETCH_BANDS] = {0}, sum = 0;
    sketch_weighted(&table, t, 4, out);
    for (uint32_t i = 0; i < SKETCH_BANDS; i++)
        sum = sum * 31 + out[i];
    assert_int_equal(SKETCH_VERSION, 8);
    assert_int_equal(sum, 0x66f47d36);
    sketch_weighted(&table, t, 0, out);
    assert_memory_equal(out, none, sizeof none);
}

static void index_finds_the_newest(void **state)
{
    (void)state;
    struct index *x = index_new();
    uint32_t sketch[SKETCH_BANDS] = {7};
    for (uint32_t article = 1; article <= 100; article++)
        index_put(x, sketch, article, 1);
    uint32_t found[INDEX_FOUND + 1];
    assert_int_equal(index_find(x, sketch, 1, found), INDEX_NEWEST);
    assert_int_equal(found[0], 100);
    assert_int_equal(found[INDEX_NEWEST - 1], 100 - INDEX_NEWEST + 1);
    assert_int_equal(index_find(x, sketch, 99, found), 2);
    index_free(x);
}

/* What is put in late, and again, changes nothing of it: it stands where its number is. */
static void index_finds_the_same_in_whatever_order(void **state)
{
    enum { N = 40, STEP = 17 /* none of its factors */ };
    (void)state;
    struct index *in_order = index_new(), *jumping = index_new();
    uint32_t sketch[SKETCH_BANDS] = {7}, found[INDEX_FOUND + 1], other[INDEX_FOUND + 1];
    for (uint32_t i = 0; i < N; i++) {
        index_put(in_order, sketch, i + 1, 1);
        index_put(jumping, sketch, i * STEP % N + 1, 1);
        index_put(jumping, sketch, i * STEP % N + 1, 1);
    }
    for (uint32_t oldest = 1; oldest <= N; oldest++) {
        size_t n = index_find(in_order, sketch, oldest, found);
        assert_int_equal(index_find(jumping, sketch, oldest, other), n);
        assert_memory_equal(found, other, n * sizeof *found);
    }
    index_free(in_order);
    index_free(jumping);
}

/* One article alone, put in again, is found once. */
static void index_holds_an_article_once(void **state)
{
    (void)state;
    struct index *x = index_new();
    uint32_t sketch[SKETCH_BANDS] = {7}, found[INDEX_FOUND + 1];
    index_put(x, sketch, 3, 1);
    index_put(x, sketch, 3, 1);
    assert_int_equal(index_find(x, sketch, 1, found), 1);
    index_put(x, sketch, 2, 1);
    index_put(x, sketch, 2, 1);
    assert_int_equal(index_find(x, sketch, 1, found), 2);
    assert_int_equal(found[0], 3);
    index_free(x);
}

/* Growth loses nothing of the window, and forgets what is older. */
static void index_grows(void **state)
{
    enum { ARTICLES = 20000, OLDEST = 15000 };
    (void)state;
    struct index *x = index_new();
    for (uint32_t article = 1; article <= ARTICLES; article++) {
        uint32_t sketch[SKETCH_BANDS];
        for (uint32_t i = 0; i < SKETCH_BANDS; i++)
            sketch[i] = article * SKETCH_BANDS + i;
        index_put(x, sketch, article, article > 5000 ? article - 5000 : 1);
    }
    for (uint32_t article = OLDEST; article <= ARTICLES; article++) {
        uint32_t sketch[SKETCH_BANDS];
        for (uint32_t i = 0; i < SKETCH_BANDS; i++)
            sketch[i] = article * SKETCH_BANDS + i;
        uint32_t found[INDEX_FOUND + 1];
        assert_int_equal(index_find(x, sketch, OLDEST, found), SKETCH_BANDS);
    }
    index_free(x);
}

static void fill(uint32_t *words, size_t n, uint32_t from)
{
    for (size_t i = 0; i < n; i++)
        words[i] = from + (uint32_t)i;
}

static void copies_are_contained(void **state)
{
    (void)state;
    uint32_t words[200];
    struct shingles whole, cut, other, little;
    fill(words, 200, 1000);
    shingles_of(words, 200, &whole);
    shingles_of(words, 120, &cut);
    assert_true(shingles_contained(&whole, &cut) > 0.8);
    fill(words, 200, 5000);
    shingles_of(words, 200, &other);
    assert_true(shingles_contained(&whole, &other) < 0.2);
    shingles_of(words, 3, &little);
    assert_int_equal(little.n, 0);
    assert_true(shingles_contained(&whole, &little) < 0.01);
}

/* What comes first of events found at random, some of them often, against a plain count. */
static void found_events_come_in_order(void **state)
{
    enum { EVENTS = 200, NOTED = INDEX_FOUND, FIRST = 32 };
    (void)state;
    static struct found f;
    uint64_t random = 1;
    for (int round = 0; round < 300; round++) {
        unsigned hits[EVENTS] = {0}, taken = 0;
        found_begin(&f);
        for (int i = 0; i < NOTED; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            uint32_t event = (uint32_t)((random >> 33) % EVENTS * (random >> 50) % EVENTS);
            hits[event]++;
            found_note(&f, event, EVENTS - event); /* of those found as often the first is newer */
        }
        found_choose(f.rank, f.n, FIRST);
        for (unsigned times = NOTED; times > 0 && taken < FIRST; times--)
            for (uint32_t event = 0; event < EVENTS && taken < FIRST; event++) {
                if (hits[event] != times)
                    continue;
                bool there = false;
                for (size_t i = 0; i < FIRST && i < f.n; i++)
                    there |= found_event(&f, f.rank[i]) == event;
                assert_true(there);
                taken++;
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found_events_come_in_order),
        cmocka_unit_test(agreement_follows_the_overlap),
        cmocka_unit_test(weight_decides_what_is_chosen),
        cmocka_unit_test(sketches_are_those_of_this_format),
        cmocka_unit_test(index_finds_the_newest),
        cmocka_unit_test(index_finds_the_same_in_whatever_order),
        cmocka_unit_test(index_holds_an_article_once),
        cmocka_unit_test(index_grows),
        cmocka_unit_test(copies_are_contained),
    };
    return cmocka_run_group_tests(tests, make_table, NULL);
}
