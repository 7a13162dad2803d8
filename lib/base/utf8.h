/* UTF-8: decoding, and cleaning of untrusted text. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <utf8proc.h>

/* The length of the character at p (1 to 4) and its value, or 0 if the bytes are not valid UTF-8
 * (overlong forms, surrogates, values past U+10FFFF, truncated at `end`). */
static inline size_t utf8_decode(const char *p, const char *end, uint32_t *value)
{
    if (p >= end)
        return 0;
    if (!(*p & 0x80)) {
        *value = (unsigned char)*p;
        return 1;
    }
    utf8proc_int32_t c;
    utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)p, end - p, &c);
    if (n <= 0)
        return 0;
    *value = (uint32_t)c;
    return (size_t)n;
}

/* Writes 1 to 4 bytes; invalid code points become U+FFFD. */
size_t utf8_encode(uint32_t value, char out[4]);

bool utf8_valid(const char *p, size_t n);

/* The number of leading ASCII bytes. */
size_t utf8_ascii(const char *p, size_t n);

/* The length of the longest prefix of at most n bytes that does not split a character. */
size_t utf8_cut(const char *p, size_t n);

/* The character that windows-1252 assigns to a byte from 0x80 to 0x9f, or 0 if it assigns none. */
uint32_t utf8_windows_1252(unsigned char byte);

/* Characters that untrusted text must not bring to a display: controls, line separators, and those
 * that change the writing direction of the surrounding text. */
bool utf8_unsafe(uint32_t c);

/* Appends the text with invalid sequences replaced by U+FFFD and control characters removed, except
 * for tab and newline; CR and CR LF become a newline. C1 controls, which are never intended, are
 * replaced by the windows-1252 characters of the same bytes. */
void utf8_clean(struct buf *out, const char *p, size_t n);

#endif
