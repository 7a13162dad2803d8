/* Two lines: a base and a reference. */
#include "base/mem.h"
#include "base/url.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char white[] = " \1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22\23\24\25\26\27\30\31"
                            "\32\33\34\35\36\37";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *base = mem_strn((const char *)data, size), *ref = strchr(base, '\n');
    if (ref) {
        *ref++ = 0;
        char *url = url_resolve(base, ref), *again = url_resolve(base, url);
        if (url_is_absolute(url) && !strpbrk(url, white) && strcmp(url, again) != 0)
            abort(); /* resolving an absolute address changes nothing but white space */
        free(again);
        free(url);
    }
    struct url u;
    url_parse(&u, base, strlen(base));
    free(base);
    return 0;
}
