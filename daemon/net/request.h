/* Parses HTTP/1.1 requests (RFC 9110, 9112). Strict: ambiguous or malformed input is rejected,
 * never guessed at. Pure: no sockets, no clock. */
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
    REQUEST_MAX_NAME = 200, /* bytes of a user's or reader's name */
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

/* All texts are NUL-terminated and point into the parsed buffer. */
struct request {
    enum request_method method;
    const char *target; /* as sent, without scheme and host */
    const char *path;   /* decoded */
    const char *host;   /* or NULL */
    const char *body;   /* NUL-terminated too */
    size_t body_length;
    bool close;            /* close the connection after the response */
    bool expects_continue; /* the client waits for 100 Continue before it sends the body */
    bool chunked;
    size_t content_length;
    struct request_pair headers[REQUEST_MAX_HEADERS], parameters[REQUEST_MAX_PARAMETERS];
    size_t n_headers, n_parameters;

    /* set by the router */
    uint64_t number;  /* value of {number} in the pattern */
    const char *rest; /* value of {rest} in the pattern */
    bool may_write;   /* the client is also allowed to write */
    const char *user; /* whom a trusted proxy names; NULL: unknown */
    const char *role; /* of the client: "read", "decide" or "administer"; NULL: an open route */
    char reader[REQUEST_MAX_NAME + 1]; /* the user, or else the name that the client gives with a
                                          token, which proves nothing; "": unknown */
    /* set by the server */
    struct server_connection *connection;
    int64_t peer_uid; /* for a Unix socket; else -1 */
};

/* Returns the length of the head at the start of the input; 0: more input is needed; negative:
 * minus the status of the error response. */
int request_head_length(const char *p, size_t n);

/* Parses a head of that length in place. Returns 0, or minus a status. */
int request_head(struct request *r, char *p, size_t n);

/* Joins the chunks of a body in place. Start with a zeroed struct and call it again with the same
 * buffer as more input arrives. Returns the end of the body in the input; 0: more input is needed;
 * negative: minus a status. c->length is the length of the joined body. */
struct request_chunks {
    size_t at, length;
};
int64_t request_chunks(struct request_chunks *c, char *p, size_t n);

/* The value of a header, or NULL. Repeated headers are not joined; the first one is returned. */
const char *request_header(const struct request *r, const char *name);

/* The decoded value of a query parameter, or NULL. */
const char *request_parameter(const struct request *r, const char *name);

/* Parses "a=1&b=2", a query or form, in place. Returns -1 if there are more than `max` pairs or the
 * encoding is invalid. */
int request_pairs(char *text, struct request_pair *out, size_t max, size_t *n);

/* Whether a list such as "gzip, br;q=0" contains the word with a weight above 0. */
bool request_list_has(const char *list, const char *word);

/* Whether an If-None-Match value contains this ETag (with quotation marks). */
bool request_etag_matches(const char *list, const char *etag);

#endif
