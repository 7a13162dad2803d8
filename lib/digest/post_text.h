/* The text of a post, for people to read: without the links and hashtags around it, in whole
 * sentences. */
#ifndef DIGEST_POST_TEXT_H
#define DIGEST_POST_TEXT_H

#include <stdbool.h>

enum { POST_QUOTE_MIN = 40 /* characters */, POST_QUOTE_MAX = 280 };

/* Is there anything but blanks and links? Text of any bytes. */
bool post_says_something(const char *text);

/* What of a post can be quoted: from its first sentence on, cut at a sentence's end where it is too
 * long, POST_QUOTE_MIN to POST_QUOTE_MAX characters. NULL: nothing. To be freed. */
char *post_quote(const char *text);

/* How well a quote reads, up to 1: long enough to say something, short enough to be read, words
 * rather than marks. */
double post_reads_well(const char *quote);

#endif
