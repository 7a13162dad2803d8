#include "unit.h"

#include "base/buf.h"
#include "base/mem.h"
#include "net/coding.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static const char document[] =
    "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>T</title>"
    "</channel></rss>";

/* Packs with zlib: 31 gzip, 15 zlib, -15 neither. */
static struct buf packed(const void *bytes, size_t n, int kind)
{
    struct buf b;
    z_stream z = {0};
    unsigned char *out = mem_alloc(n + 1000);
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, kind, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (unsigned char *)(uintptr_t)bytes;
    z.avail_in = (unsigned)n;
    z.next_out = out;
    z.avail_out = (unsigned)n + 1000;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    buf_init(&b, 1 << 26);
    buf_add(&b, (const char *)out, z.total_out);
    deflateEnd(&z);
    free(out);
    return b;
}

static const char *take(void *arg, const char *bytes, size_t n)
{
    buf_add(arg, bytes, n);
    return NULL;
}

/* In pieces of that length; what is wrong, or NULL. */
static const char *unpack(const char *header, const struct buf *bytes, size_t piece, size_t max,
                          struct buf *out, bool *cut, char names[64])
{
    struct coding *c = coding_new(header, max, take, out);
    const char *wrong = NULL;
    for (size_t i = 0; i < bytes->len && !wrong; i += piece)
        wrong = coding_push(c, bytes->p + i, bytes->len - i < piece ? bytes->len - i : piece);
    if (!wrong)
        wrong = coding_end(c, cut);
    snprintf(names, 64, "%s", coding_names(c));
    coding_free(c);
    return wrong;
}

static void check(const char *header, struct buf bytes, const char *names)
{
    static const size_t pieces[] = {1, 2, 3, 7, 100000};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct buf out;
        bool cut;
        char got[64];
        buf_init(&out, 1 << 20);
        const char *wrong = unpack(header, &bytes, pieces[i], 1 << 20, &out, &cut, got);
        if (wrong || strcmp(buf_text(&out), document) != 0 || strcmp(got, names) != 0)
            fail_msg("%s in pieces of %zu: %s, \"%s\", %s", header ? header : "nothing", pieces[i],
                     wrong ? wrong : "taken", buf_text(&out), got);
        assert_false(cut);
        buf_free(&out);
    }
    buf_free(&bytes);
}

static struct buf plain(void)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_adds(&b, document);
    return b;
}

static struct buf once(int kind)
{
    return packed(document, sizeof document - 1, kind);
}

static struct buf twice(int inner, int outer)
{
    struct buf a = once(inner), b = packed(a.p, a.len, outer);
    buf_free(&a);
    return b;
}

static struct buf and_then(struct buf b, const char *more, size_t n)
{
    buf_add(&b, more, n);
    return b;
}

static void bytes_count_more_than_their_name(void **state)
{
    (void)state;
    static const char *const nothing[] = {
        NULL,          "",     "identity",   "UTF-8",   "none",
        "aws-chunked", "gzip", "gzip, gzip", "deflate", " ,, x-gzip"};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
        check(nothing[i], plain(), "");
        check(nothing[i], once(31), "gzip");
        check(nothing[i], twice(31, 31), "gzip, gzip");
    }
    check("deflate", once(15), "deflate");
    check("DEFLATE", once(-15), "deflate");
    check("aws-chunked,gzip", once(31), "gzip");
    check("gzip", once(15), "deflate");
    check("deflate, gzip", twice(15, 31), "deflate, gzip");
    check("gzip, deflate", twice(31, 15), "gzip, deflate");
    check("gzip", and_then(once(31), "\r\n", 2), "gzip");
    check("gzip", and_then(once(31), "\x1f\x8b nonsense", 11), "gzip");
    check("deflate", and_then(once(15), "behind", 6), "deflate");
}

static void members_are_read_one_after_the_other(void **state)
{
    (void)state;
    struct buf a = packed(document, 20, 31), b = packed(document + 20, sizeof document - 21, 31);
    buf_add(&a, b.p, b.len);
    buf_free(&b);
    check("gzip", a, "gzip");
}

static void what_breaks_off_is_handed_on_and_said(void **state)
{
    (void)state;
    for (size_t less = 1; less < 30; less++) {
        struct buf b = once(31), out;
        bool cut;
        char names[64];
        buf_init(&out, 1 << 20);
        b.len -= less;
        assert_null(unpack("gzip", &b, 10, 1 << 20, &out, &cut, names));
        assert_true(cut);
        assert_memory_equal(buf_text(&out), document, out.len);
        buf_free(&out);
        buf_free(&b);
    }
    struct buf b = once(31), out;
    bool cut;
    char names[64];
    buf_init(&out, 1 << 20);
    b.p[30] ^= 0x55;
    b.p[b.len - 6] ^= 0x55; /* and its check sum */
    assert_non_null(unpack("gzip", &b, 10, 1 << 20, &out, &cut, names));
    buf_free(&out);
    buf_free(&b);
}

/* What unpacks to much, in one layer or in one that is inside another and comes to nothing. */
static void no_layer_is_longer_than_it_may_be(void **state)
{
    (void)state;
    enum { LONG = 8 << 20, MAX = 1 << 16 };
    char *zeros = mem_zero(LONG), names[64];
    struct buf bomb = packed(zeros, LONG, 31), empty = packed("", 0, 31), empties, out;
    bool cut;
    buf_init(&out, 1 << 26);
    assert_non_null(unpack("gzip", &bomb, 1000, MAX, &out, &cut, names));
    assert_true(out.len <= MAX + (1 << 14));
    buf_clear(&out);
    buf_init(&empties, LONG);
    while (empties.len < LONG - 100)
        buf_add(&empties, empty.p, empty.len);
    struct buf hidden = packed(empties.p, empties.len, 31);
    assert_non_null(unpack("gzip, gzip", &hidden, 1000, MAX, &out, &cut, names));
    assert_int_equal(out.len, 0);
    buf_free(&hidden);
    buf_free(&empties);
    buf_free(&empty);
    buf_free(&bomb);
    buf_free(&out);
    free(zeros);
}

static void short_bodies(void **state)
{
    static const char *const bodies[] = {"", "<", "{}", "\x1f", "\x1f\x8b", "x"};
    static const char *const headers[] = {NULL, "gzip", "deflate",
                                          "gzip, deflate, gzip, gzip, gzip"};
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        for (size_t k = 0; k < sizeof headers / sizeof *headers; k++) {
            struct buf b, out;
            bool cut;
            char names[64];
            buf_init(&b, 100);
            buf_init(&out, 100);
            buf_adds(&b, bodies[i]);
            if (!unpack(headers[k], &b, 1, 100, &out, &cut, names) && !*names)
                assert_string_equal(buf_text(&out), bodies[i]);
            buf_free(&b);
            buf_free(&out);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_count_more_than_their_name),
        cmocka_unit_test(members_are_read_one_after_the_other),
        cmocka_unit_test(what_breaks_off_is_handed_on_and_said),
        cmocka_unit_test(no_layer_is_longer_than_it_may_be),
        cmocka_unit_test(short_bodies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
