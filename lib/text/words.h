/* Splits UTF-8 text into words. A word is a run of letters and digits. An apostrophe inside it, a
 * dot between single capitals ("U.S." is one word, "us") and the separators inside a number
 * ("50,000" and "50.000" are 50000, "4,25" is 4.25) belong to it; a hyphen and the unit after a
 * number do not ("2.6bn" is 2.6). URLs are skipped. Scripts written without blanks (Han, Hiragana,
 * Hangul, Thai and similar) give overlapping pairs of characters; a pair does not span two scripts.
 * A run of Katakana, used for foreign words and names, is one word. Digits of all scripts become 0
 * to 9. */
#ifndef TEXT_WORDS_H
#define TEXT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

enum {
    WORD_MAX = 63,    /* maximum bytes of a word; the rest of a longer run is skipped */
    WORD_PADDED = 16, /* the first bytes of the text, 0 after the end of a shorter word */
};

struct word {
    char text[WORD_MAX + 9]; /* case folded, without a final 's; marks are kept */
    char gap;  /* of a number: the byte between it and the previous word, 0 if there are several */
    bool unit; /* of a number: as in "2.6bn", "5%" and "$5", or "2,600,000" */
    const char *at; /* where it begins in the text */
    size_t len;
    bool capital; /* its first letter is upper case */
    bool caps;    /* it has two or more letters, all upper case */
    bool number;  /* it begins with a digit */
    bool pair;    /* two characters of a script without blanks */
    bool uncased; /* its script has no capitals */
    bool kana;    /* Hiragana: inflections and particles */
    bool ascii;
    bool opens; /* first word of a sentence or quotation: its capital is not significant */
};

struct words {
    const char *begin, *p, *end;
    bool opens;
    bool in_run; /* within a run without blanks: the next character was already in a pair */
};

/* The text must be valid UTF-8 and remain valid until the last words_next(). */
void words_init(struct words *w, const char *text, size_t n);
bool words_next(struct words *w, struct word *out);

#endif
