/* Detects the encoding of a document and converts it to UTF-8. */
#ifndef FEED_CHARSET_H
#define FEED_CHARSET_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum { CHARSET_NAME = 48, CHARSET_SNIFF = 1024 /* bytes that suffice for detection */ };

/* Whether the document is in UTF-8 (or US-ASCII) by declaration or by default; sets `name` to the
 * encoding. Reads the byte order mark, the HTTP header and the XML declaration. */
bool charset_is_utf8(const char *p, size_t n, const char *content_type, char name[CHARSET_NAME]);

/* Converts a document to UTF-8 without a byte order mark. Bytes that are valid UTF-8 with at least
 * one multi-byte character are treated as UTF-8, regardless of any declaration. Otherwise the first
 * declared encoding in which the bytes are valid is used; if there is none, invalid characters
 * become U+FFFD. The bytes and the content type must outlive the reader. charset_read() checks or
 * converts about `n` more bytes; false at the end. */
struct charset_reader;
struct charset_reader *charset_reader_new(const char *p, size_t n, const char *content_type);
bool charset_read(struct charset_reader *c, size_t n);

/* After the end: the text (the document's own bytes if they need no conversion, otherwise the
 * reader's), the encoding's name in lower case, and whether the text was valid in its declared
 * encoding. */
const char *charset_text(const struct charset_reader *c, size_t *n);
bool charset_name(const struct charset_reader *c, char name[CHARSET_NAME]);
void charset_reader_free(struct charset_reader *c);

/* Converts everything at once and appends it to `out`; false if the text was not valid. */
bool charset_convert(struct buf *out, const char *p, size_t n, const char *content_type,
                     char name[CHARSET_NAME]);

#endif
