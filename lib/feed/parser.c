/* Drives the parsing of one feed document through detection, conversion and the XML and JSON
 * readers, in steps; see parser.h. Used by daemon/poll and storyctl. */
#include "feed/parser.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "feed/build.h"
#include "feed/charset.h"
#include "feed/json.h"
#include "feed/xml.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* All bytes are kept: JSON and other encodings are read at the end, and a document that turns out
 * to be malformed is read again by the loose reader. */
struct feed_parser {
    char *base_url, *content_type;
    struct buf bytes;
    bool closed; /* all bytes have arrived */
    char encoding[CHARSET_NAME];
    bool sniffed;
    enum {
        ARRIVING,   /* the strict reader reads bytes as they arrive, if possible */
        CONVERTING, /* to UTF-8, once all bytes have arrived */
        STRICT,
        LOOSE,
        JSON,
        DONE,
    } phase;
    bool streaming; /* XML in UTF-8 */
    bool tried;     /* streaming was started: no need to read the same bytes strictly again */
    size_t at;      /* position of the strict reader, in `bytes` or in `text` */
    struct charset_reader *charset;
    const char *text; /* in UTF-8 */
    size_t n;
    bool fits, well_formed;
    struct build *build;
    struct xml_reader *reader;
    struct xml_loose *loose;
    struct json_reader *json;
    enum feed_status status;
    struct feed *feed;
};

static char *copy_known(const char *s)
{
    return s && *s ? mem_str(s) : NULL;
}

struct feed_parser *feed_parser_new(const char *base_url, const char *content_type)
{
    struct feed_parser *p = mem_zero(sizeof *p);
    p->base_url = copy_known(base_url);
    p->content_type = copy_known(content_type);
    p->fits = true;
    buf_init(&p->bytes, FEED_MAX_BYTES);
    return p;
}

static void start_reader(struct feed_parser *p)
{
    p->build = build_new(p->base_url);
    p->reader = xml_reader_new(&build_events, p->build);
}

static bool strip_start(const char **p, size_t *n)
{
    if (*n >= 3 && !memcmp(*p, "\xef\xbb\xbf", 3)) {
        *p += 3;
        *n -= 3;
    }
    while (*n && (unsigned char)**p <= ' ')
        (*p)++, (*n)--;
    return *n > 0;
}

/* Decides by the first bytes whether the strict reader can read the document as it arrives. */
static void sniff(struct feed_parser *p)
{
    const char *text = p->bytes.p;
    size_t n = p->bytes.len;
    if (!n || !charset_is_utf8(text, n, p->content_type, p->encoding) || !strip_start(&text, &n))
        return;
    p->sniffed = true;
    if (*text == '<') {
        p->streaming = p->tried = true;
        p->at = (size_t)(text - p->bytes.p);
        start_reader(p);
    }
}

static void drop_readers(struct feed_parser *p)
{
    xml_reader_free(p->reader);
    if (p->loose)
        xml_loose_end(p->loose);
    if (p->build)
        build_free(p->build);
    p->reader = NULL;
    p->loose = NULL;
    p->build = NULL;
}

static bool is_page(const char *text, size_t n)
{
    static const char doctype[] = "<!doctype html";
    return n > sizeof doctype && !strncasecmp(text, doctype, sizeof doctype - 1);
}

static void finish_build(struct feed_parser *p, bool well_formed)
{
    struct build *b = p->build;
    p->build = NULL;
    p->well_formed = well_formed;
    p->status = build_finish(b, &p->feed, well_formed);
    if (p->status == FEED_NOT_A_FEED && is_page(p->text ? p->text : "", p->n))
        p->status = FEED_IS_HTML;
    p->phase = DONE;
}

/* ---- steps of about `n` bytes each ----------------------------------------------------------- */

/* Runs the strict reader over the rest of a text; false if it is not well-formed. */
static bool read_strictly(struct feed_parser *p, const char *text, size_t length, size_t n)
{
    size_t left = length - p->at, slice = n < left ? n : left;
    if (!xml_reader_push(p->reader, text + p->at, slice))
        return false;
    p->at += slice;
    return true;
}

static bool end_strict_reader(struct feed_parser *p)
{
    struct xml_reader *reader = p->reader;
    p->reader = NULL;
    return xml_reader_end(reader);
}

static void start_converting(struct feed_parser *p)
{
    drop_readers(p);
    p->charset = charset_reader_new(buf_text(&p->bytes), p->bytes.len, p->content_type);
    p->phase = CONVERTING;
}

