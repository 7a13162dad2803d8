/* The words of a search in a text: where they are, and the piece of the text that shows most of
 * them. Pure. */
#ifndef SEARCH_SNIPPET_H
#define SEARCH_SNIPPET_H

#include "search/query.h"

#include <stdbool.h>
#include <stddef.h>

enum { SNIPPET_MARKS = 64, SNIPPET_BYTES = 240 };

struct snippet_mark {
    size_t begin, end; /* bytes in the text; they do not overlap */
};

struct snippet {
    size_t begin, end; /* the piece */
    struct snippet_mark marks[SNIPPET_MARKS];
    size_t n;     /* marks in the piece */
    size_t words; /* how many different words of the search the whole text has */
};

/* A piece of at most `most` bytes. Without any match, the beginning of the text. */
void snippet_of(const struct query *q, const char *text, size_t most, struct snippet *out);

/* Calls back for the piece's parts in order. */
void snippet_each(const struct snippet *s, const char *text,
                  void (*part)(void *arg, const char *p, size_t n, bool match), void *arg);

#endif
