/* Escapes text for where some characters have a meaning: HTML, XML, JSON, log lines, addresses. */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include "base/buf.h"

#include <stddef.h>

enum escape_for {
    /* References for what would be markup; all other bytes stay, broken ones too. */
    ESCAPE_TEXT,      /* & < > */
    ESCAPE_ATTRIBUTE, /* and " */
    ESCAPE_OPML,      /* the same by number, newline and tab too; other control characters go */
    /* The same and ' as well; what is no UTF-8 is U+FFFD. */
    ESCAPE_XML,  /* what is no character of XML goes, and DEL */
    ESCAPE_PAGE, /* what utf8_unsafe() names goes; newline and tab are blanks */
    /* Between quotation marks that the caller writes. */
    ESCAPE_JSON, /* what is no UTF-8 is U+FFFD; control characters by number */
    ESCAPE_LOG,  /* what is no UTF-8, and control characters, by byte; utf8_unsafe() by number */
    /* A value of a query or a form: all but letters, digits and - . _ ~ is percent-encoded. */
    ESCAPE_QUERY,
    ESCAPE_COUNT
};

void escape(struct buf *out, enum escape_for how, const char *p, size_t n);
void escape_text(struct buf *out, enum escape_for how, const char *text); /* up to its NUL */

#endif
