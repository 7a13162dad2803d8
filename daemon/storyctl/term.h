/* Output that is safe for a terminal: texts from feeds without control characters or bidirectional
 * overrides; tables that fit the terminal's width; colours. */
#ifndef STORYCTL_TERM_H
#define STORYCTL_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Prints the text without truncation, on one line. */
void term_text(const char *text);
void term_print(FILE *to, const char *text);

/* "17 Mar 14:05", with the year if it is not the current one; "-" for 0. Local time. */
const char *term_time(int64_t time, char out[32]);

/* ---- colours ---- */

enum term_style { TERM_PLAIN, TERM_HEAD, TERM_BAD, TERM_FAINT };

/* Whether standard output is a terminal that takes colours, and NO_COLOR is not set. */
bool term_has_color(void);
void term_styled(const char *text, enum term_style style, bool color);

/* ---- tables ---- */

/* On a terminal a row is cut to its width: $COLUMNS, or else what the terminal says, but 40 to 300.
 * In other output nothing is cut. The last column takes the rest of the line. */
struct term_column {
    const char *title;    /* NULL ends the columns */
    size_t width, narrow; /* `narrow` on a terminal of fewer columns than `wide`; 0: left out */
    size_t wide;          /* 0: always `width` */
    bool right;           /* aligned right and never cut, for numbers */
    bool whole;           /* never cut, for texts to be read */
};

struct term_table {
    const struct term_column *columns;
    size_t n, at;    /* columns; the one of the next cell */
    size_t terminal; /* its width; 0: not a terminal */
    size_t used;     /* of the row */
    bool color;
};

struct term_table term_table(const struct term_column *columns, bool color);
void term_titles(struct term_table *t);

/* The cells of a row, in order of the columns. The last one ends the row. */
void term_cell(struct term_table *t, const char *text, enum term_style style);
void term_number(struct term_table *t, int64_t number); /* "-" for a negative one */
/* "17 Mar 14:05", or "17 Mar  2025" in another year than the current one. */
void term_date(struct term_table *t, int64_t time);
/* A text with marks behind it, which stay if the text is cut. */
void term_marked(struct term_table *t, const char *text, const char *marks);

#endif
