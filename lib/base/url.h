/* Addresses by RFC 3986: taking apart, and resolving a reference against a base. */
#ifndef BASE_URL_H
#define BASE_URL_H

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

/* The address that `ref` means on a page at `base`, to be freed by the caller. White space around
 * and line breaks within are dropped as browsers do. An unusable base (NULL, empty, not absolute)
 * leaves the reference as it is. */
char *url_resolve(const char *base, const char *ref);

#endif
