/* Access control for HTTP requests: names of this host (against DNS rebinding), tokens, sign-in by
 * a proxy, and cross-site requests sent by a browser. */
#ifndef NET_ACCESS_H
#define NET_ACCESS_H

#include "base/buf.h"
#include "net/request.h"
#include "net/routes.h"

struct config;
struct access;
struct sockaddr;

/* Where a request comes from. */
struct access_peer {
    bool is_unix, is_proxy;
};

/* Reads the token files and the users of proxies. On failure returns NULL with the reason in
 * `error`. */
struct access *access_new(const struct config *config, struct buf *error);
void access_free(struct access *a);

/* Whether a token or a sign-in is required over TCP; required to listen on other than loopback
 * addresses. */
bool access_is_closed(const struct access *a);

/* Whether a new connection is of a trusted proxy; `uid` as in struct request. */
bool access_is_proxy(const struct access *a, const struct sockaddr *address, int64_t uid);

/* Returns 0 if the request is allowed, else a status with the reason in `why`. Clients of the Unix
 * socket other than proxies are protected by its file mode, and always allowed. Sets r->may_write,
 * r->user, r->role and r->reader. */
int access_check(const struct access *a, struct request *r, enum routes_access need,
                 struct access_peer peer, const char **why);

/* Adds CORS headers if the configuration allows the origin. Returns true if the request is a
 * preflight request and `out` answers it. */
bool access_cors(const struct access *a, const struct request *r, struct reply *out);

/* Whether a Host header names one of `names` (separated by commas or blanks) or localhost. */
bool access_host_known(const char *host, const char *names);

/* Compares in constant time; only the length of the secret can leak. */
bool access_same_secret(const char *secret, const char *given);

/* Whether this is one of the tokens; false if there are none. */
bool access_is_token(const struct access *a, const char *token);

/* Extracts the token of "Bearer TOKEN", of "GoogleLogin auth=NAME/TOKEN" (both percent-encoded), or
 * the password of "Basic BASE64"; false if there is none. */
bool access_token(const char *authorization, char *out, size_t cap);

/* A secret that follows from the same header, for forms that a client sends with it. */
enum { ACCESS_FORM_TOKEN = 58 };
void access_form_token(const char *authorization, char out[ACCESS_FORM_TOKEN]);

/* The name in the same header; "" if there is none, or no valid one. */
void access_name(const char *authorization, char out[REQUEST_MAX_NAME + 1]);

#endif
