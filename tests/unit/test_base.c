#include "unit.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/moment.h"
#include "base/pool.h"
#include "base/quantity.h"
#include "base/slabs.h"
#include "base/texts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void buf_keeps_its_ceiling(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 10);
    assert_true(buf_adds(&b, "12345"));
    assert_true(buf_adds(&b, "67890"));
    assert_false(buf_addc(&b, 'x'));
    assert_true(b.full);
    assert_string_equal(buf_text(&b), "1234567890");
    buf_cut(&b, 3);
    assert_true(buf_addc(&b, 'x'));
    assert_string_equal(buf_text(&b), "123x");
    buf_cut(&b, 9);
    assert_string_equal(buf_text(&b), "123x");
    buf_clear(&b);
    buf_cut(&b, 0);
    assert_true(buf_addf(&b, "%d", 42));
    assert_string_equal(buf_text(&b), "42");
    buf_free(&b);
}

static void buf_formats_long_texts(void **state)
{
    (void)state;
    struct buf b;
    char text[1001];
    memset(text, 'a', 1000);
    text[1000] = 0;
    buf_init(&b, 4096);
    assert_true(buf_addf(&b, "<%s>", text));
    assert_int_equal(b.len, 1002);
    assert_int_equal(b.p[1001], '>');
    buf_free(&b);
}

/* Values are stored: they may never change. */
static void hashes_are_those_of_format_1(void **state)
{
    (void)state;
    assert_true(hash64("", 0, 0) == 0x2d06800538d394c2);
    assert_true(hash64("storyd", 6, 1) == hash64("storyd", 6, 1));
    assert_true(hash64("storyd", 6, 1) != hash64("storyd", 6, 2));
    assert_true(hash_pair(1, 2) != hash_pair(2, 1));
}

/* Against a plain array, through growth and deletions that shift entries back. */
static void map_finds_what_was_put(void **state)
{
    enum { N = 5000 };
    static char there[N];
    (void)state;
    struct map m = {0};
    uint64_t random = 1;
    memset(there, 0, sizeof there);
    for (int i = 0; i < 100000; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        uint64_t key = (random >> 33) % N;
        if (random >> 63 && key) {
            map_put(&m, key, &there[key]);
            there[key] = 1;
        } else {
            map_remove(&m, key);
            there[key] = 0;
        }
    }
    size_t n = 0;
    for (uint64_t key = 1; key < N; key++) {
        assert_ptr_equal(map_get(&m, key), there[key] ? &there[key] : NULL);
        n += there[key] != 0;
    }
    assert_int_equal(m.n, n);
    map_free(&m);
}

static void hashes_of_pieces_are_those_of_the_whole(void **state)
{
    char text[3000];
    (void)state;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i * 7);
    for (size_t piece = 1; piece < 700; piece = piece * 3 + 1) {
        struct hash_state *h = hash_begin(5);
        assert_true(hash_sofar(h) == hash64("", 0, 5));
        for (size_t i = 0; i < sizeof text; i += piece)
            hash_more(h, text + i, sizeof text - i < piece ? sizeof text - i : piece);
        assert_true(hash_sofar(h) == hash64(text, sizeof text, 5));
        hash_end(h);
    }
}

/* Pieces of several chunks that go in another order than they came keep what was written. */
static void arena_keeps_its_pieces(void **state)
{
    enum { N = 3000, MOST = 3000 };
    static unsigned char *pieces[N];
    static size_t sizes[N];
    (void)state;
    struct arena a = {0};
    uint64_t random = 1;
    for (int i = 0; i < 20 * N; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        int at = (int)((random >> 33) % N);
        if (pieces[at]) {
            for (size_t k = 0; k < sizes[at]; k++)
                assert_int_equal(pieces[at][k], at % 256);
            arena_put(&a, pieces[at]);
        }
        sizes[at] = (random >> 40) % MOST;
        pieces[at] = arena_get(&a, sizes[at]);
        memset(pieces[at], at % 256, sizes[at]);
    }
    for (int i = 0; i < N; i++)
        if (pieces[i])
            arena_put(&a, pieces[i]);
    arena_free(&a);
}

