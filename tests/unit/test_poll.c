#include "unit.h"

#include "poll/header.h"
#include "poll/intake.h"
#include "poll/sched.h"
#include "poll/when.h"

#include <stdlib.h>
#include <string.h>

/* Against the least of a plain array, with entries moved and taken out. */
static void the_first_is_due_first(void **state)
{
    enum { N = 300 };
    struct sched_entry entries[N] = {0};
    struct sched s = {0};
    uint64_t random = 7;
    (void)state;
    for (int i = 0; i < N; i++)
        entries[i].order = (uint64_t)i;
    for (int round = 0; round < 20000; round++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        struct sched_entry *e = &entries[(random >> 33) % N];
        if (random >> 62 == 0)
            sched_remove(&s, e);
        else
            sched_put(&s, e, (int64_t)(random >> 40) % 50);
        if (round % 50)
            continue;
        const struct sched_entry *least = NULL;
        for (int i = 0; i < N; i++)
            if (entries[i].place &&
                (!least || entries[i].due < least->due ||
                 (entries[i].due == least->due && entries[i].order < least->order)))
                least = &entries[i];
        assert_ptr_equal(sched_first(&s), least);
    }
    sched_free(&s);
}

static struct config defaults(void)
{
    struct config c;
    struct buf error;
    buf_init(&error, 4096);
    assert_true(config_read(NULL, &c, &error));
    buf_free(&error);
    return c;
}

static void waits(void **state)
{
    enum { M = 60, H = 3600 };
    static const struct {
        enum when_outcome outcome;
        uint64_t errors;
        int64_t retry_after, expected;
    } table[] = {
        {WHEN_NEW, 0, -1, 30 * M},
        {WHEN_UNCHANGED, 0, -1, 60 * M},
        {WHEN_FAILED, 1, -1, 30 * M},
        {WHEN_FAILED, 2, -1, 60 * M},
        {WHEN_FAILED, 4, -1, 4 * H},
        {WHEN_FAILED, 1000, -1, 24 * H}, /* a ceiling */
        {WHEN_BUSY, 1, -1, 4 * H},       /* hours where the server does not say */
        {WHEN_BUSY, 1, 7200, 2 * H},
        {WHEN_BUSY, 1, 1, 30 * M},        /* never sooner than an error's pause */
        {WHEN_BUSY, 1, 99999999, 24 * H}, /* nonsense is clamped */
    };
    (void)state;
    struct config c = defaults();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        int64_t least = when_next(&c, table[i].outcome, table[i].errors, table[i].retry_after, 0);
        int64_t most = when_next(&c, table[i].outcome, table[i].errors, table[i].retry_after, 1);
        assert_int_equal(least, table[i].expected);
        assert_true(most >= least && most <= least + least / 10); /* chance only adds */
    }
    config_free(&c);
}

