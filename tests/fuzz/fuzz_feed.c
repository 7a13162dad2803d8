/* A document in pieces, with a header and a base address, read as it comes or in slices: the first
 * byte of the input chooses. However it is cut, the same comes out. */
#include "feed/parser.h"
#include "feed/html.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const types[] = {NULL, "application/rss+xml; charset=utf-8",
                                    "text/xml; charset=\"iso-8859-1\"", "application/json"};

static enum feed_status read_slices(const uint8_t *data, size_t size, const char *base,
                                    const char *type, struct feed **out)
{
    struct feed_parser *p = feed_parser_new(base, type);
    for (size_t i = 0; i < size; i += 100) {
        feed_parser_add(p, data + i, size - i < 100 ? size - i : 100);
        feed_parser_read(p, 13);
    }
    feed_parser_close(p);
    while (feed_parser_read(p, 64))
        ;
    return feed_parser_end(p, out);
}

static void read_texts(const struct feed *f)
{
    struct buf text;
    buf_init(&text, FEED_MAX_TEXT);
    for (size_t i = 0; i < f->n_items; i++)
        if (f->items[i].content)
            html_to_text(&text, f->items[i].content, strlen(f->items[i].content));
    buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    const char *base = data[0] & 4 ? "http://example.org/dir/feed.xml" : NULL;
    const char *type = types[data[0] & 3];
    size_t piece = data[0] & 8 ? 7 : size;
    struct feed_parser *p = feed_parser_new(base, type);
    for (size_t i = 1; i < size; i += piece)
        feed_parser_push(p, data + i, size - i < piece ? size - i : piece);
    struct feed *f, *sliced = NULL;
    enum feed_status status = feed_parser_end(p, &f);
    if (status == FEED_OK)
        read_texts(f);
    if (data[0] & 16) {
        if (read_slices(data + 1, size - 1, base, type, &sliced) != status ||
            (f && (f->n_items != sliced->n_items || f->malformed != sliced->malformed ||
                   strcmp(f->encoding, sliced->encoding))))
            abort();
        feed_free(sliced);
    }
    feed_free(f);
    return 0;
}
