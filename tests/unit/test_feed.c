/* What documents say, in the encodings that they are in. */
#include "unit.h"

#include "base/buf.h"
#include "feed/parser.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_files),
        cmocka_unit_test(encodings_that_are_not_what_is_said),
        cmocka_unit_test(a_late_byte_that_is_no_utf8),
        cmocka_unit_test(refused),
        cmocka_unit_test(addresses_without_a_scheme_or_a_host),
        cmocka_unit_test(a_document_is_relative_to_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
