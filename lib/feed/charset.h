/* From the bytes of a document to UTF-8: which encoding it is in, and the conversion. */
#ifndef FEED_CHARSET_H
#define FEED_CHARSET_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum { CHARSET_NAME = 48, CHARSET_SNIFF = 1024 /* bytes that are enough to look at */ };

/* Whether the document says, or leaves to be assumed, that it is in UTF-8 (US-ASCII is too);
 * then `name` tells which. Looks at the byte order mark, the HTTP header and the XML declaration.
 */
bool charset_is_utf8(const char *p, size_t n, const char *content_type, char name[CHARSET_NAME]);

/* Appends the document as UTF-8, without a byte order mark. The first encoding wins of those that
 * it is said to be in that can be right; when none can be, broken characters become U+FFFD. The
 * encoding's name, in lower case, goes to `name`. False when something was wrong with it. */
bool charset_convert(struct buf *out, const char *p, size_t n, const char *content_type,
                     char name[CHARSET_NAME]);

#endif
