/* One HTTP request on the event loop: curl's multi socket interface under libevent. The only file
 * that knows curl. */
#ifndef POLL_FETCH_H
#define POLL_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address_list;
struct event_base;
struct fetcher;
struct fetch;

struct fetch_request {
    const char *url, *user_agent;
    const char *etag, *last_modified; /* validators to send back, or NULL */
    int64_t connect_timeout, timeout; /* milliseconds */
    size_t max_body;                  /* decompressed bytes */
    const char *proxy;                /* "" none; the environment's are never taken */
    /* Addresses that may be asked beside the public ones; must outlive the request. Not looked at
     * when there is a proxy: what that may ask is its own matter. */
    const struct address_list *allowed;
};

/* Valid in the callback only. */
struct fetch_answer {
    const char *error; /* NULL: there is an HTTP answer; else what went wrong */
    long status;
    const char *url;                                 /* where it came from, after redirects */
    const char *content_type, *etag, *last_modified; /* NULL where not sent */
    const char *retry_after;                         /* as sent, or NULL */
};

struct fetcher *fetcher_new(struct event_base *base);
void fetcher_free(struct fetcher *f); /* requests under way are dropped without a call */

/* Who asks. `take` gets the body of the last answer, after redirects, as it comes: a piece at a
 * time, decompressed, with the head of that answer. It returns NULL, or what is wrong: then the
 * request ends with that error. */
struct fetch_client {
    const char *(*take)(void *arg, const struct fetch_answer *head, const char *bytes, size_t n);
    void (*done)(void *arg, const struct fetch_answer *answer);
    void *arg;
};

/* Always answers through `done`, from the loop, unless it is cancelled first. The request's texts
 * are copied. NULL when curl refuses the address; then `done` is not called. */
struct fetch *fetch_start(struct fetcher *f, const struct fetch_request *r,
                          const struct fetch_client *client);
void fetch_cancel(struct fetch *fetch); /* not from within its own `take` or `done` */

#endif
