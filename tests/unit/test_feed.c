#include "unit.h"

#include "base/buf.h"
#include "base/mem.h"
#include "feed/parser.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- golden files: what a document says, beside it as JSON
 * --------------------------------------- NAME.json has "feed" and "entries" with the fields to be
 * compared, and may have "url" and "type", what the document came with. Beside the members of the
 * structs there are "categories", "enclosures" (addresses) and "id_is_link". */
struct member {
    const char *name;
    enum { TEXT, TIME, NUMBER, BOOL } kind;
    size_t offset;
};

#define OF_FEED(kind, member)                                                                      \
    {                                                                                              \
#member, kind, offsetof(struct feed, member)                                               \
    }
#define OF_ITEM(kind, member)                                                                      \
    {                                                                                              \
#member, kind, offsetof(struct feed_item, member)                                          \
    }

static const struct member of_feed[] = {
    OF_FEED(TEXT, title),   OF_FEED(TEXT, title_html),  OF_FEED(TEXT, link),
    OF_FEED(TEXT, id),      OF_FEED(TEXT, description), OF_FEED(TEXT, language),
    OF_FEED(TEXT, author),  OF_FEED(TEXT, encoding),    OF_FEED(TEXT, self),
    OF_FEED(TEXT, hub),     OF_FEED(TEXT, next),        OF_FEED(TIME, published),
    OF_FEED(TIME, updated), OF_FEED(NUMBER, ttl),       OF_FEED(BOOL, malformed),
};

static const struct member of_item[] = {
    OF_ITEM(TEXT, id),           OF_ITEM(BOOL, id_is_link), OF_ITEM(TEXT, title),
    OF_ITEM(TEXT, title_html),   OF_ITEM(TEXT, link),       OF_ITEM(TEXT, orig_link),
    OF_ITEM(TEXT, summary),      OF_ITEM(TEXT, content),    OF_ITEM(TEXT, author),
    OF_ITEM(TEXT, source_title), OF_ITEM(TEXT, source_url), OF_ITEM(TEXT, image),
    OF_ITEM(TEXT, language),     OF_ITEM(TIME, published),  OF_ITEM(TIME, updated),
};

static json_t *value(const void *record, const struct member *m)
{
    const char *at = (const char *)record + m->offset;
    char *text;
    int64_t t;
    int number;
    bool yes;
    switch (m->kind) {
    case TEXT:
        memcpy(&text, at, sizeof text);
        return text ? json_string(text) : json_null();
    case TIME:
        memcpy(&t, at, sizeof t);
        return t == FEED_NO_TIME ? json_null() : json_integer(t);
    case NUMBER:
        memcpy(&number, at, sizeof number);
        return json_integer(number);
    case BOOL:
        memcpy(&yes, at, sizeof yes);
        return json_boolean(yes);
    }
    return NULL;
}

static json_t *record_json(const void *record, const struct member *m, size_t n)
{
    json_t *o = json_object();
    for (size_t i = 0; i < n; i++)
        json_object_set_new(o, m[i].name, value(record, &m[i]));
    return o;
}

static json_t *item_json(const struct feed_item *i)
{
    json_t *o = record_json(i, of_item, sizeof of_item / sizeof *of_item);
    json_t *categories = json_array(), *enclosures = json_array();
    for (size_t k = 0; k < i->n_categories; k++)
        json_array_append_new(categories, json_string(i->categories[k]));
    for (size_t k = 0; k < i->n_enclosures; k++)
        json_array_append_new(enclosures, json_string(i->enclosures[k].url));
    json_object_set_new(o, "categories", categories);
    json_object_set_new(o, "enclosures", enclosures);
    return o;
}

static int compare(const char *file, int entry, json_t *want, json_t *got)
{
    const char *name;
    json_t *expected;
    int failed = 0;
    json_object_foreach(want, name, expected)
    {
        const json_t *actual = json_object_get(got, name);
        if (!actual || !json_equal(expected, actual)) {
            char *text = json_dumps(actual, JSON_ENCODE_ANY);
            print_error("%s: entry %d: %s is %s\n", file, entry, name, text);
            free(text);
            failed++;
        }
    }
    return failed;
}

