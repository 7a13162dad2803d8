/* Cue words in class names and ids, and at the start of lines: config/pages.conf. */
#ifndef PAGE_NAMES_H
#define PAGE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

enum names {
    NAMES_BESIDE,
    NAMES_ARTICLE,
    NAMES_LEAD,
    NAMES_LINE,
    NAMES_AUTHOR,
    NAMES_DATE,
    NAMES_BEFORE_NAME,
    NAMES_NOBODY,
    NAMES_PAY,
    NAMES_WALL
};

/* Whether a class or id contains such a word as a part. */
bool names_has(enum names of, const char *text);
/* The length of the word that a line starts with, ignoring case; 0 if there is none. */
size_t names_begin(enum names of, const char *text);
/* Whether the text contains one anywhere. */
bool names_in(enum names of, const char *text);

#endif
