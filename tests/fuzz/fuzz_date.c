#include "base/date.h"
#include "base/mem.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const langs[] = {NULL, "pl", "hr-HR", "en-US"};
    static const enum date_order orders[] = {DATE_ANY_ORDER, DATE_DAY_FIRST, DATE_MONTH_FIRST};
    char *text = mem_strn((const char *)data, size);
    struct date d = date_read(text, langs[size % 4]);
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        int64_t t = date_in_order(&d, orders[i]);
        if (t != DATE_NONE && (t < -62167305600 || t > 253402387199 + 86400 || d.needs_language))
            abort(); /* outside of the years 0 to 9999 and not seconds either */
    }
    free(text);
    return 0;
}
