/* A request of HTTP/1.1 (RFC 9110, 9112) as its bytes come. Pure: knows no socket and no clock.
 * What a careful sender never sends is refused rather than guessed at. */
#ifndef NET_REQUEST_H
#define NET_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    REQUEST_MAX_HEAD = 16 << 10, /* bytes of the request line and all headers */
    REQUEST_MAX_HEADERS = 64,
    REQUEST_MAX_PARAMETERS = 32,
    REQUEST_MAX_BODY = 1 << 20,
};

enum request_method {
    REQUEST_GET,
    REQUEST_HEAD,
    REQUEST_POST,
    REQUEST_PUT,
    REQUEST_DELETE,
    REQUEST_OPTIONS,
    REQUEST_OTHER
};

struct request_pair {
    const char *name, *value;
};

/* All texts lie in the memory that was parsed, NUL-terminated. */
struct request {
    enum request_method method;
    const char *target; /* as it was sent, without scheme and host */
    const char *path;   /* decoded */
    const char *host;   /* NULL when there is none */
    const char *body;   /* NUL-terminated too */
    size_t body_length;
    bool close;            /* the sender wants no further request on this connection */
    bool expects_continue; /* it waits for a word before it sends the body */
    bool chunked;
    size_t content_length;
    struct request_pair headers[REQUEST_MAX_HEADERS], parameters[REQUEST_MAX_PARAMETERS];
    size_t n_headers, n_parameters;

    /* set by the router */
    uint64_t number;  /* what {number} of the pattern stood for */
    const char *rest; /* what {rest} of the pattern stood for */
    bool may_write;   /* the client could also call what writes */
    /* set by the server */
    struct server_connection *connection;
    int64_t peer_uid; /* of a Unix socket; -1 elsewhere */
};

/* The length of the head that the input begins with; 0 when more must come; else the negative of
 * the status to answer with. */
int request_head_length(const char *p, size_t n);

/* Reads a head of that length, which it takes apart in place. 0, or the negative of a status. */
int request_head(struct request *r, char *p, size_t n);

/* Joins the chunks of a body in place, as they come; begin with zeros, and go on with the same
 * bytes and more. Where the whole body ends in the input; 0 when more must come; else the negative
 * of a status. `length` is that of the joined body. */
struct request_chunks {
    size_t at, length;
};
int64_t request_chunks(struct request_chunks *c, char *p, size_t n);

/* Of a header, or NULL. Several of one name are not joined: the first. */
const char *request_header(const struct request *r, const char *name);

/* Of a parameter of the query, decoded, or NULL. */
const char *request_parameter(const struct request *r, const char *name);

/* Takes apart "a=1&b=2" in place, as a query or a form has it. -1 when there are too many or a
 * text is no UTF-8. */
int request_pairs(char *text, struct request_pair *out, size_t max, size_t *n);

/* Whether a list such as "gzip, br;q=0" has the word with a weight above 0. */
bool request_list_has(const char *list, const char *word);

/* Whether an If-None-Match has this ETag, which is in quotation marks. */
bool request_etag_matches(const char *list, const char *etag);

#endif
