/* How words in dates are compared: in lower case, without accents and other marks that people leave
 * out. The table of names that is made at build time and the dates themselves are folded alike. */
#ifndef BASE_DATE_FOLD_H
#define BASE_DATE_FOLD_H

#include <stdbool.h>
#include <stddef.h>

enum {
    DATE_TEXT = 256, /* nothing longer is a date; with the 0 at the end */
    DATE_WORDS = 8,  /* of which a name is made at most, with a blank between two */
};

/* The text in NFKC with its case folded, digits of all scripts as 0 to 9, dashes as '-', other
 * signs outside of ASCII as blanks. Marks of Latin, Greek, Cyrillic, Hebrew and Arabic letters are
 * left out, those of other scripts make letters what they are. False where nothing is left, the
 * text is too long or no UTF-8. */
bool date_fold(const char *text, size_t n, char out[DATE_TEXT]);

/* Whether a byte of a folded text is a letter's. */
bool date_letter(char c);

/* How many characters a text has. */
size_t date_characters(const char *text);

/* The length of the word at `p`, 0 where none is: letters, and points, slashes and underlines
 * between them ("a.m", "etc/gmt"). */
size_t date_word(const char *p);

#endif
