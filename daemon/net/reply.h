/* An HTTP response as a handler writes it: status, headers, body. Pure. */
#ifndef NET_REPLY_H
#define NET_REPLY_H

#include "base/buf.h"
#include "net/request.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    REPLY_MAX_BODY = 16 << 20, /* bytes; a longer response becomes a 500 */
    REPLY_PAGE = 1 << 20,      /* bytes; a list page that reaches this ends early */
    REPLY_ETAG = 24,
};

struct reply {
    int status;              /* 200 by default */
    const char *type;        /* Content-Type, a constant; NULL: no content */
    const char *cache;       /* Cache-Control; "no-cache": cacheable, but must be revalidated */
    struct buf body;         /* handlers append to it; more than REPLY_MAX_BODY results in a 500 */
    const char *static_body; /* used instead of `body`; lives as long as the program */
    size_t static_length;
    const char *static_packed; /* the same, gzip-compressed; or NULL */
    size_t static_packed_length;
    char etag[REPLY_ETAG]; /* with quotation marks; a hash of the body if the handler sets none */
    struct buf headers;    /* further headers, each "Name: value\r\n"; see reply_header() */
    bool held;             /* the handler keeps the connection and responds later (server_hold()) */
};

void reply_init(struct reply *r);
void reply_clear(struct reply *r); /* like reply_init(), but keeps the memory */
void reply_free(struct reply *r);

/* Adds a header, unless the value contains a control character. */
void reply_header(struct reply *r, const char *name, const char *value);

/* Turns the reply into a problem document (RFC 9457). The detail states what is wrong and what to
 * do; it may quote untrusted input. */
void reply_problem(struct reply *r, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

const char *reply_reason(int status); /* "Not Found" */

/* The ETag of a body, and its gzip form (empty if not shorter), for handlers that cache their
 * responses. */
void reply_etag(const char *body, size_t n, char etag[REPLY_ETAG]);
void reply_pack(const char *body, size_t n, struct buf *packed);

/* What is sent after the handler has finished. */
struct reply_out {
    const char *body;
    size_t length; /* of the body, even if no_body is set */
    bool no_body;
};

/* Whether the body exceeded REPLY_MAX_BODY. If so, turns the reply into a problem document with
 * status 500, since a partial response is worse than none. */
bool reply_is_too_long(struct reply *r);

/* Decides on 304, compresses if the client accepts it, and writes status line and headers. `common`
 * holds the headers of all responses; `gzip` may be NULL for no compression. */
struct reply_gzip;
void reply_finish(struct reply *r, const struct request *q, const char *common, bool close,
                  struct reply_gzip *gzip, struct buf *head, struct reply_out *out);

struct reply_gzip *reply_gzip_new(void);
void reply_gzip_free(struct reply_gzip *g);

#endif
