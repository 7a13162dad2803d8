/* Reads what a person types into a search box: words, "phrases", -excluded, source:, lang:,
 * category:, since: and until:. All words must be there; the last one may be cut short. Pure.
 *
 * The same words are looked for and indexed: those of text/words.h, so that scripts without blanks
 * are found by pairs of characters, without the accents of Latin and Greek letters. */
#ifndef SEARCH_QUERY_H
#define SEARCH_QUERY_H

#include "base/buf.h"
#include "text/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    QUERY_MAX = 500,        /* bytes of a query */
    QUERY_MAX_TERMS = 16,   /* words, phrases and conditions */
    QUERY_MAX_WORDS = 48,   /* that a text is marked for */
    QUERY_LEAST_PREFIX = 3, /* bytes; a shorter last word is taken as a whole one */
};

struct query_word {
    char text[WORD_MAX + 9]; /* folded */
    bool prefix;
};

struct query {
    struct buf match;     /* an expression for fts_find(), of columns of fts.h */
    int64_t since, until; /* the times of articles, INT64_MIN and INT64_MAX where not given */
    char category[QUERY_MAX + 1];             /* of the event; "": any */
    struct query_word words[QUERY_MAX_WORDS]; /* that the text of a match has */
    size_t n_words;
};

/* `now` is for ages. False, with what is expected in `error`, for a text that is too long, asks for
 * nothing, or has a date that cannot be read. query_free() in any case. */
bool query_read(const char *text, int64_t now, struct query *out, struct buf *error);
void query_free(struct query *q);

/* The expression with the last word as a whole one, which is searched first: FTS5 collects all
 * matches of a prefix before it gives the first one. False: it is the same. */
bool query_whole(const struct query *q, struct buf *match);

/* Appends the words of a text, each followed by a blank, as they are indexed. */
void query_fold(const char *text, size_t n, struct buf *out);

/* Of one word: `out` has the size of its text. */
void query_fold_word(const struct word *w, char out[WORD_MAX + 9]);

#endif
