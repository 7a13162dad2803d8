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

/* Makes UTF-8 of a document, without a byte order mark. Bytes that are valid UTF-8 with a character
 * of more than one byte are UTF-8, whatever is said of them. Else the first encoding wins of those
 * that it is said to be in that can be right; when none can be, broken characters become U+FFFD.
 * The bytes and the content type must outlive the reader. charset_read() looks at or converts about
 * `n` more bytes; false at the end. */
struct charset_reader;
struct charset_reader *charset_reader_new(const char *p, size_t n, const char *content_type);
bool charset_read(struct charset_reader *c, size_t n);

/* After the end: the text (the document's own bytes, where they can be used, else the reader's),
 * the encoding's name in lower case, and whether nothing was wrong with it. */
const char *charset_text(const struct charset_reader *c, size_t *n);
bool charset_name(const struct charset_reader *c, char name[CHARSET_NAME]);
void charset_reader_free(struct charset_reader *c);

/* All at once, appended to `out`; false when something was wrong. */
bool charset_convert(struct buf *out, const char *p, size_t n, const char *content_type,
                     char name[CHARSET_NAME]);

#endif
