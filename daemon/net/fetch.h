/* HTTP requests on the event loop, including their redirects. Only fetch.c uses libcurl. */
#ifndef NET_FETCH_H
#define NET_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address_list;
struct event_base;
struct fetcher;
struct fetch;

/* Validators for a conditional request: sent back unmodified, only to the address they came from
 * and if its content coding is still accepted. NULL: not given. */
struct fetch_validators {
    const char *url, *coding, *etag, *last_modified;
};

struct fetch_request {
    const char *url, *user_agent;
    const char *login; /* "user:password", percent-encoded; NULL: the one in the address, if any.
                          Sent to that server only (login_follows()); never part of an answer. */
    struct fetch_validators known; /* url NULL: none */
    const char *post;           /* body of a POST, which does not follow redirects; NULL: a GET */
    bool put;                   /* a PUT instead, with the same body */
    const char *accept;         /* media types; NULL: those of feeds */
    const char *const *headers; /* "Name: value", ends with NULL; only with `post` */
    bool http1;                 /* no HTTP/2 */
    bool certificate;           /* the answer shall have certificate_end */
    int64_t connect_timeout, timeout; /* milliseconds */
    size_t max_body;                  /* bytes, before and after decoding */
    const char *ca_file;              /* "": the system's */
    const char *proxy;                /* "": none; the environment is ignored */
    /* Networks that may be connected to besides public addresses; must outlive the request. Ignored
     * with a proxy, which decides for itself. NULL: all addresses are allowed, and those of this
     * machine bypass the proxy. */
    const struct address_list *allowed;
};

/* Response headers that are passed on: symbol, name in lower case. */
#define FETCH_HEADERS(H)                                                                           \
    H(ETAG, "etag")                                                                                \
    H(LAST_MODIFIED, "last-modified")                                                              \
    H(CODING, "content-encoding")                                                                  \
    H(RETRY_AFTER, "retry-after")                                                                  \
    H(CACHE_CONTROL, "cache-control")                                                              \
    H(AGE, "age")                                                                                  \
    H(DATE, "date")                                                                                \
    H(EXPIRES, "expires")                                                                          \
    H(IM, "im")                                                                                    \
    H(LINK, "link")                                                                                \
    H(ROBOTS, "x-robots-tag")                                                                      \
    H(TDM, "tdm-reservation")

enum fetch_header {
#define H(symbol, name) FETCH_##symbol,
    FETCH_HEADERS(H)
#undef H
        FETCH_HEADER_COUNT
};

const char *fetch_header_name(enum fetch_header header); /* "etag" */

/* Valid only during the callback. */
struct fetch_answer {
    const char *error; /* NULL: there is an HTTP response; else an error message */
    long status;
    const char *url;   /* final address, after redirects */
    const char *moved; /* target of permanent redirects alone, from the first address; or NULL */
    bool conditional;  /* validators were sent to `url` */
    bool cut; /* the body is truncated: with `error` set if the transfer was, without if only the
                 compressed data was */
    int64_t certificate_end;  /* when the server's certificate expires; 0: unknown, not asked for */
    const char *content_type; /* NULL: not sent */
    const char *header[FETCH_HEADER_COUNT]; /* of the last response; lists joined */
};

/* Whether a response with that status contains the requested document: 200; 203, from a proxy that
 * modified it (RFC 9110, 15.3.4); 202, which some servers send with a document. */
static inline bool fetch_is_document(long status)
{
    return status == 200 || status == 202 || status == 203;
}

struct fetcher *fetcher_new(struct event_base *base);

/* Call after a change of the configuration: later requests use new connections only, so that none
 * made under the old settings (addresses, proxy, certificates) is reused. Requests under way
 * complete, but their redirects use new connections too. `connections_per_host` 0: no limit. */
void fetcher_renew(struct fetcher *f, int64_t connections_per_host);
void fetcher_free(struct fetcher *f); /* cancels requests under way without a callback */

/* The callbacks of a request. `take` receives the decoded body of the last response, piece by
 * piece, with the head of that response; it returns NULL, or an error message that ends the
 * request. `done` is called once at the end. `may` is asked before a redirect is followed; it
 * returns NULL, or why not. `may` NULL: all redirects are followed. */
struct fetch_client {
    const char *(*take)(void *arg, const struct fetch_answer *head, const char *bytes, size_t n);
    void (*done)(void *arg, const struct fetch_answer *answer);
    void *arg;
    const char *(*may)(void *arg, const char *url);
};

/* Returns why an address can never be requested, whatever the state of the network, or NULL. A
 * constant that does not contain the address. */
const char *fetch_refuses(const char *url);

/* The file with the system's certificates, for verifying servers; "": unknown. */
const char *fetch_ca_file(void);

/* Starts a request. `done` is called from the loop exactly once, unless the request is cancelled.
 * Texts of the request are copied. Returns NULL, without a call of `done`, if curl rejects the
 * address. */
struct fetch *fetch_start(struct fetcher *f, const struct fetch_request *r,
                          const struct fetch_client *client);
void fetch_cancel(struct fetch *fetch); /* not from within its `take` or `done` */

#endif
