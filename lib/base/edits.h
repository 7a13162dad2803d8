/* The distance between two words, to suggest a name for a misspelt one. */
#ifndef BASE_EDITS_H
#define BASE_EDITS_H

#include <stddef.h>

/* The number of edits (Levenshtein, 1966) that make one word of the other; EDITS_MOST if one of
 * them is longer than that. */
enum { EDITS_MOST = 64 };
size_t edits_between(const char *from, const char *to);

#endif
