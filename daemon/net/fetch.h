/* One HTTP request on the event loop, and those that its redirects lead to: curl's multi socket
 * interface under libevent. The only file that knows curl. */
#ifndef NET_FETCH_H
#define NET_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address_list;
struct event_base;
struct fetcher;
struct fetch;

/* What a document can be asked for again by: bytes that go back as they came, to the address they
 * came from and for the content coding they came with. NULL: not given. */
struct fetch_validators {
    const char *url, *coding, *etag, *last_modified;
};

struct fetch_request {
    const char *url, *user_agent;
    const char *login; /* "user:password", percent-encoded; NULL: the one in the address, if any.
                          It goes to that server alone (login_follows()), and no answer has it. */
    struct fetch_validators known; /* url NULL: nothing is */
    const char *post;   /* a form to be posted, not redirected; NULL: a document is asked for */
    const char *accept; /* types that are wanted; NULL: those of feeds */
    const char *const *headers;       /* "Name: value" of what else is posted; NULL ends them */
    bool http1;                       /* no HTTP/2 */
    int64_t connect_timeout, timeout; /* milliseconds */
    size_t max_body;                  /* bytes, packed and unpacked */
    const char *ca_file;              /* "" the system's */
    const char *proxy;                /* "" none; the environment's are never taken */
    /* Addresses that may be asked beside the public ones; must outlive the request. Not looked at
     * when there is a proxy: what that may ask is its own matter. NULL: all may
     * be asked, without the proxy those of this machine. */
    const struct address_list *allowed;
};

/* The headers that are handed on: symbol, name in lower case. */
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

/* Valid in the callback only. */
struct fetch_answer {
    const char *error; /* NULL: there is an HTTP answer; else what went wrong */
    long status;
    const char *url;   /* where it came from, after redirects */
    const char *moved; /* where permanent redirects alone lead from the first address; NULL none */
    bool conditional;  /* validators were sent to that url */
    bool cut;          /* the body breaks off: with an error where the transfer did, without where
                          the packing did */
    const char *content_type;               /* NULL where not sent */
    const char *header[FETCH_HEADER_COUNT]; /* of the last answer, as sent; lists joined */
};

/* Whether an answer of that status has the document that was asked for: 200; 203, which a proxy
 * says of one that it changed (RFC 9110, 15.3.4); 202, which some send with it all the same. */
static inline bool fetch_is_document(long status)
{
    return status == 200 || status == 202 || status == 203;
}

struct fetcher *fetcher_new(struct event_base *base);

/* Under a configuration that is new: what is asked from now on goes over connections that are made
 * from now on, so that none which the old one allowed (addresses, proxy, certificates) serves on.
 * Requests under way end as they began, but each of their redirects is one from now on. At most so
 * many connections to a host; 0: any number. */
void fetcher_renew(struct fetcher *f, int64_t connections_per_host);
void fetcher_free(struct fetcher *f); /* requests under way are dropped without a call */

/* Who asks. `take` gets the body of the last answer, after redirects, as it comes: a piece at a
 * time, decompressed, with the head of that answer. It returns NULL, or what is wrong: then the
 * request ends with that error. `may` says so of the address that a redirect leads to before it is
 * asked; NULL: all may be. */
struct fetch_client {
    const char *(*take)(void *arg, const struct fetch_answer *head, const char *bytes, size_t n);
    void (*done)(void *arg, const struct fetch_answer *answer);
    void *arg;
    const char *(*may)(void *arg, const char *url);
};

/* Why no request can ever be made of that address, whatever the network is like; NULL: it can be
 * asked. A constant, without the address. */
const char *fetch_refuses(const char *url);

/* Always answers through `done`, from the loop, unless it is cancelled first. The request's texts
 * are copied. NULL when curl refuses the address; then `done` is not called. */
struct fetch *fetch_start(struct fetcher *f, const struct fetch_request *r,
                          const struct fetch_client *client);
void fetch_cancel(struct fetch *fetch); /* not from within its own `take` or `done` */

#endif
