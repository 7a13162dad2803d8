/* Paths and patterns of robots.txt in the one form in which they are compared (RFC 9309, 2.2.2):
 * percent-encoded where an octet must be, or where it means something else so. For lib/page alone;
 * others ask page/robots.h. */
#ifndef PAGE_ROBOTS_PATH_H
#define PAGE_ROBOTS_PATH_H

#include "base/buf.h"
#include "base/url.h"

#include <stdbool.h>
#include <stddef.h>

enum { ROBOTS_MAX_PATH = 8 << 10 /* of an address, in this form */ };

/* Adds the text in this form. Of a pattern `*`, and `$` at its end, stay what they are; anywhere
 * else they are octets as others. What does not fit is cut off between two octets. */
void robots_path_add(struct buf *out, const char *text, size_t n, bool is_pattern);

/* Adds what an absolute http address asks its host for: the path, without dots, and the query. */
void robots_path_of(struct buf *out, const char *url);

/* Whether the pattern matches the beginning of the path, or with `$` all of it; both in this form.
 * The time it takes is linear in their lengths. */
bool robots_path_match(struct url_part pattern, struct url_part path);

#endif
