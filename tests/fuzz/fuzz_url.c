/* Two lines: a base and a reference. */
#include "base/mem.h"
#include "base/url.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *base = mem_strn((const char *)data, size), *ref = strchr(base, '\n');
    if (ref) {
        *ref++ = 0;
        char *url = url_resolve(base, ref), *again = url_resolve(base, url);
        if (url_is_absolute(url) && strcmp(url, again) != 0)
            abort(); /* resolving an absolute address changes nothing */
        free(again);
        free(url);
    }
    struct url u;
    url_parse(&u, base, strlen(base));
    free(base);
    return 0;
}