static void retry_after_headers(void **state)
{
    enum { NOW = 1700000000 };
    static const struct {
        const char *header;
        int64_t expected;
    } table[] = {
        {"120", 120},
        {"0", 0},
        {"-5", -1},
        {"soon", -1},
        {NULL, -1},
        {"Tue, 14 Nov 2023 22:15:20 GMT", 120},
        {"Tue, 14 Nov 2000 22:15:20 GMT", -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(when_retry_after(table[i].header, NOW), table[i].expected);
}

/* ---- headers ----------------------------------------------------------------------------------
 */

static void headers_are_read_as_they_are(void **state)
{
    static const struct {
        const char *line, *name, *value; /* name NULL: none; value NULL: not kept */
    } table[] = {
        {"ETag: \"a b\"\r\n", "etag", "\"a b\""},
        {"etag:W/\"x:y\"", "ETag", "W/\"x:y\""},
        {"ETag:   \t x \t \r\n", "etag", "x"},
        {"ETag:\r\n", "etag", NULL},
        {"ETag: a\001b\r\n", "etag", NULL},
        {"ETag: a\177b\r\n", "etag", NULL},
        {"ETag: a\tb\r\n", "etag", "a\tb"},
        {"HTTP/1.1 200 OK\r\n", NULL, NULL},
        {"HTTP/1.1 200 a:b\r\n", NULL, NULL},
        {"\r\n", NULL, NULL},
        {": x\r\n", NULL, NULL},
        {" ETag: folded\r\n", NULL, NULL},
        {"E Tag: x\r\n", NULL, NULL},
        {"no colon", NULL, NULL},
        {"", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct header h;
        bool read = header_read(table[i].line, strlen(table[i].line), &h);
        if (read != (table[i].name != NULL))
            fail_msg("%s", table[i].line);
        if (!read)
            continue;
        assert_true(header_is(&h, table[i].name));
        assert_false(header_is(&h, "eta") || header_is(&h, "etags"));
        char *value = header_value(&h);
        assert_true(!value == !table[i].value);
        if (value)
            assert_string_equal(value, table[i].value);
        free(value);
    }
    assert_true(header_begins_answer("HTTP/2 200", 10));
    assert_false(header_begins_answer("HTTP", 4));
}

static void a_value_that_is_too_long_is_left_out(void **state)
{
    char line[HEADER_MAX_VALUE + 10] = "a:";
    struct header h;
    (void)state;
    memset(line + 2, 'x', HEADER_MAX_VALUE + 1);
    assert_true(header_read(line, HEADER_MAX_VALUE + 2, &h));
    char *value = header_value(&h);
    assert_int_equal(strlen(value), HEADER_MAX_VALUE);
    free(value);
    assert_true(header_read(line, HEADER_MAX_VALUE + 3, &h));
    assert_null(header_value(&h));
}

/* ---- documents on their way in ----------------------------------------------------------------
 */

/* A feed of `n` items whose first title is `title`. */
static void make_feed(struct buf *out, const char *title, int n)
{
    buf_clear(out);
    buf_addf(out, "<rss><channel><title>a</title><item><title>%s</title></item>", title);
    for (int i = 1; i < n; i++)
        buf_addf(out, "<item><title>item %d</title></item>", i);
    buf_adds(out, "</channel></rss>");
}

/* Adds it in pieces; how many bytes were there when reading began, or SIZE_MAX. */
static size_t add_all(struct intake *in, const struct buf *b)
{
    enum { PIECE = 1000 };
    size_t began = SIZE_MAX;
    for (size_t i = 0; i < b->len; i += PIECE) {
        intake_add(in, b->p + i, b->len - i < PIECE ? b->len - i : PIECE);
        if (intake_read(in, 100) && began == SIZE_MAX)
            began = intake_length(in);
    }
    intake_close(in);
    return began;
}

static void reading_begins_where_a_document_differs(void **state)
{
    (void)state;
    struct buf b;
    struct feed *f;
    buf_init(&b, 1 << 20);
    make_feed(&b, "first", 1000);
    struct intake *in = intake_new("http://h/", NULL, (struct intake_hashes){0, 0});
    assert_true(add_all(in, &b) < 4000); /* nothing is known: at once */
    struct intake_hashes first = intake_hashes(in);
    assert_true(first.all && first.head && !intake_unchanged(in));
    assert_int_equal(intake_end(in, &f), FEED_OK);
    assert_int_equal(f->n_items, 1000);
    feed_free(f);

    in = intake_new("http://h/", NULL, first); /* the same again: never */
    assert_true(add_all(in, &b) == SIZE_MAX);
    assert_true(intake_unchanged(in));
    assert_false(intake_read(in, SIZE_MAX));
    intake_abandon(in);

    make_feed(&b, "second", 1000); /* another start: as soon as that is known */
    in = intake_new("http://h/", NULL, first);
    size_t began = add_all(in, &b);
    assert_true(began > INTAKE_HEAD && began < INTAKE_HEAD + 2000);
    assert_false(intake_unchanged(in));
    assert_int_equal(intake_end(in, &f), FEED_OK);
    assert_int_equal(f->n_items, 1000);
    feed_free(f);

    make_feed(&b, "first", 1001); /* another end: when all is there */
    in = intake_new("http://h/", NULL, first);
    assert_true(add_all(in, &b) == SIZE_MAX);
    assert_false(intake_unchanged(in));
    assert_true(intake_read(in, 1000));
    assert_int_equal(intake_end(in, &f), FEED_OK);
    assert_int_equal(f->n_items, 1001);
    feed_free(f);
    buf_free(&b);
}

static void short_documents_are_compared_too(void **state)
{
    (void)state;
    struct buf b;
    struct feed *f;
    buf_init(&b, 1 << 20);
    make_feed(&b, "short", 2);
    struct intake *in = intake_new(NULL, NULL, (struct intake_hashes){0, 0});
    add_all(in, &b);
    struct intake_hashes first = intake_hashes(in);
    intake_abandon(in);
    in = intake_new(NULL, NULL, first);
    add_all(in, &b);
    assert_true(intake_unchanged(in));
    intake_abandon(in);
    make_feed(&b, "other", 2);
    in = intake_new(NULL, NULL, first);
    add_all(in, &b);
    assert_false(intake_unchanged(in));
    assert_int_equal(intake_end(in, &f), FEED_OK);
    feed_free(f);
    /* hashes of an older store, without that of the start: read, and found the same at the end */
    make_feed(&b, "short", 2);
    in = intake_new(NULL, NULL, (struct intake_hashes){0, first.all});
    add_all(in, &b);
    assert_true(intake_unchanged(in));
    intake_abandon(in);
    intake_abandon(NULL);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_is_due_first),
        cmocka_unit_test(waits),
        cmocka_unit_test(retry_after_headers),
        cmocka_unit_test(headers_are_read_as_they_are),
        cmocka_unit_test(a_value_that_is_too_long_is_left_out),
        cmocka_unit_test(reading_begins_where_a_document_differs),
        cmocka_unit_test(short_documents_are_compared_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
