/* What a publisher writes below all that it publishes: who runs the channel, how to subscribe, a
 * hotline. It tells nothing of the article. */
#ifndef TEXT_STANDING_H
#define TEXT_STANDING_H

#include <stddef.h>

/* How many bytes at the end of `text` are such: from a sentence or line on that at least two of the
 * `n` others have word for word, with a few between them that they have not. 0 for none. All valid
 * UTF-8. */
size_t standing_bytes(const char *text, const char *const *others, size_t n);

#endif
