/* A web page and the feeds that it names, which are all web addresses. */
#include "feed/discover.h"

#include <stdint.h>
#include <stdlib.h>
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct discovered d;
    const char *base = size && data[0] & 1 ? "http://example.org/dir/page.html" : NULL;
    discover_feeds((const char *)data, size, base, &d);
    for (size_t i = 0; i < d.n; i++)
        if (strncasecmp(d.v[i].url, "http://", 7) && strncasecmp(d.v[i].url, "https://", 8))
            abort();
    discovered_free(&d);
    return 0;
}
