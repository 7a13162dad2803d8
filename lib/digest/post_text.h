/* The text of a post for readers: whole sentences, without the links and hashtags around it. */
#ifndef DIGEST_POST_TEXT_H
#define DIGEST_POST_TEXT_H

#include <stdbool.h>

enum { POST_QUOTE_MIN = 40 /* characters */, POST_QUOTE_MAX = 280 };

/* True when it contains more than spaces and links. The bytes need not be valid text. */
bool post_says_something(const char *text);

/* The quotable part of a post: from its first sentence, cut at the end of a sentence when it is too
 * long, POST_QUOTE_MIN to POST_QUOTE_MAX characters. NULL: there is none. Freed by the caller. */
char *post_quote(const char *text);

/* How well a quote reads, up to 1: long enough to be informative, short enough to be read, words
 * rather than symbols. */
double post_reads_well(const char *quote);

#endif
