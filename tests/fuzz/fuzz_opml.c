#include "feed/opml.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct opml o;
    struct opml_error error;
    if (opml_parse(data, size, &o, &error))
        opml_free(&o);
    return 0;
}
