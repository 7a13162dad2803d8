/* Folds words in dates for comparison: lower case, without accents and other marks that people
 * omit. The generated table of names and the dates themselves are folded by the same code. */
#ifndef BASE_DATE_FOLD_H
#define BASE_DATE_FOLD_H

#include <stdbool.h>
#include <stddef.h>

enum {
    DATE_TEXT = 256, /* maximum length of a date in bytes, including the terminating NUL */
    DATE_WORDS = 8,  /* maximum number of words in a name, separated by single blanks */
};

/* Writes the text in NFKC with its case folded; digits of all scripts become 0 to 9, dashes '-',
 * other non-ASCII symbols blanks. Marks on Latin, Greek, Cyrillic, Hebrew and Arabic letters are
 * dropped; those of other scripts are kept because they distinguish letters. False if nothing
 * remains, or if the text is too long or not UTF-8. */
bool date_fold(const char *text, size_t n, char out[DATE_TEXT]);

/* Whether a byte of a folded text belongs to a letter. */
bool date_letter(char c);

/* The number of characters in a text. */
size_t date_characters(const char *text);

/* The length of the word at `p`, or 0 if there is none. A word consists of letters, and dots,
 * slashes and underscores between them ("a.m", "etc/gmt"). */
size_t date_word(const char *p);

#endif