/* `slice`: read by as many bytes at a time as there may be time for; 0: as they come. */
static struct feed *read_file(const char *path, json_t *golden, size_t piece, size_t slice)
{
    char bytes[1 << 16];
    struct feed *f;
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    struct feed_parser *p = feed_parser_new(json_string_value(json_object_get(golden, "url")),
                                            json_string_value(json_object_get(golden, "type")));
    for (size_t n; (n = fread(bytes, 1, piece, in)) > 0;) {
        if (slice) {
            feed_parser_add(p, bytes, n);
            feed_parser_read(p, slice);
        } else {
            feed_parser_push(p, bytes, n);
        }
    }
    fclose(in);
    if (slice)
        feed_parser_close(p);
    while (slice && feed_parser_read(p, slice))
        ;
    if (feed_parser_end(p, &f) != FEED_OK)
        fail_msg("%s was refused", path);
    return f;
}

static int check_file(const char *path, size_t piece, size_t slice)
{
    char json_path[512];
    snprintf(json_path, sizeof json_path, "%.*s.json", (int)(strrchr(path, '.') - path), path);
    json_t *golden = json_load_file(json_path, 0, NULL);
    if (!golden)
        fail_msg("%s is missing or no JSON", json_path);
    struct feed *f = read_file(path, golden, piece, slice);
    json_t *got = record_json(f, of_feed, sizeof of_feed / sizeof *of_feed);
    int failed = compare(path, -1, json_object_get(golden, "feed"), got);
    json_decref(got);
    json_t *entries = json_object_get(golden, "entries");
    if (json_array_size(entries) != f->n_items)
        fail_msg("%s: %zu entries", path, f->n_items);
    for (size_t i = 0; i < f->n_items; i++) {
        got = item_json(&f->items[i]);
        failed += compare(path, (int)i, json_array_get(entries, i), got);
        json_decref(got);
    }
    feed_free(f);
    json_decref(golden);
    return failed;
}

static void golden_files(void **state)
{
    const char *folder = "tests/data/feeds";
    char path[512];
    int n = 0, failed = 0;
    DIR *d = opendir(folder);
    (void)state;
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        if (*e->d_name == '.' || strstr(e->d_name, ".json"))
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        failed += check_file(path, 1 << 16, 0) + check_file(path, 1, 0);
        failed += check_file(path, 1000, 0) + check_file(path, 1000, 10);
        failed += check_file(path, 1 << 16, 1) + check_file(path, 1, 1 << 16);
        n++;
    }
    closedir(d);
    assert_true(n > 5);
    assert_int_equal(failed, 0);
}

/* ---- encodings that are not what is said -------------------------------------------------------
 * Bytes that are valid UTF-8 with a longer character are UTF-8, whatever the header or the
 * declaration say; all others are what is said. */
