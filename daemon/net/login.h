/* Logins that feeds are asked with: the file that login_file in [feeds] names (its format stands in
 * storyd.conf(5)), and where a login may be sent. A login is "user:password", percent-encoded, as
 * it stands in an address before the host (RFC 3986), and is sent by HTTP Basic (RFC 7617). Nothing
 * here writes one anywhere. */
#ifndef NET_LOGIN_H
#define NET_LOGIN_H

#include "base/buf.h"

#include <stdbool.h>

struct logins;

/* Reads the file ("" is none: no logins). NULL with "FILE: " or "FILE:LINE: ", what is wrong and
 * what was expected in `error`: also when everybody on this machine may read the file. */
struct logins *logins_read(const char *path, struct buf *error);
void logins_free(struct logins *l); /* NULL is none */

/* The login for an address: of the line with the longest part of it; NULL where no line fits. It
 * lives as long as `l`. */
const char *logins_find(const struct logins *l, const char *url);

/* Whether the login of one address may be sent to another: the same server (scheme, host, port), or
 * that server's https where it was http. */
bool login_follows(const char *from, const char *to);

/* The two halves of a login, decoded, for the caller to free. */
void login_decode(const char *login, char **user, char **password);

#endif
