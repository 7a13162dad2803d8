/* Logins for feeds: the file named by login_file in [feeds] (format: storyd.conf(5)), and the
 * servers a login may be sent to. A login is "user:password", percent-encoded as in an address (RFC
 * 3986), and is sent by HTTP Basic (RFC 7617). Logins are never logged or stored. */
#ifndef NET_LOGIN_H
#define NET_LOGIN_H

#include "base/buf.h"

#include <stdbool.h>

struct logins;

/* Reads the file (`path` "": no logins). On failure returns NULL with "FILE:LINE: " and a message
 * in `error`. A world-readable file is an error. */
struct logins *logins_read(const char *path, struct buf *error);
void logins_free(struct logins *l); /* accepts NULL */

/* The login of the line with the longest match; NULL if none matches. Valid as long as `l`. */
const char *logins_find(const struct logins *l, const char *url);

/* Whether the login of `from` may be sent to `to`: the same server (scheme, host, port), or an
 * upgrade of that server from http to https on the default ports. */
bool login_follows(const char *from, const char *to);

/* Splits and decodes a login; the caller frees both texts. */
void login_decode(const char *login, char **user, char **password);

#endif
