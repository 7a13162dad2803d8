/* Builds HTTP responses: escaping, problem documents, ETags, compression, headers. Handlers fill in
 * a reply; server.c finishes and sends it. */
#include "net/reply.h"

#include "base/escape.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { MAX_HEADERS = 8 << 10, GZIP_FROM = 1024, GZIP_LEVEL = 4 };

void reply_init(struct reply *r)
{
    *r = (struct reply){.status = 200, .cache = "no-cache"};
    buf_init(&r->body, REPLY_MAX_BODY);
    buf_init(&r->headers, MAX_HEADERS);
}

void reply_clear(struct reply *r)
{
    enum { KEEP = 1 << 20 };
    struct buf body = r->body, headers = r->headers;
    if (body.cap > KEEP) {
        buf_free(&body);
        buf_init(&body, REPLY_MAX_BODY);
    }
    buf_clear(&body);
    buf_clear(&headers);
    *r = (struct reply){.status = 200, .cache = "no-cache", .body = body, .headers = headers};
}

void reply_free(struct reply *r)
{
    buf_free(&r->body);
    buf_free(&r->headers);
}

void reply_header(struct reply *r, const char *name, const char *value)
{
    for (const char *p = value; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return;
    buf_addf(&r->headers, "%s: %s\r\n", name, value);
}

const char *reply_reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {301, "Moved Permanently"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {428, "Precondition Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Unknown";
}

void reply_problem(struct reply *r, int status, const char *fmt, ...)
{
    char detail[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(detail, sizeof detail, fmt, ap);
    va_end(ap);
    detail[utf8_cut(detail, strlen(detail))] = 0;
    r->status = status;
    r->type = "application/problem+json";
    r->cache = "no-store";
    r->static_body = NULL;
    *r->etag = 0;
    buf_clear(&r->body);
    buf_addf(&r->body, "{\"title\":\"%s\",\"status\":%d,\"detail\":\"", reply_reason(status),
             status);
    escape_text(&r->body, ESCAPE_JSON, detail);
    buf_adds(&r->body, "\"}\n");
}

bool reply_is_too_long(struct reply *r)
{
    if (!r->body.full)
        return false;
    reply_problem(r, 500,
                  "the response exceeds %d MiB; request less, for example with a smaller limit",
                  REPLY_MAX_BODY >> 20);
    return true;
}

/* ---- gzip ----------------------------------------------------------------------------------- */

struct reply_gzip {
    z_stream z;
    struct buf out;
};

struct reply_gzip *reply_gzip_new(void)
{
    struct reply_gzip *g = mem_zero(sizeof *g);
    enum { GZIP_WRAPPER = 16, WINDOW = 15, MEMORY = 8 };
    if (deflateInit2(&g->z, GZIP_LEVEL, Z_DEFLATED, WINDOW + GZIP_WRAPPER, MEMORY,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        abort(); /* out of memory */
    buf_init(&g->out, REPLY_MAX_BODY);
    return g;
}

void reply_gzip_free(struct reply_gzip *g)
{
    if (!g)
        return;
    deflateEnd(&g->z);
    buf_free(&g->out);
    free(g);
}

/* Compresses the body; the result is valid until the next call. Returns false if it would not be
 * shorter. */
static bool compress_body(struct reply_gzip *g, struct reply_out *out)
{
    unsigned char piece[16 << 10];
    buf_clear(&g->out);
    deflateReset(&g->z);
    g->z.next_in = (z_const Bytef *)(uintptr_t)out->body;
    g->z.avail_in = (uInt)out->length;
    int state;
    do {
        g->z.next_out = piece;
        g->z.avail_out = sizeof piece;
        state = deflate(&g->z, Z_FINISH);
        buf_add(&g->out, piece, sizeof piece - g->z.avail_out);
    } while (state == Z_OK);
    if (state != Z_STREAM_END || g->out.full || g->out.len >= out->length)
        return false;
    out->body = g->out.p;
    out->length = g->out.len;
    return true;
}

static bool take_static_packed(const struct reply *r, struct reply_out *out)
{
    out->body = r->static_packed;
    out->length = r->static_packed_length;
    return true;
}

void reply_pack(const char *body, size_t n, struct buf *packed)
{
    struct reply_gzip *g = reply_gzip_new();
    struct reply_out out = {.body = body, .length = n};
    if (n >= GZIP_FROM && compress_body(g, &out))
        buf_add(packed, out.body, out.length);
    reply_gzip_free(g);
}

/* ---- finishing a reply ---------------------------------------------------------------------- */

static bool may_compress(const struct reply *r)
{
    return r->type && (!strncmp(r->type, "text/", 5) || strstr(r->type, "json") ||
                       strstr(r->type, "xml") || strstr(r->type, "javascript"));
}

void reply_etag(const char *body, size_t n, char etag[REPLY_ETAG])
{
    snprintf(etag, REPLY_ETAG, "\"%016" PRIx64 "\"", hash64(body, n, 0));
}

/* The compressed form is a different representation, so its ETag must differ. */
static void mark_etag(struct reply *r)
{
    size_t n = strlen(r->etag);
    if (n + 2 < sizeof r->etag) {
        memcpy(r->etag + n - 1, "z\"", 3);
    }
}

static bool is_known(const struct reply *r, const struct request *q)
{
    const char *known = request_header(q, "If-None-Match");
    return known && request_etag_matches(known, r->etag);
}

void reply_finish(struct reply *r, const struct request *q, const char *common, bool close,
                  struct reply_gzip *gzip, struct buf *head, struct reply_out *out)
{
    (void)reply_is_too_long(r);
    *out = (struct reply_out){.body = r->static_body ? r->static_body : buf_text(&r->body),
                              .length = r->static_body ? r->static_length : r->body.len};
    bool read = q->method == REQUEST_GET || q->method == REQUEST_HEAD;
    bool compressible = may_compress(r), compressed = false;
    const char *accepted = compressible ? request_header(q, "Accept-Encoding") : NULL;
    bool wanted =
        gzip && accepted && out->length >= GZIP_FROM && request_list_has(accepted, "gzip");
    if (read && r->status == 200 && strcmp(r->cache, "no-store") != 0) {
        if (!*r->etag)
            reply_etag(out->body, out->length, r->etag);
        if (wanted)
            mark_etag(r);
        if (is_known(r, q))
            r->status = 304;
    }
    if (wanted && r->status != 304)
        compressed = r->static_packed ? take_static_packed(r, out) : compress_body(gzip, out);
    buf_clear(head);
    buf_addf(head, "HTTP/1.1 %d %s\r\n%s", r->status, reply_reason(r->status), common);
    buf_addf(head, "Cache-Control: %s\r\n", r->cache);
    if (*r->etag)
        buf_addf(head, "ETag: %s\r\n", r->etag);
    if (compressible)
        buf_adds(head, "Vary: Accept-Encoding\r\n");
    buf_add(head, buf_text(&r->headers), r->headers.len);
    out->no_body = q->method == REQUEST_HEAD || r->status == 304 || r->status == 204;
    if (r->status != 304 && r->status != 204) {
        if (r->type)
            buf_addf(head, "Content-Type: %s\r\n", r->type);
        if (compressed)
            buf_adds(head, "Content-Encoding: gzip\r\n");
        buf_addf(head, "Content-Length: %zu\r\n", out->length);
    }
    buf_adds(head, close ? "Connection: close\r\n\r\n" : "\r\n");
}
