#define _GNU_SOURCE /* memmem */
/* Requests and the parameters of lists: the same bytes that a stranger may send. */
#include "base/mem.h"
#include "api/listing.h"
#include "net/reply.h"
#include "net/request.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void read_parameters(const struct request *r)
{
    struct listing_query query = {.order = LISTING_TOP};
    struct reply out;
    reply_init(&out);
    if (listing_read(r, &query, &out) != (out.status == 200))
        abort();
    const struct request plain = {.method = r->method};
    struct buf head;
    struct reply_out sent;
    buf_init(&head, 64 << 10);
    reply_header(&out, "Location", r->path);
    reply_finish(&out, &plain, "", r->close, NULL, &head, &sent);
    /* no text of the request begins a header of its own */
    if (memmem(head.p, head.len, "\nevil:", 6))
        abort();
    buf_free(&head);
    reply_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct request r;
    char *room = mem_alloc(n ? n : 1);
    memcpy(room, data, n);
    int length = request_head_length(room, n);
    if (length > 0 && request_head(&r, room, (size_t)length) == 0) {
        struct request_chunks chunks = {0};
        for (size_t i = 0; i < r.n_headers; i++) {
            (void)request_list_has(r.headers[i].value, "gzip");
            (void)request_etag_matches(r.headers[i].value, "\"a\"");
        }
        if (r.chunked)
            (void)request_chunks(&chunks, room + length, n - (size_t)length);
        read_parameters(&r);
    }
    free(room);
    return 0;
}
