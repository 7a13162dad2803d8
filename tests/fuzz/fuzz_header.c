/* The headers of an answer, a line each, and what is made of their values. */
#include "net/header.h"
#include "poll/when.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *p = (const char *)data, *end = p + size;
    while (p < end) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        size_t n = (size_t)((stop ? stop + 1 : end) - p);
        char *line = malloc(n); /* so that a byte too far is seen */
        struct header h;
        if (!line)
            abort();
        memcpy(line, p, n);
        (void)header_begins_answer(line, n);
        if (header_read(line, n, &h)) {
            char *value = header_value(&h);
            if (h.name < line || h.value + h.value_length > line + n || header_is(&h, ""))
                abort();
            if (value)
                (void)when_retry_after(value, 1700000000);
            free(value);
        }
        free(line);
        p += n;
    }
    return 0;
}
