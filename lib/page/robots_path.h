/* Paths and patterns of robots.txt in a normal form for comparison (RFC 9309, 2.2.2):
 * percent-encoded only if the octet requires it or if encoding changes the meaning. For lib/page
 * only; other code uses page/robots.h. */
#ifndef PAGE_ROBOTS_PATH_H
#define PAGE_ROBOTS_PATH_H

#include "base/buf.h"
#include "base/url.h"

#include <stdbool.h>
#include <stddef.h>

enum { ROBOTS_MAX_PATH = 8 << 10 /* bytes of an address, in this form */ };

/* Appends the text in this form. In a pattern `*` and a final `$` keep their special meaning;
 * elsewhere they are ordinary octets. Text that does not fit is cut between two octets. */
void robots_path_add(struct buf *out, const char *text, size_t n, bool is_pattern);

/* Appends the request target of an absolute http address: the path, without dot segments, and the
 * query. */
void robots_path_of(struct buf *out, const char *url);

/* Whether the pattern matches the start of the path, or with `$` all of it; both in this form.
 * Takes linear time. */
bool robots_path_match(struct url_part pattern, struct url_part path);

#endif
