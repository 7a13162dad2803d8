#include "feed/html.h"

#include "base/utf8.h"
#include "feed/feed.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *html = (const char *)data;
    struct buf out;
    buf_init(&out, FEED_MAX_TEXT);
    html_to_text(&out, html, size);
    if (utf8_valid(html, size) && !utf8_valid(buf_text(&out), out.len))
        abort();
    buf_clear(&out);
    html_absolute(&out, html, size, "http://example.org/dir/");
    html_looks_like(html, size);
    buf_free(&out);
    return 0;
}
