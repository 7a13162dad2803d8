/* A picture of any bytes is refused, or scaled to parts that can be scaled again. */
#include "pages/shrink.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf out;
    const char *part;
    size_t n;
    buf_init(&out, SHRINK_MAX_OUT);
    bool scaled = !shrink_picture(data, size, &out);
    if (scaled && !shrink_knows(data, size))
        abort();
    for (int s = 0; scaled && s < SHRINK_SIZES; s++)
        if (!shrink_part(out.p, out.len, s, &part, &n) || !shrink_knows(part, n))
            abort();
    shrink_part((const char *)data, size, SHRINK_PICTURE, &part, &n);
    buf_free(&out);
    return 0;
}
