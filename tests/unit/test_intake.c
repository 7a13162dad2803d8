/* Documents on their way in: where reading begins. */
#include "unit.h"

#include "base/buf.h"
#include "poll/intake.h"

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
        cmocka_unit_test(reading_begins_where_a_document_differs),
        cmocka_unit_test(short_documents_are_compared_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