static void encodings_that_are_not_what_is_said(void **state)
{
#define XML(encoding, title)                                                                       \
    "<?xml version='1.0' encoding='" encoding "'?><rss><channel><title>" title "</title></"        \
    "channel>"
    static const struct {
        const char *type, *document, *title, *encoding;
        bool cut; /* 2 bytes before the end, in a character */
    } rows[] = {
        {"text/xml; charset=ISO-8859-1", XML("UTF-8", "Kranführer"), "Kranführer", "utf-8", 0},
        {"text/xml; charset=iso-8859-1", XML("iso-8859-1", "Kranführer"), "Kranführer", "utf-8", 0},
        {"text/xml", XML("windows-1251", "Кран"), "Кран", "utf-8", 0},
        {"text/xml", XML("Shift_JIS", "港の灯"), "港の灯", "utf-8", 0},
        {"text/xml; charset=gb2312", XML("GBK", "港口"), "港口", "utf-8", 0},
        {"text/xml; charset=big5", XML("UTF-8", "港口"), "港口", "utf-8", 0},
        {"text/xml; charset=euc-kr", XML("us-ascii", "항구"), "항구", "utf-8", 0},
        {"text/xml; charset=us-ascii", XML("iso-8859-1", "ü"), "ü", "utf-8", 0},
        {"text/xml; charset=utf-16", XML("utf-16", "ü"), "ü", "utf-8", 0},
        {"text/xml; charset=iso-2022-jp", XML("utf-8", "港の灯"), "港の灯", "utf-8", 0},
        {"text/xml; charset=no-such-name", XML("neither-this", "ü"), "ü", "utf-8", 0},
        {"text/xml; charset=latin1", XML("utf-8", "港の灯"), "港の", "utf-8", true},
        {"application/json; charset=windows-1252",
         "{\"version\": \"https://jsonfeed.org/version/1.1\", \"title\": \"Kranführer\"}",
         "Kranführer", "utf-8", 0},
        /* text that became UTF-8 twice stays as it is */
        {"text/xml; charset=iso-8859-1", XML("utf-8", "KranfÃ¼hrer"), "KranfÃ¼hrer", "utf-8", 0},
        /* and what is no UTF-8, or ASCII alone, is what it says */
        {"text/xml; charset=iso-8859-1", XML("utf-8", "Kranf\xfchrer"), "Kranführer", "iso-8859-1",
         0},
        {"text/xml; charset=iso-8859-1", XML("utf-8", "Ã¼, then \xfc"), "ÃƒÂ¼, then ü",
         "iso-8859-1", 0},
        {"text/xml", XML("gb2312", "\xb8\xdb\xbf\xda"), "港口", "gb18030", 0},
        {"text/xml; charset=iso-2022-jp", XML("utf-8", "\x1b$B9A\x1b(B"), "港", "iso-2022-jp", 0},
        {"text/xml; charset=utf-7", XML("utf-7", "Kranf+APw-hrer"), "Kranführer", "utf-7", 0},
        {"text/xml; charset=iso-8859-1", XML("utf-8", "plain"), "plain", "iso-8859-1", 0},
    };
#undef XML
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct feed *f;
        size_t n = strlen(rows[i].document);
        if (rows[i].cut)
            n = (size_t)(strstr(rows[i].document, "灯") + 2 - rows[i].document);
        if (feed_parse(rows[i].document, n, NULL, rows[i].type, &f) != FEED_OK)
            fail_msg("row %zu was refused", i);
        assert_string_equal(f->title, rows[i].title);
        assert_string_equal(f->encoding, rows[i].encoding);
        feed_free(f);
    }
}

/* What is said is looked at in the whole document, however long it is plain ASCII. */
static void a_late_byte_that_is_no_utf8(void **state)
{
    static const char start[] = "<rss><channel><title>é</title><item><description>";
    static const char end[] =
        "</description></item><item><title>\xe9</title></item></channel></rss>";
    struct buf b;
    struct feed *f;
    (void)state;
    buf_init(&b, 1 << 20);
    buf_adds(&b, start);
    for (int i = 0; i < 50000; i++)
        buf_adds(&b, "ascii ");
    size_t before = b.len;
    buf_adds(&b, end);
    assert_int_equal(feed_parse(b.p, b.len, NULL, "text/xml; charset=iso-8859-1", &f), FEED_OK);
    assert_string_equal(f->encoding, "iso-8859-1");
    assert_string_equal(f->items[1].title, "é");
    feed_free(f);
    b.len = before;
    buf_adds(&b, "</description></item></channel></rss>");
    assert_int_equal(feed_parse(b.p, b.len, NULL, "text/xml; charset=iso-8859-1", &f), FEED_OK);
    assert_string_equal(f->encoding, "utf-8");
    assert_string_equal(f->title, "é");
    feed_free(f);
    buf_free(&b);
}

/* ---- what is no feed ----------------------------------------------------------------------------
 */
