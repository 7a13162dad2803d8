/* Feeds: ceilings of size and time. */
#include "unit.h"

#include "base/buf.h"
#include "feed/parser.h"

#include <string.h>
#include <time.h>

static void abandoned(void **state)
{
    struct feed_parser *p = feed_parser_new("http://h/", "text/xml");
    (void)state;
    for (int i = 0; i < 1000; i++)
        feed_parser_push(p, "<rss><channel xml:base='/x'>", 28);
    feed_parser_abandon(p);
}

static struct feed *repeat(const char *start, const char *piece, size_t n, const char *end)
{
    struct buf b;
    struct feed *f = NULL;
    buf_init(&b, 64u << 20);
    buf_adds(&b, start);
    for (size_t i = 0; i < n; i++)
        buf_adds(&b, piece);
    buf_adds(&b, end);
    clock_t before = clock();
    (void)feed_parse(buf_text(&b), b.len, "http://h/", NULL, &f);
    if (clock() - before > 5 * CLOCKS_PER_SEC)
        fail_msg("slow: %s", piece);
    buf_free(&b);
    return f;
}

static void ceilings(void **state)
{
    (void)state;
    struct feed *f = repeat("<rss><channel>", "<item><title>t</title></item>", FEED_MAX_ITEMS + 5,
                            "</channel></rss>");
    assert_int_equal(f->n_items, FEED_MAX_ITEMS);
    assert_int_equal(f->dropped, 5);
    feed_free(f);
    f = repeat("<rss><item>", "<category>c</category>", 3, "<category>d</category></item></rss>");
    assert_int_equal(f->items[0].n_categories, 2);
    feed_free(f);
    f = repeat("<rss><item><title>t</title><description>", "0123456789abcdef",
               FEED_MAX_TEXT / 16 + 9, "</description></item></rss>");
    assert_true(strlen(f->items[0].summary) <= FEED_MAX_TEXT);
    assert_true(f->dropped > 0);
    assert_string_equal(f->items[0].title, "t");
    feed_free(f);
    f = repeat("<rss><item><title>t</title></item>", "<a>", 100000, "</rss>");
    assert_int_equal(f->n_items, 1);
    feed_free(f);
}

/* Entities that would grow without end, and files that would be read. */
static void hostile_entities(void **state)
{
    const char *text = "<?xml version=\"1.0\"?><!DOCTYPE rss ["
                       "<!ENTITY a \"0123456789\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">"
                       "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">"
                       "<!ENTITY f SYSTEM \"file:///etc/passwd\">]>"
                       "<rss><channel><title>x &a; &c; &f;</title></channel></rss>";
    struct feed *f;
    (void)state;
    assert_int_equal(feed_parse(text, strlen(text), NULL, NULL, &f), FEED_OK);
    assert_null(strstr(f->title, "root"));
    assert_true(strlen(f->title) < 100);
    feed_free(f);
}

/* Whatever a document is, and however it is broken, reading it takes as many turns as it is long:
 * no turn does much more than it was asked to. */
