#include "feed/opml.h"

#include "base/mem.h"
#include "feed/feed_address.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct opml o;
    struct opml_error error;
    if (!opml_parse(data, size, &o, &error))
        return 0;
    for (size_t i = 0; i < o.n_feeds; i++) { /* what is written is read as it was */
        char *again = feed_address(o.feeds[i].xml_url);
        if (strcmp(again, o.feeds[i].xml_url) != 0)
            abort();
        free(again);
    }
    struct buf b;
    buf_init(&b, 1 << 24);
    opml_write(&b, &o);
    buf_clear(&b);
    char *text = mem_strn((const char *)data, size);
    if (o.n_feeds)
        opml_remove_feed(&b, text, size, o.feeds[0].xml_url);
    if (o.n_feeds) {
        buf_clear(&b);
        opml_add_feed(&b, text, size, &o.feeds[0]);
    }
    free(text);
    buf_free(&b);
    opml_free(&o);
    return 0;
}