static void refused(void **state)
{
    static const struct {
        const char *text;
        enum feed_status status;
    } table[] = {
        {"", FEED_EMPTY},
        {" \n\t", FEED_EMPTY},
        {"\xef\xbb\xbf\n", FEED_EMPTY},
        {"<!DOCTYPE html><html><head><title>x</title></head><body><p>y</body></html>",
         FEED_IS_HTML},
        {"<html xmlns=\"http://www.w3.org/1999/xhtml\"><body/></html>", FEED_IS_HTML},
        {"<!DOCTYPE html><title>x</title><p>no end", FEED_IS_HTML},
        {"Not found", FEED_NOT_A_FEED},
        {"<opml><body/></opml>", FEED_NOT_A_FEED},
        {"{\"error\": 404}", FEED_NOT_A_FEED},
        {"{\"version\": \"https://jsonfeed.org/version/1\", \"items\": [", FEED_NOT_A_FEED},
        {"[]", FEED_NOT_A_FEED},
        {"\x1f\x8b\x08\x01", FEED_NOT_A_FEED},
    };
    struct feed *f;
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_int_equal(feed_parse(table[i].text, strlen(table[i].text), NULL, NULL, &f),
                         table[i].status);
        assert_null(f);
        assert_true(*feed_strerror(table[i].status));
    }
}

static void abandoned(void **state)
{
    struct feed_parser *p = feed_parser_new("http://h/", "text/xml");
    (void)state;
    for (int i = 0; i < 1000; i++)
        feed_parser_push(p, "<rss><channel xml:base='/x'>", 28);
    feed_parser_abandon(p);
}

/* ---- addresses --------------------------------------------------------------------------------
 */

#define ATOM(links, entry)                                                                         \
    "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title>" links                             \
    "<entry><title>A</title>" entry "</entry></feed>"
#define RSS(channel, item)                                                                         \
    "<rss version='2.0'><channel><title>T</title>" channel "<item><title>A</title>" item           \
    "</item></channel></rss>"
#define SITE "<link href='https://kestrel.example/'/>"

/* What the first item's link is in a document from there. */
static void addresses_without_a_scheme_or_a_host(void **state)
{
    static const struct {
        const char *url, *text, *link;
    } table[] = {
        /* Atom: to xml:base, else to the document */
        {"https://kestrel.example/blog/atom.xml", ATOM(SITE, "<link href='a/b.html'/>"),
         "https://kestrel.example/blog/a/b.html"},
        {"https://kestrel.example/blog/atom.xml", ATOM(SITE, "<link href='../b.html'/>"),
         "https://kestrel.example/b.html"},
        {"https://www.kestrel.example/blog/atom.xml", ATOM(SITE, "<link href='b.html'/>"),
         "https://www.kestrel.example/blog/b.html"},
        {"https://blog.kestrel.example/x/atom.xml", ATOM(SITE, "<link href='b.html'/>"),
         "https://blog.kestrel.example/x/b.html"},
        {"https://kestrel.example/blog/atom.xml",
         ATOM(SITE, "<link xml:base='/n/' href='b.html'/>"), "https://kestrel.example/n/b.html"},
        {"https://kestrel.example/blog/atom.xml",
         "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='posts/'>" SITE
         "<entry><link href='b.html'/></entry></feed>",
         "https://kestrel.example/blog/posts/b.html"},
        {NULL,
         ATOM(SITE "<link rel='self' href='https://kestrel.example/n/atom'/>",
              "<link href='b.html'/>"),
         "https://kestrel.example/n/b.html"},
        {NULL, ATOM(SITE, "<link href='b.html'/>"), "https://kestrel.example/b.html"},
        /* but not to where somebody passes it on */
        {"https://carrier.example/f/kestrel", ATOM(SITE, "<link href='b.html'/>"),
         "https://kestrel.example/b.html"},
        {"https://notkestrel.example/f/", ATOM(SITE, "<link href='b.html'/>"),
         "https://kestrel.example/b.html"},
        /* RSS: to the channel's site, but for xml:base */
        {"https://kestrel.example/blog/rss.xml",
         RSS("<link>https://kestrel.example/</link>", "<link>b.html</link>"),
         "https://kestrel.example/b.html"},
        {"https://kestrel.example/blog/rss.xml", RSS("", "<link>b.html</link>"),
         "https://kestrel.example/blog/b.html"},
        {"https://kestrel.example/blog/rss.xml",
         RSS("<link>https://kestrel.example/</link>", "<link xml:base='/n/'>b.html</link>"),
         "https://kestrel.example/n/b.html"},
        /* a scheme that was left out */
        {"https://kestrel.example/rss", RSS("", "<link>www.kestrel.example/b</link>"),
         "https://www.kestrel.example/b"},
        {"http://kestrel.example/rss", RSS("", "<link> WWW.kestrel.example:81?b </link>"),
         "http://WWW.kestrel.example:81?b"},
        {NULL, RSS("", "<link>www.kestrel.example</link>"), "https://www.kestrel.example"},
        {"https://k.example/", RSS("<link>www.kestrel.example</link>", "<link>/b</link>"),
         "https://www.kestrel.example/b"},
        {"https://k.example/a", ATOM("", "<link href='www.kestrel.example/b'/>"),
         "https://www.kestrel.example/b"},
        {"https://k.example/", RSS("", "<guid>www.kestrel.example/b</guid>"),
         "https://www.kestrel.example/b"},
        {"https://k.example/",
         RSS("", "<enclosure url='www.kestrel.example/b.mp3' type='audio/mpeg' length='1'/>"),
         "https://www.kestrel.example/b.mp3"},
        {"https://k.example/", "{\"items\": [{\"url\": \"www.kestrel.example/b\"}]}",
         "https://www.kestrel.example/b"},
        {"https://k.example/", "{\"items\": [{\"id\": \"www.kestrel.example/b\"}]}",
         "https://www.kestrel.example/b"},
        {"https://k.example/a/", RSS("", "<link>www.html</link>"), "https://k.example/a/www.html"},
        {"https://k.example/a/", RSS("", "<link>www./b</link>"), "https://k.example/a/www./b"},
    };
    struct feed *f;
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_int_equal(feed_parse(table[i].text, strlen(table[i].text), table[i].url, NULL, &f),
                         FEED_OK);
        assert_int_equal(f->n_items, 1);
        if (!f->items[0].link || strcmp(f->items[0].link, table[i].link) != 0)
            fail_msg("%s at %s: %s, expected %s", table[i].text, table[i].url, f->items[0].link,
                     table[i].link);
        feed_free(f);
    }
}