static void long_documents_take_turns(void **state)
{
    enum { SLICE = 1 << 16, LENGTH = 4 << 20 };
    static const struct {
        const char *type, *start, *piece, *end;
    } documents[] = {
        {NULL, "<rss><channel>", "<item><title>t</title></item>", "</channel></rss>"},
        {NULL, "<rss><channel>", "<item><title>t & u</title></item>", "</channel></rss>"},
        {NULL, "<rss><channel>", "<item><title>t</title></item>", "</rss>"},
        {"text/xml; charset=iso-8859-1", "<rss><channel>", "<item><title>\xe9</title></item>",
         "</channel></rss>"},
        {"text/xml; charset=shift_jis", "<rss><channel>", "<item><title>\x83\x65</title></item>",
         "</channel></rss>"},
        {"application/json", "{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[",
         "{\"id\":\"1\",\"title\":\"t\"},", "{\"id\":\"2\"}]}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        struct feed_parser *p = feed_parser_new("http://h/", documents[i].type);
        struct feed *f;
        size_t added = 0, turns = 0;
        feed_parser_add(p, documents[i].start, strlen(documents[i].start));
        for (size_t n = strlen(documents[i].piece); added < LENGTH; added += n)
            feed_parser_add(p, documents[i].piece, n);
        feed_parser_add(p, documents[i].end, strlen(documents[i].end));
        feed_parser_close(p);
        while (feed_parser_read(p, SLICE))
            turns++;
        if (turns < LENGTH / SLICE / 2 || turns > 8 * LENGTH / SLICE)
            fail_msg("%s: %zu turns", documents[i].piece, turns);
        assert_int_equal(feed_parser_end(p, &f), FEED_OK);
        assert_int_equal(f->n_items, FEED_MAX_ITEMS);
        assert_true(f->dropped > 1000);
        feed_free(f);
    }
}

/* What libxml2 would compare with each other, or repeat, is left to the loose reader in time. */
static void nothing_grows_with_the_square(void **state)
{
    static const struct {
        const char *start, *piece, *end;
    } documents[] = {
        {"<rss><channel><item ", "a%d='' ", "/></channel></rss>"},
        {"<rss><channel><item ", "xmlns:a%d='u%d' ", "/></channel></rss>"},
        {"<rss><channel>", "<a xmlns:b%d='u%d'>", "</channel></rss>"},
        {"<!DOCTYPE rss [", "<!ATTLIST item a%d CDATA 'x'>", "]><rss><channel></channel></rss>"},
        {"<!DOCTYPE rss [<!ATTLIST item a CDATA 'x' b CDATA 'y' c CDATA 'z'>]><rss><channel>",
         "<item x='%d'/>", "</channel></rss>"},
        {"<!DOCTYPE rss [", "<!ENTITY a%d 'x'>", "]><rss><channel></channel></rss>"},
        {"<!DOCTYPE rss [<!ENTITY a 'xxxxxxxxxxxxxxxxxxxxxxxxxx'>]><rss><channel><item><title>",
         "&a;%d", "</title></item></channel></rss>"},
        {"<rss><channel><item a='", ">%d", "'/></channel></rss>"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        struct buf b;
        struct feed *f = NULL;
        buf_init(&b, 64u << 20);
        buf_adds(&b, documents[i].start);
        const char *hole = strstr(documents[i].piece, "%d"), *rest = hole + 2;
        const char *second = strstr(rest, "%d");
        for (int k = 0; b.len < 4u << 20; k++) {
            buf_addf(&b, "%.*s%d", (int)(hole - documents[i].piece), documents[i].piece, k);
            if (second)
                buf_addf(&b, "%.*s%d%s", (int)(second - rest), rest, k, second + 2);
            else
                buf_adds(&b, rest);
        }
        buf_adds(&b, documents[i].end);
        clock_t before = clock();
        assert_int_equal(feed_parse(buf_text(&b), b.len, "http://h/", NULL, &f), FEED_OK);
        if (clock() - before > 5 * CLOCKS_PER_SEC)
            fail_msg("slow: %s", documents[i].piece);
        feed_free(f);
        buf_free(&b);
    }
}

static void linear(void **state)
{
    static const char *const pieces[] = {
        "<",
        "<a",
        "<a b=\"",
        "<a b=\"x\" c>",
        "</a>",
        "<a>",
        "&",
        "&a",
        "<![CDATA[",
        "<!--",
        "<?",
        "<!DOCTYPE [",
        "<item>",
        "<item><a>",
        "<a xmlns='b'>",
        "<p></q>",
        "<a b=c ",
        "\xff",
        "<a b='\"' ",
        "<author><author>",
        "<a b=\" <a b=' ",
        "<a href=\"\">",
        "]]>",
    };
    (void)state;
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        size_t n = (1 << 20) / strlen(pieces[i]);
        feed_free(repeat("<rss><channel><title>t</title>", pieces[i], n, ""));
        feed_free(repeat("<rss><item><description>", pieces[i], n, "</description></item></rss>"));
        feed_free(repeat("<rss><item x=\"", pieces[i], n, "\"></item></rss>"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(abandoned),
        cmocka_unit_test(ceilings),
        cmocka_unit_test(hostile_entities),
        cmocka_unit_test(linear),
        cmocka_unit_test(long_documents_take_turns),
        cmocka_unit_test(nothing_grows_with_the_square),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
