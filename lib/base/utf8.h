/* UTF-8: decoding, and making text that others can rely on. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The length of the character at p (1 to 4) and its value, or 0 where the bytes are not UTF-8
 * (overlong forms, surrogates, values past U+10FFFF, cut off at end). */
size_t utf8_decode(const char *p, const char *end, uint32_t *value);

/* Writes 1 to 4 bytes; values that are no characters become U+FFFD. */
size_t utf8_encode(uint32_t value, char out[4]);

bool utf8_valid(const char *p, size_t n);

/* How many bytes at the start are ASCII. */
size_t utf8_ascii(const char *p, size_t n);

/* The length of the longest prefix of at most n bytes that does not cut a character in two. */
size_t utf8_cut(const char *p, size_t n);

/* The character that windows-1252 has for a byte of 0x80 to 0x9f, or 0 where it has none. */
uint32_t utf8_windows_1252(unsigned char byte);

/* Characters that a text of a stranger must not bring to a screen: controls, line separators, and
 * those that change the writing direction of what stands around them. */
bool utf8_unsafe(uint32_t c);

/* Appends the text with invalid sequences replaced by U+FFFD and control characters left out: only
 * tab and newline stay, CR and CR LF become a newline. The C1 controls, which nobody means,
 * become what windows-1252 has in their place. */
void utf8_clean(struct buf *out, const char *p, size_t n);

#endif