static void read_arriving(struct feed_parser *p, size_t n)
{
    if (!p->sniffed && (p->closed || p->bytes.len >= CHARSET_SNIFF))
        sniff(p);
    if (p->streaming)
        p->streaming = read_strictly(p, p->bytes.p, p->bytes.len, n);
    if (!p->closed || (p->streaming && p->at < p->bytes.len))
        return;
    if (p->streaming && end_strict_reader(p))
        finish_build(p, true);
    else
        start_converting(p);
}

static void start_loose_reader(struct feed_parser *p)
{
    drop_readers(p);
    p->build = build_new(p->base_url);
    p->loose = xml_loose_new(p->text, p->n, &build_events, p->build);
    p->phase = LOOSE;
}

static void read_charset(struct feed_parser *p, size_t n)
{
    if (charset_read(p->charset, n))
        return;
    p->text = charset_text(p->charset, &p->n);
    p->fits = charset_name(p->charset, p->encoding);
    if (!strip_start(&p->text, &p->n)) {
        p->status = FEED_EMPTY;
        p->phase = DONE;
    } else if (*p->text == '{' || *p->text == '[') {
        p->well_formed = true;
        p->json = json_reader_new(p->text, p->n, p->base_url);
        p->phase = JSON;
    } else if (p->tried && p->text >= p->bytes.p && p->text < p->bytes.p + p->bytes.len) {
        start_loose_reader(p);
    } else {
        p->at = 0;
        start_reader(p);
        p->phase = STRICT;
    }
}

static void read_xml_text(struct feed_parser *p, size_t n)
{
    if (!read_strictly(p, p->text, p->n, n) || (p->at == p->n && !end_strict_reader(p)))
        start_loose_reader(p);
    else if (p->at == p->n)
        finish_build(p, true);
}

static void read_loosely(struct feed_parser *p, size_t n)
{
    if (!xml_loose_read(p->loose, n))
        finish_build(p, false);
}

static void read_json(struct feed_parser *p, size_t n)
{
    if (json_read(p->json, n))
        return;
    p->status = json_reader_end(p->json, &p->feed);
    p->json = NULL;
    p->phase = DONE;
}

bool feed_parser_read(struct feed_parser *p, size_t n)
{
    static void (*const steps[])(struct feed_parser *, size_t) = {
        [ARRIVING] = read_arriving, [CONVERTING] = read_charset, [STRICT] = read_xml_text,
        [LOOSE] = read_loosely,     [JSON] = read_json,
    };
    if (p->phase != DONE)
        steps[p->phase](p, n);
    return p->closed ? p->phase != DONE : p->streaming && p->at < p->bytes.len;
}

void feed_parser_add(struct feed_parser *p, const void *bytes, size_t n)
{
    if (n > p->bytes.max - p->bytes.len)
        n = p->bytes.max - p->bytes.len;
    buf_add(&p->bytes, bytes, n);
}

void feed_parser_push(struct feed_parser *p, const void *bytes, size_t n)
{
    feed_parser_add(p, bytes, n);
    feed_parser_read(p, SIZE_MAX);
}

void feed_parser_close(struct feed_parser *p)
{
    p->closed = true;
}

void feed_parser_abandon(struct feed_parser *p)
{
    drop_readers(p);
    if (p->json)
        json_reader_end(p->json, &p->feed);
    feed_free(p->feed);
    charset_reader_free(p->charset);
    free(p->base_url);
    free(p->content_type);
    buf_free(&p->bytes);
    free(p);
}

enum feed_status feed_parser_end(struct feed_parser *p, struct feed **out)
{
    feed_parser_close(p);
    while (feed_parser_read(p, SIZE_MAX))
        ;
    enum feed_status status = p->status;
    if (status == FEED_OK) {
        p->feed->encoding = texts_add(&p->feed->texts, p->encoding);
        p->feed->malformed |= !p->fits || !p->well_formed;
    }
    *out = p->feed;
    p->feed = NULL;
    feed_parser_abandon(p);
    return status;
}

enum feed_status feed_parse(const void *bytes, size_t n, const char *base_url,
                            const char *content_type, struct feed **out)
{
    struct feed_parser *p = feed_parser_new(base_url, content_type);
    feed_parser_push(p, bytes, n);
    return feed_parser_end(p, out);
}
