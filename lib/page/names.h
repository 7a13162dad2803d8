/* Words in names of classes and ids, and at the begin of lines: config/pages.conf. */
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

/* Has a class or id such a word as a part of it? */
bool names_has(enum names of, const char *text);
/* Does a line begin with one, in capitals or not? Its length, 0: with none. */
size_t names_begin(enum names of, const char *text);
/* Stands one anywhere in it? */
bool names_in(enum names of, const char *text);

#endif
