/* URLs by RFC 3986: parsing, resolving a reference against a base, and normalising equivalent
 * spellings. */
#ifndef BASE_URL_H
#define BASE_URL_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct url_part {
    const char *p; /* NULL if the address lacks this part */
    size_t n;
};

/* The parts point into the parsed text. `path` is never NULL, but may be empty. */
struct url {
    struct url_part scheme, userinfo, host, port, path, query, fragment;
    bool has_authority;
};

/* Cannot fail: by RFC 3986, appendix B, every text can be split into these parts. */
void url_parse(struct url *u, const char *text, size_t n);

bool url_is_absolute(const char *text); /* it starts with a scheme */

/* Whether the address is safe to give to readers as a link: http or https, with a host, and with a
 * numeric port or none. Others are not safe: browsers execute "javascript:" and "data:" on a
 * click. */
bool url_is_http(const char *text);

/* Whether two addresses belong to the same site: one host equals the other or is a subdomain of it;
 * "www." is ignored. */
bool url_same_site(const char *a, const char *b);

/* The address without the login before its host (RFC 3986's userinfo); the caller frees it. `login`
 * (NULL if not needed) is set to "user:password" as written, which the caller frees, or to NULL.
 * Any other text is copied unchanged. */
char *url_without_login(const char *text, char **login);

/* Resolves `ref` against the page address `base`; the caller frees the result. Surrounding white
 * space and embedded line breaks are dropped, as in browsers. An unusable base (NULL, empty, not
 * absolute) leaves the reference unchanged. An http or https result has no login: that of the base
 * is only for the request, not for readers. */
char *url_resolve(const char *base, const char *ref);

/* The part with all percent-encoding decoded; the caller frees it. */
char *url_decoded(struct url_part part);

/* Appends a path, query or fragment in its normal form (RFC 3986 6.2.2). Characters that need no
 * encoding are decoded (including !'()* of RFC 2396, which some libraries encode); those that need
 * it are encoded with upper-case hex digits. Reserved characters whose encoding changes the meaning
 * (& / ? ...) stay as they are. */
void url_add_normal(struct buf *b, struct url_part part);

/* Removes "." and ".." segments from the path that starts at offset `start` of b (RFC 3986
 * 5.2.4). */
void url_remove_dots(struct buf *b, size_t start);

#endif