/* What is put back is given again before there is more. */
static void pool_gives_again_what_was_put(void **state)
{
    enum { N = 2 * POOL_CHUNK + 1 };
    (void)state;
    struct pool p = {.size = sizeof(struct pool_vacant)};
    uint32_t number;
    for (uint32_t i = 0; i < N; i++) {
        *(uint32_t *)pool_get(&p, &number) = i;
        assert_int_equal(number, i);
    }
    for (uint32_t i = 0; i < N; i++)
        assert_int_equal(*(uint32_t *)pool_at(&p, i), i);
    pool_put(&p, 7);
    pool_put(&p, N - 1);
    assert_ptr_equal(pool_get(&p, &number), pool_at(&p, N - 1));
    assert_int_equal(number, N - 1);
    assert_ptr_equal(pool_get(&p, &number), pool_at(&p, 7));
    assert_int_equal(number, 7);
    pool_free(&p);
}

/* Against plain copies, through growth into every size and back. */
static void slabs_keep_their_pieces(void **state)
{
    enum { N = 300, MOST = 100000 };
    static unsigned char *pieces[N];
    static size_t sizes[N];
    (void)state;
    struct slabs s = {0};
    uint64_t random = 1;
    for (int i = 0; i < 20 * N; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        int at = (int)((random >> 33) % N);
        if (pieces[at]) {
            for (size_t k = 0; k < sizes[at]; k += 97)
                assert_int_equal(pieces[at][k], at % 256);
            slabs_put(&s, pieces[at], sizes[at]);
        }
        size_t asked = (random >> 40) % MOST >> (random >> 20) % 10;
        sizes[at] = asked;
        pieces[at] = slabs_get(&s, &sizes[at]);
        assert_true(sizes[at] >= asked);
        memset(pieces[at], at % 256, sizes[at]);
    }
    for (int i = 0; i < N; i++)
        if (pieces[i])
            slabs_put(&s, pieces[i], sizes[i]);
    slabs_free(&s);
}

/* Short ones share pieces, long ones have their own, and none moves when another is added. */
static void texts_stay_as_they_were_added(void **state)
{
    (void)state;
    enum { N = 3000, LONG = 100000 };
    struct texts t = {0};
    char *kept[N], *long_text = mem_alloc(LONG), word[32];
    memset(long_text, 'x', LONG);
    for (int i = 0; i < N; i++) {
        snprintf(word, sizeof word, "text %d", i);
        kept[i] = i % 500 ? texts_add(&t, word) : texts_addn(&t, long_text, (size_t)(LONG - i));
    }
    for (int i = 0; i < N; i++) {
        snprintf(word, sizeof word, "text %d", i);
        if (i % 500)
            assert_string_equal(kept[i], word);
        else
            assert_int_equal(strspn(kept[i], "x"), LONG - i);
    }
    assert_string_equal(texts_add(&t, ""), "");
    texts_free(&t);
    assert_null(t.last);
    free(long_text);
}

static void hex_digits_are_read_and_written(void **state)
{
    static const char digits[] = "0123456789abcdef", upper[] = "ABCDEF";
    char text[2 * 256 + 1];
    unsigned char bytes[256];
    (void)state;
    for (int c = 0; c < 256; c++) {
        const char *d = c ? strchr(digits, c) : NULL, *u = c ? strchr(upper, c) : NULL;
        int want = d ? (int)(d - digits) : u ? (int)(u - upper) + 10 : -1;
        assert_int_equal(hex_value((char)c), want);
        bytes[c] = (unsigned char)c;
    }
    hex_write(text, bytes, sizeof bytes);
    assert_int_equal(strlen(text), 2 * sizeof bytes);
    for (int c = 0; c < 256; c++) {
        char encoded[4] = {'%', text[2 * c], text[2 * c + 1], 0};
        assert_int_equal(hex_percent(encoded, encoded + 3), c);
        assert_int_equal(hex_percent(encoded, encoded + 2), -1);
        assert_int_equal(hex_percent(encoded + 1, encoded + 3), -1);
    }
    static const char wrong[] = "%4g%g4";
    assert_int_equal(hex_percent(wrong, wrong + 3), -1);
    assert_int_equal(hex_percent(wrong + 3, wrong + 6), -1);
    hex_write(text, bytes, 0);
    assert_string_equal(text, "");
}

