/* A JSON Feed: whole, and in slices; both must find the same. */
#include "feed/parser.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct feed *whole, *sliced;
    enum feed_status a =
        feed_parse(data, size, "http://example.org/f.json", "application/json", &whole);
    struct feed_parser *p = feed_parser_new("http://example.org/f.json", "application/json");
    feed_parser_add(p, data, size);
    feed_parser_close(p);
    while (feed_parser_read(p, 1))
        ;
    enum feed_status b = feed_parser_end(p, &sliced);
    if (a != b ||
        (whole && (whole->n_items != sliced->n_items || whole->dropped != sliced->dropped)))
        abort();
    feed_free(whole);
    feed_free(sliced);
    return 0;
}
