#include "base/date.h"
#include "base/mem.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = mem_strn((const char *)data, size);
    int64_t t = date_parse(text);
    if (t != DATE_NONE && (t < -62167305600 || t > 253402387199 + 86400))
        abort(); /* outside of the years 0 to 9999 and not seconds either */
    free(text);
    return 0;
}
