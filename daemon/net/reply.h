/* An answer of HTTP as a handler writes it: status, headers, body. Pure. */
#ifndef NET_REPLY_H
#define NET_REPLY_H

#include "base/buf.h"
#include "net/request.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    REPLY_MAX_BODY = 16 << 20, /* bytes; a longer answer is a 500 that says so */
    REPLY_PAGE = 1 << 20,      /* of a list's page: grown to it, it ends before its limit */
    REPLY_ETAG = 24,
};

struct reply {
    int status;        /* 200 unless a handler says otherwise */
    const char *type;  /* of the content, a constant; NULL when there is none */
    const char *cache; /* Cache-Control; "no-cache": may be kept, but must be asked for again */
    struct buf body;   /* a handler appends to it; what is past REPLY_MAX_BODY makes it a 500 */
    const char *static_body; /* instead of `body`: bytes that outlive the program's run */
    size_t static_length;
    const char *static_packed; /* the same with gzip, or NULL */
    size_t static_packed_length;
    char etag[REPLY_ETAG]; /* with quotation marks; of the body, where a handler sets none */
    struct buf headers;    /* more of them, each "Name: value\r\n"; see reply_header() */
    bool held; /* the handler keeps the connection and answers later: a stream, a wait */
};

void reply_init(struct reply *r);
void reply_clear(struct reply *r); /* as reply_init(), the memory is kept */
void reply_free(struct reply *r);

/* One more header; a value with a control character is left out. */
void reply_header(struct reply *r, const char *name, const char *value);

/* Makes it a problem document (RFC 9457). `detail` says what was wrong and what to do; it may hold
 * what a client sent. */
void reply_problem(struct reply *r, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

const char *reply_reason(int status); /* "Not Found" */

/* The ETag of a body, and its form with gzip (empty when that would not be shorter), for handlers
 * that keep their answers. */
void reply_etag(const char *body, size_t n, char etag[REPLY_ETAG]);
void reply_pack(const char *body, size_t n, struct buf *packed);

/* What is to be sent, once the handler is done. */
struct reply_out {
    const char *body;
    size_t length; /* of the body; nothing of it is sent for HEAD */
    bool no_body;
};

/* Whether more was written than an answer may have. It is a problem document then, with status 500,
 * for parts of an answer are worse than none. */
bool reply_is_too_long(struct reply *r);

/* Decides on 304, compresses where the client takes it, and writes status line and headers.
 * `common` are those of all answers, `gzip` what compresses, or NULL. */
struct reply_gzip;
void reply_finish(struct reply *r, const struct request *q, const char *common, bool close,
                  struct reply_gzip *gzip, struct buf *head, struct reply_out *out);

struct reply_gzip *reply_gzip_new(void);
void reply_gzip_free(struct reply_gzip *g);

#endif
