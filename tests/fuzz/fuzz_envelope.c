/* A message of another process, in parts that a zero byte ends, and the changes in it. */
#include "roles/envelope.h"
#include "store/oplog.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_changes(const struct buf *bytes)
{
    struct oplog_change c;
    size_t at = 0, most = bytes->len;
    while (oplog_next(bytes->p ? bytes->p : "", bytes->len, &at, &c) > 0)
        if (at > most || c.key.n + c.value.n > most || store_is_local(c.db))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct envelope_join j = {0};
    struct buf bytes;
    json_t *head;
    for (size_t n; size; data += n, size -= n) {
        const uint8_t *end = memchr(data, 0, size);
        n = end ? (size_t)(end - data) + 1 : size;
        envelope_id((const char *)data, n);
        if (envelope_read(&j, (const char *)data, end ? n - 1 : n, &head, &bytes) == 1) {
            read_changes(&bytes);
            buf_free(&bytes);
            json_decref(head);
        }
    }
    envelope_join_free(&j);
    return 0;
}
