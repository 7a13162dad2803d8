/* Access control for HTTP requests: names of this host (against DNS rebinding), tokens, and
 * cross-site requests sent by a browser. */
#ifndef NET_ACCESS_H
#define NET_ACCESS_H

#include "base/buf.h"
#include "net/request.h"
#include "net/routes.h"

struct config;
struct access;

/* Reads the token files. On failure returns NULL with the reason in `error`. */
struct access *access_new(const struct config *config, struct buf *error);
void access_free(struct access *a);

/* Whether a token is configured; required to listen on other than loopback addresses. */
bool access_has_tokens(const struct access *a);

/* Returns 0 if the request is allowed, else a status with the reason in `why`. `local` clients use
 * a Unix socket, which its file mode protects; they are always allowed. Sets r->may_write. */
int access_check(const struct access *a, struct request *r, enum routes_access need, bool local,
                 const char **why);

/* Adds CORS headers if the configuration allows the origin. Returns true if the request is a
 * preflight request and `out` answers it. */
bool access_cors(const struct access *a, const struct request *r, struct reply *out);

/* Whether a Host header names one of `names` (separated by commas or blanks) or localhost. */
bool access_host_known(const char *host, const char *names);

/* Compares in constant time; only the length of the secret can leak. */
bool access_same_secret(const char *secret, const char *given);

/* Extracts the token of "Bearer TOKEN", or the password of "Basic BASE64"; false if there is
 * none. */
bool access_token(const char *authorization, char *out, size_t cap);

#endif
