/* WebSub (W3C, 2018): what a subscriber says, and how it knows its hub again. Pure, but for the
 * library that hashes. */
#ifndef POLL_WEBSUB_H
#define POLL_WEBSUB_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All secrets follow from one key. */
enum { WEBSUB_KEY = 32, WEBSUB_TOKEN = 33, WEBSUB_SECRET = 65 /* texts, with their NUL */ };

/* The last part of a feed's callback address: nobody else can guess it. */
void websub_token(const unsigned char key[WEBSUB_KEY], uint64_t feed, char out[WEBSUB_TOKEN]);

/* What the hub signs a topic's documents with. */
void websub_secret(const unsigned char key[WEBSUB_KEY], uint64_t feed, const char *topic,
                   char out[WEBSUB_SECRET]);

/* Whether an X-Hub-Signature (sha1, sha256, sha384, sha512) is right; NULL is not. */
bool websub_signed(const char *signature, const char *secret, const void *body, size_t n);

/* The body of a request to a hub. */
struct websub_request {
    const char *mode; /* subscribe or unsubscribe */
    const char *topic, *callback, *secret;
    uint64_t feed;
    const char *token;
    int64_t lease; /* seconds */
};
void websub_form(struct buf *out, const struct websub_request *r);

/* The address of a relation in a Link header (RFC 8288), to be freed by the caller; or NULL. */
char *websub_link(const char *header, const char *rel);

#endif