/* Its pages and its own address, which an RSS feed says in Atom's words, are the document's. */
static void a_document_is_relative_to_itself(void **state)
{
    static const char text[] =
        "<rss xmlns:a='http://www.w3.org/2005/Atom'><channel><link>https://kestrel.example/</link>"
        "<a:link rel='self' href=''/><a:link rel='next' href='?page=2'/></channel></rss>";
    struct feed *f;
    (void)state;
    assert_int_equal(
        feed_parse(text, sizeof text - 1, "https://kestrel.example/blog/rss", NULL, &f), FEED_OK);
    assert_string_equal(f->self, "https://kestrel.example/blog/rss");
    assert_string_equal(f->next, "https://kestrel.example/blog/rss?page=2");
    feed_free(f);
}

/* ---- JSON -------------------------------------------------------------------------------------
 */

/* Ids are texts, also where a feed writes numbers: none loses a digit, or its item. */
static void numbers_in_json_keep_their_digits(void **state)
{
    static const struct {
        const char *number, *id;
    } table[] = {
        {"7", "7"},
        {"9223372036854775807", "9223372036854775807"},
        {"9223372036854775808", "9223372036854775808"},
        {"-9223372036854775809", "-9223372036854775809"},
        {"18446744073709551616", "18446744073709551616"},
        {"123456789012345678901234567890123456789012345678901234567890",
         "123456789012345678901234567890123456789012345678901234567890"},
        {"1e999", "1e999"},
        {"\"12345678901234567890\"", "12345678901234567890"},
        {"\"a \\\" 12345678901234567890\", \"_x\": 12345678901234567890",
         "a \" 12345678901234567890"},
    };
    char text[1000];
    struct feed *f;
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        snprintf(text, sizeof text, "{\"title\": \"T\", \"items\": [{\"id\": %s}, {\"id\": 2}]}",
                 table[i].number);
        assert_int_equal(feed_parse(text, strlen(text), NULL, NULL, &f), FEED_OK);
        assert_int_equal(f->n_items, 2);
        assert_string_equal(f->items[0].id, table[i].id);
        assert_string_equal(f->items[1].id, "2");
        assert_false(f->malformed);
        feed_free(f);
    }
}

