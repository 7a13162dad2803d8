/* A document in pieces, with a header and a base address: the first byte of the input chooses. */
#include "feed/feed.h"
#include "feed/html.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const types[] = {NULL, "application/rss+xml; charset=utf-8",
                                    "text/xml; charset=\"iso-8859-1\"", "application/json"};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    const char *base = data[0] & 4 ? "http://example.org/dir/feed.xml" : NULL;
    size_t piece = data[0] & 8 ? 7 : size;
    struct feed_parser *p = feed_parser_new(base, types[data[0] & 3]);
    for (size_t i = 1; i < size; i += piece)
        feed_parser_push(p, data + i, size - i < piece ? size - i : piece);
    struct feed *f;
    if (feed_parser_end(p, &f) == FEED_OK) {
        struct buf text;
        buf_init(&text, FEED_MAX_TEXT);
        for (size_t i = 0; i < f->n_items; i++)
            if (f->items[i].content)
                html_to_text(&text, f->items[i].content, strlen(f->items[i].content));
        buf_free(&text);
    }
    feed_free(f);
    return 0;
}
