/* WebSub (W3C, 2018): requests of a subscriber and authentication of its hubs. Pure, except for
 * libcrypto. */
#ifndef POLL_WEBSUB_H
#define POLL_WEBSUB_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All tokens and secrets are derived from one key. Sizes of texts include the NUL. */
enum { WEBSUB_KEY = 32, WEBSUB_TOKEN = 33, WEBSUB_SECRET = 65 /* bytes */ };

/* The unguessable last part of a feed's callback address. */
void websub_token(const unsigned char key[WEBSUB_KEY], uint64_t feed, char out[WEBSUB_TOKEN]);

/* The secret with which the hub signs documents of a topic. */
void websub_secret(const unsigned char key[WEBSUB_KEY], uint64_t feed, const char *topic,
                   char out[WEBSUB_SECRET]);

/* Whether an X-Hub-Signature (sha1, sha256, sha384, sha512) is valid; NULL is invalid. */
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

/* The target of a relation in a Link header (RFC 8288), or NULL. The caller frees it. */
char *websub_link(const char *header, const char *rel);

#endif