/* Cut off anywhere, a document gives the items before the cut and says that it is not whole. */
static void json_that_is_cut_off_gives_its_whole_items(void **state)
{
    static const char text[] =
        "{\"version\": \"https://jsonfeed.org/version/1.1\", \"title\": \"T\", \"items\": ["
        "{\"id\": \"a ] } \\\" \", \"tags\": [\"x\", {}]}, {\"id\": 2}, {\"id\": 3}"
        "], \"x\": {\"y\": \"z\"}}";
    static const char *const ends[] = {"{}]}", "\"id\": 2}", "\"id\": 3}"};
    struct feed *f;
    (void)state;
    for (size_t n = 1; n < sizeof text; n++) {
        size_t whole = 0;
        for (size_t i = 0; i < 3; i++)
            whole += n >= (size_t)(strstr(text, ends[i]) - text) + strlen(ends[i]);
        enum feed_status status = feed_parse(text, n, NULL, NULL, &f);
        assert_int_equal(status, whole ? FEED_OK : FEED_NOT_A_FEED);
        if (!whole)
            continue;
        assert_int_equal(f->n_items, whole);
        assert_int_equal(f->malformed, n < sizeof text - 1);
        assert_int_equal(f->dropped, 0);
        assert_string_equal(f->title, "T");
        feed_free(f);
    }
}

/* What is no JSON somewhere inside is read up to there. */
static void json_that_is_broken_is_read_up_to_the_fault(void **state)
{
    static const char *const table[] = {
        "{\"items\": [{\"id\": 1}, ]}",
        "{\"items\": [{\"id\": 1} {\"id\": 2}]}",
        "{\"items\": [{\"id\": 1}], }",
        "{\"items\": [{\"id\": 1}]] }",
        "{\"items\": [{\"id\": 1}], \"title\"}",
        "{\"items\": [{\"id\": 1}]<br />\n<b>Warning</b>: no such file",
    };
    struct feed *f;
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (feed_parse(table[i], strlen(table[i]), NULL, NULL, &f) != FEED_OK)
            fail_msg("refused: %s", table[i]);
        assert_int_equal(f->n_items, 1);
        assert_true(f->malformed);
        feed_free(f);
    }
}

/* ---- ceilings and time --------------------------------------------------------------------------
 */
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

/* A few bytes of JSON can stand for much memory; what is too long for one item is left out. */
static void json_is_read_item_by_item(void **state)
{
    struct feed *f = NULL;
    struct buf b;
    (void)state;
    buf_init(&b, 64u << 20);
    buf_adds(&b, "{\"items\":[{\"id\":\"first\"},{\"bad\": \"\\q\"},{\"id\":\"bomb\",\"x\":[");
    for (int i = 0; i < 3 << 20; i++)
        buf_adds(&b, "0,");
    buf_adds(
        &b,
        "0]},7,{\"id\":\"last \\\"]}\"}],\"title\":\"behind\",\"home_page_url\":\"http://h/d/\"}");
    assert_int_equal(feed_parse(buf_text(&b), b.len, NULL, NULL, &f), FEED_OK);
    assert_int_equal(f->n_items, 2);
    assert_int_equal(f->dropped, 3);
    assert_string_equal(f->items[0].id, "first");
    assert_string_equal(f->items[1].id, "last \"]}");
    assert_string_equal(f->title, "behind");
    feed_free(f);
    buf_free(&b);
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
        cmocka_unit_test(golden_files),
        cmocka_unit_test(encodings_that_are_not_what_is_said),
        cmocka_unit_test(a_late_byte_that_is_no_utf8),
        cmocka_unit_test(refused),
        cmocka_unit_test(addresses_without_a_scheme_or_a_host),
        cmocka_unit_test(a_document_is_relative_to_itself),
        cmocka_unit_test(numbers_in_json_keep_their_digits),
        cmocka_unit_test(json_that_is_cut_off_gives_its_whole_items),
        cmocka_unit_test(json_that_is_broken_is_read_up_to_the_fault),
        cmocka_unit_test(abandoned),
        cmocka_unit_test(ceilings),
        cmocka_unit_test(hostile_entities),
        cmocka_unit_test(linear),
        cmocka_unit_test(long_documents_take_turns),
        cmocka_unit_test(json_is_read_item_by_item),
        cmocka_unit_test(nothing_grows_with_the_square),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
