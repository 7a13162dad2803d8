/* What a terminal may be shown: texts from feeds without control characters or changes of writing
 * direction, cut to a width in columns. */
#ifndef STORYCTL_TERM_H
#define STORYCTL_TERM_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

size_t term_width(void); /* columns of standard output; 0 when it is no terminal: nothing is cut */

/* The text in at most `width` columns (0: as long as it is), with an ellipsis where it was cut, and
 * padded with blanks to `pad` columns. */
void term_text(const char *text, size_t width, size_t pad);

/* The same as it is, to any stream. */
void term_print(FILE *to, const char *text);

/* "17 Mar 14:05", with the year when it is not this one's; "-" for 0. Local time. */
const char *term_time(int64_t time, char out[32]);

#endif
