/* Addresses by RFC 3986: taking apart, resolving a reference against a base, and the one form of
 * what can be written in several. */
#ifndef BASE_URL_H
#define BASE_URL_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct url_part {
    const char *p; /* NULL where the address does not have this part */
    size_t n;
};

/* The parts point into the parsed text. `path` is always set, if only to nothing. */
struct url {
    struct url_part scheme, userinfo, host, port, path, query, fragment;
    bool has_authority;
};

/* Every text has a reading by RFC 3986's appendix B, so this cannot fail. */
void url_parse(struct url *u, const char *text, size_t n);

bool url_is_absolute(const char *text); /* it starts with a scheme */

/* Is it an address that may be given to readers as a link: http or https, with a host, and a port
 * that is a number or none? Nothing else is one: "javascript:" and "data:" run where they are
 * clicked. */
bool url_is_http(const char *text);

/* Whether two addresses are of one site: the host of one is that of the other, or below it; "www."
 * does not count. */
bool url_same_site(const char *a, const char *b);

/* The address without the login that stands before its host (RFC 3986's userinfo), to be freed by
 * the caller. `login` (NULL: nobody asks) is set to "user:password" as it stood there, for the
 * caller to free, or to NULL. Any other text is copied as it is. */
char *url_without_login(const char *text, char **login);

/* The address that `ref` means on a page at `base`, to be freed by the caller. White space around
 * and line breaks within are dropped as browsers do. An unusable base (NULL, empty, not absolute)
 * leaves the reference as it is. What is http or https has no login: that of the base is for the
 * one who asks, and no reader's. */
char *url_resolve(const char *base, const char *ref);

/* The part with all that is percent-encoded decoded, to be freed by the caller. */
char *url_decoded(struct url_part part);

/* Adds a path, a query or a fragment in the one way to write it (RFC 3986 6.2.2): what need not be
 * encoded is not (the marks !'()* of RFC 2396 among it, which some libraries encode), all that must
 * be is, in hex digits of upper case. What may stand either way, and says something else in each
 * (& / ? ...), stays as it is. */
void url_add_normal(struct buf *b, struct url_part part);

/* Takes "." and ".." out of the path that b holds from `start` on (RFC 3986 5.2.4). */
void url_remove_dots(struct buf *b, size_t start);

#endif
