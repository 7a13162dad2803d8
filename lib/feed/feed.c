#include "feed/feed.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "feed/build.h"
#include "feed/charset.h"
#include "feed/json.h"
#include "feed/xml.h"

#include <stdlib.h>
#include <string.h>

/* The bytes are all kept: JSON and other encodings are read at the end, and a document that turns
 * out to be ill-formed is read again, loosely. */
struct feed_parser {
    char *base_url, *content_type;
    struct buf bytes;
    char encoding[CHARSET_NAME];
    size_t pushed; /* bytes that the strict reader had */
    bool sniffed;
    bool streaming; /* XML in UTF-8: the strict reader follows the pieces */
    struct build *build;
    struct xml_reader *reader;
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
    buf_init(&p->bytes, FEED_MAX_BYTES);
    return p;
}

static void start_reader(struct feed_parser *p)
{
    p->build = build_new(p->base_url);
    p->reader = xml_reader_new(&build_events, p->build);
}

static bool strip(const char **p, size_t *n)
{
    if (*n >= 3 && !memcmp(*p, "\xef\xbb\xbf", 3)) {
        *p += 3;
        *n -= 3;
    }
    while (*n && (unsigned char)**p <= ' ')
        (*p)++, (*n)--;
    return *n > 0;
}

/* Whether the strict reader can follow: decided once, by the first bytes. */
static void sniff(struct feed_parser *p)
{
    const char *text = p->bytes.p;
    size_t n = p->bytes.len;
    if (!n || !charset_is_utf8(text, n, p->content_type, p->encoding) || !strip(&text, &n))
        return;
    p->sniffed = true;
    if (*text == '<') {
        p->streaming = true;
        p->pushed = (size_t)(text - p->bytes.p);
        start_reader(p);
    }
}

static void stream(struct feed_parser *p)
{
    if (!p->streaming)
        return;
    p->streaming = xml_reader_push(p->reader, p->bytes.p + p->pushed, p->bytes.len - p->pushed);
    p->pushed = p->bytes.len;
}

void feed_parser_push(struct feed_parser *p, const void *bytes, size_t n)
{
    if (!n)
        return;
    if (n > p->bytes.max - p->bytes.len)
        n = p->bytes.max - p->bytes.len;
    buf_add(&p->bytes, bytes, n);
    if (!p->sniffed && p->bytes.len >= CHARSET_SNIFF)
        sniff(p);
    stream(p);
}

static void drop_reader(struct feed_parser *p)
{
    if (p->reader)
        xml_reader_end(p->reader);
    if (p->build)
        build_free(p->build);
    p->reader = NULL;
    p->build = NULL;
}

void feed_parser_abandon(struct feed_parser *p)
{
    drop_reader(p);
    free(p->base_url);
    free(p->content_type);
    buf_free(&p->bytes);
    free(p);
}

/* The whole document as XML: strictly, and when that fails, loosely. */
static enum feed_status read_xml(struct feed_parser *p, const char *text, size_t n,
                                 struct feed **out, bool *well_formed)
{
    start_reader(p);
    xml_reader_push(p->reader, text, n);
    *well_formed = xml_reader_end(p->reader);
    p->reader = NULL;
    if (!*well_formed) {
        build_free(p->build);
        p->build = build_new(p->base_url);
        xml_read_loosely(text, n, &build_events, p->build);
    }
    struct build *b = p->build;
    p->build = NULL;
    return build_finish(b, out, *well_formed);
}

/* A document that could not be read on the way in. */
static enum feed_status read_document(struct feed_parser *p, struct feed **out)
{
    struct buf converted;
    buf_init(&converted, FEED_MAX_BYTES * 4ul);
    bool fits = charset_convert(&converted, buf_text(&p->bytes), p->bytes.len, p->content_type,
                                p->encoding);
    const char *text = buf_text(&converted);
    size_t n = converted.len;
    bool well_formed = true;
    enum feed_status status;
    if (!strip(&text, &n))
        status = FEED_EMPTY;
    else if (*text == '{' || *text == '[')
        status = json_read(text, n, p->base_url, out);
    else
        status = read_xml(p, text, n, out, &well_formed);
    if (status == FEED_OK)
        (*out)->malformed = !fits || !well_formed;
    buf_free(&converted);
    return status;
}

/* What the strict reader made of the pieces; false when it failed. */
static bool finish_stream(struct feed_parser *p, enum feed_status *status, struct feed **out)
{
    if (!p->streaming)
        return false;
    bool ok = xml_reader_end(p->reader);
    p->reader = NULL;
    if (ok) {
        *status = build_finish(p->build, out, true);
        p->build = NULL;
    }
    return ok;
}

enum feed_status feed_parser_end(struct feed_parser *p, struct feed **out)
{
    enum feed_status status;
    *out = NULL;
    if (!p->sniffed)
        sniff(p);
    stream(p);
    if (!finish_stream(p, &status, out)) {
        drop_reader(p);
        status = read_document(p, out);
    }
    if (status == FEED_OK)
        (*out)->encoding = mem_str(p->encoding);
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

static void free_item(struct feed_item *i)
{
    char *texts[] = {i->id,         i->title,   i->link,     i->orig_link,
                     i->summary,    i->content, i->author,   i->source_title,
                     i->source_url, i->image,   i->language, i->title_html};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        free(texts[k]);
    for (size_t k = 0; k < i->n_categories; k++)
        free(i->categories[k]);
    for (size_t k = 0; k < i->n_enclosures; k++) {
        free(i->enclosures[k].url);
        free(i->enclosures[k].type);
    }
    free(i->categories);
    free(i->enclosures);
}

void feed_free(struct feed *f)
{
    if (!f)
        return;
    char *texts[] = {f->title,    f->link, f->id,  f->description, f->language,  f->author,
                     f->encoding, f->self, f->hub, f->next,        f->title_html};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        free(texts[k]);
    for (size_t k = 0; k < f->n_items; k++)
        free_item(&f->items[k]);
    free(f->items);
    free(f);
}

const char *feed_strerror(enum feed_status s)
{
    switch (s) {
    case FEED_OK:
        return "no error";
    case FEED_EMPTY:
        return "the document is empty";
    case FEED_IS_HTML:
        return "this is a web page, not a feed";
    case FEED_NOT_A_FEED:
        return "this is no feed";
    }
    return "unknown status";
}
