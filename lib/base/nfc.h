/* Normalization Form C of Unicode (UAX #15): a letter and its accent are one character where there
 * is one for both. Some systems write them as two (macOS in names of files, Korean in Jamo), which
 * look the same to a reader and are not the same to a comparison. */
#ifndef BASE_NFC_H
#define BASE_NFC_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether the text certainly is in that form; nearly all texts are, and it costs little to know. */
bool nfc_is(const char *p, size_t n);

/* Appends the text, valid UTF-8, in that form. It stays as it is where more than NFC_RUN bytes of
 * marks follow each other: no language has so many, and to sort them takes the square of their
 * number. */
enum { NFC_RUN = 256 };
void nfc_add(struct buf *out, const char *p, size_t n);

/* The same with a string, to be freed by the caller. */
char *nfc_str(const char *s);

#endif
