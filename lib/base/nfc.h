/* Unicode Normalization Form C (UAX #15): a letter and its accent become one character if one
 * exists for both. Some systems write two (macOS in file names, Korean in Jamo), which look the
 * same but compare as different. */
#ifndef BASE_NFC_H
#define BASE_NFC_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether the text is certainly in NFC. Nearly all texts are, and the check is cheap. */
bool nfc_is(const char *p, size_t n);

/* Appends the text, which must be valid UTF-8, in NFC. A sequence with more than NFC_RUN bytes of
 * marks is copied unchanged: no language has that many, and sorting them takes quadratic time. */
enum { NFC_RUN = 256 };
void nfc_add(struct buf *out, const char *p, size_t n);

/* The same for a string; the caller frees the result. */
char *nfc_str(const char *s);

#endif
