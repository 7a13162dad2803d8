/* A body as it is unpacked: the first line is what Content-Encoding says, the rest comes in pieces.
 */
#include "base/mem.h"
#include "net/coding.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *take(void *arg, const char *bytes, size_t n)
{
    size_t *length = arg;
    (void)bytes;
    *length += n;
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { MAX = 1 << 16, SLACK = 1 << 14 };
    const uint8_t *line = size ? memchr(data, '\n', size) : NULL;
    size_t length = 0, n = line ? (size_t)(line - data) : 0, piece = size % 97 + 1;
    char *header = mem_strn((const char *)data, n);
    struct coding *c = coding_new(header, MAX, take, &length);
    const char *wrong = NULL;
    bool cut;
    free(header);
    for (size_t i = line ? n + 1 : 0; i < size && !wrong; i += piece)
        wrong = coding_push(c, (const char *)data + i, size - i < piece ? size - i : piece);
    if (!wrong)
        wrong = coding_end(c, &cut);
    if (length > size + MAX + SLACK || strlen(coding_names(c)) > 40)
        abort();
    coding_free(c);
    return 0;
}
