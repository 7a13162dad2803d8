/* UTF-8 text -> words, one at a time. A word is a run of letters and digits; an apostrophe inside
 * it, a point between single capitals ("U.S." is one word, "us") and the separators inside a number
 * ("50,000" and "50.000" are 50000, "4,25" is 4.25) belong to it; a hyphen and the unit behind a
 * number do not ("2.6bn" is 2.6). Addresses of pages are passed over. Scripts that are written
 * without blanks (Han, Hiragana, Hangul, Thai and their neighbours) give overlapping pairs of
 * characters; pairs do not cross from one of them into another. A run of Katakana, which spells
 * foreign words and names, is one word. Digits of all scripts become 0 to 9. */
#ifndef TEXT_WORDS_H
#define TEXT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

enum {
    WORD_MAX = 63,    /* bytes of one word; a longer run is cut there and the rest passed over */
    WORD_PADDED = 16, /* bytes of its text that are 0 where the word has ended before */
};

struct word {
    char text[WORD_MAX + 9]; /* case folded, the apostrophe-s cut, marks kept */
    char gap;       /* of a number: the byte between it and a word before, 0 if there are more */
    bool unit;      /* of a number: it has one, as "2.6bn", "5%" and "$5", or is "2,600,000" */
    const char *at; /* where it begins in the text */
    size_t len;
    bool capital; /* its first letter is upper case */
    bool caps;    /* all its letters are, and there are two or more */
    bool number;  /* it begins with a digit */
    bool pair;    /* two characters of a script without blanks */
    bool uncased; /* its script has no capitals */
    bool kana;    /* Hiragana: what bends words and ties them together */
    bool ascii;
    bool opens; /* first word of a sentence or of a quotation: a capital says nothing there */
};

struct words {
    const char *begin, *p, *end;
    bool opens;
    bool in_run; /* inside a run without blanks: its next character stands in the pair before */
};

/* The text must be valid UTF-8 and stay until the last words_next(). */
void words_init(struct words *w, const char *text, size_t n);
bool words_next(struct words *w, struct word *out);

#endif