static void quantities_are_read_and_written(void **state)
{
    static const struct {
        const struct quantity_unit *units;
        const char *text;
        int64_t number; /* -1: none */
        const char *written;
    } table[] = {
        {quantity_durations, "250ms", 250, "250ms"},
        {quantity_durations, "30s", 30000, "30s"},
        {quantity_durations, "90m", 5400000, "90m"},
        {quantity_durations, "1.5 h", 5400000, "90m"},
        {quantity_durations, "24H", 86400000, "1d"},
        {quantity_durations, "7d", 604800000, "7d"},
        {quantity_durations, "0d", 0, "0d"},
        {quantity_durations, "1e30d", INT64_MAX, NULL},
        {quantity_durations, "30", -1, NULL},
        {quantity_durations, "", -1, NULL},
        {quantity_durations, "h", -1, NULL},
        {quantity_durations, "-1h", -1, NULL},
        {quantity_durations, " 1h", -1, NULL},
        {quantity_durations, "0x10h", -1, NULL},
        {quantity_durations, "1e999h", -1, NULL},
        {quantity_durations, "1KiB", -1, NULL},
        {quantity_durations, "1h30m", -1, NULL},
        {quantity_sizes, "64kib", 65536, "64KiB"},
        {quantity_sizes, "1024MiB", 1 << 30, "1GiB"},
        {quantity_sizes, "1h", -1, NULL},
        {quantity_counts, "12", 12, "12"},
        {quantity_counts, "12s", -1, NULL},
    };
    struct buf b;
    (void)state;
    buf_init(&b, 100);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        int64_t number = -1;
        if (quantity_read(table[i].units, table[i].text, &number) != (table[i].number >= 0) ||
            number != table[i].number)
            fail_msg("%s", table[i].text);
        buf_clear(&b);
        quantity_write(table[i].units, number, &b);
        if (table[i].written)
            assert_string_equal(buf_text(&b), table[i].written);
    }
    buf_free(&b);
}

static void moments_have_one_form(void **state)
{
    enum { NOW = 1774965600, NONE = -99 };
    static const struct {
        const char *text;
        int64_t begins, ends;
    } table[] = {
        {"2026-03-31", 1774915200, 1774915200 + 86399},
        {"2026-03-31T14:00:00Z", NOW, NOW},
        {"2026-03-31t14:00:00z", NOW, NOW},
        {"2026-03-31 14:00", NOW, NOW},
        {"2026-03-31T14:00:00.25+02:00", NOW - 7200, NOW - 7200},
        {"1774965600", NOW, NOW},
        {"0", 0, 0},
        {"-5", -5, -5},
        {"90m", NOW - 5400, NOW - 5400},
        {"3d", NOW - 3 * 86400, NOW - 3 * 86400},
        {"2026", NONE, NONE}, /* a year, or early in 1970? */
        {"2026-03", NONE, NONE},
        {"20260331", 20260331, 20260331},
        {"2026-02-30", NONE, NONE},
        {"2026-03-31x", NONE, NONE},
        {"2026-03-31T14:00 CET", NONE, NONE},
        {"2026-03-31T25:00:00Z", NONE, NONE},
        {"31 Mar 2026", NONE, NONE},
        {"99999999999999999999", NONE, NONE},
        {"1e9", NONE, NONE},
        {"", NONE, NONE},
        {"-", NONE, NONE},
        {"soon", NONE, NONE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        for (int ends = 0; ends < 2; ends++) {
            int64_t got = NONE, wanted = ends ? table[i].ends : table[i].begins;
            if (!moment_read(table[i].text, NOW, ends, &got))
                got = NONE;
            if (got != wanted)
                fail_msg("%s: %lld", table[i].text, (long long)got);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buf_keeps_its_ceiling),
        cmocka_unit_test(buf_formats_long_texts),
        cmocka_unit_test(hashes_are_those_of_format_1),
        cmocka_unit_test(map_finds_what_was_put),
        cmocka_unit_test(arena_keeps_its_pieces),
        cmocka_unit_test(pool_gives_again_what_was_put),
        cmocka_unit_test(slabs_keep_their_pieces),
        cmocka_unit_test(texts_stay_as_they_were_added),
        cmocka_unit_test(hashes_of_pieces_are_those_of_the_whole),
        cmocka_unit_test(hex_digits_are_read_and_written),
        cmocka_unit_test(quantities_are_read_and_written),
        cmocka_unit_test(moments_have_one_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
