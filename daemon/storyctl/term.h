/* Output that is safe for a terminal: texts from feeds without control characters or bidirectional
 * overrides, truncated to a width in columns. */
#ifndef STORYCTL_TERM_H
#define STORYCTL_TERM_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

size_t term_width(void); /* columns of standard output; 0 if it is not a terminal: no truncation */

/* Prints the text in at most `width` columns (0: unlimited), with an ellipsis if truncated, and
 * padded with blanks to `pad` columns. */
void term_text(const char *text, size_t width, size_t pad);

/* The same without truncation or padding, to any stream. */
void term_print(FILE *to, const char *text);

/* "17 Mar 14:05", with the year if it is not the current one; "-" for 0. Local time. */
const char *term_time(int64_t time, char out[32]);

#endif
