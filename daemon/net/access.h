/* Who may ask for what: names of this host, tokens, and requests that another site's page makes a
 * browser send. */
#ifndef NET_ACCESS_H
#define NET_ACCESS_H

#include "base/buf.h"
#include "net/request.h"
#include "net/routes.h"

struct config;
struct access;

/* Reads the token files. NULL with the reason in `error`. */
struct access *access_new(const struct config *config, struct buf *error);
void access_free(struct access *a);

/* Whether reads of strangers are kept out: what other addresses than loopback need. */
bool access_has_tokens(const struct access *a);

/* 0 when the client may, else a status with the reason. Of `local` clients (a Unix socket, which
 * the file's mode guards) nothing is asked. Sets `may_write`. */
int access_check(const struct access *a, struct request *r, enum routes_access need, bool local,
                 const char **why);

/* Lets a page of another origin read the answer, where the configuration names it. True when the
 * request only asks whether it may, and `out` says so. */
bool access_cors(const struct access *a, const struct request *r, struct reply *out);

/* Whether a Host header names one of `names`, each with commas or blanks between, or this machine.
 */
bool access_host_known(const char *host, const char *names);

/* Equal in a time that tells nothing of the secret but its length. */
bool access_same_secret(const char *secret, const char *given);

/* The token of "Bearer TOKEN", or of "Basic BASE64", where it is the password; false for none. */
bool access_token(const char *authorization, char *out, size_t cap);

#endif
