/* The text that a publisher adds below everything it publishes: who runs the channel, how to
 * subscribe, a hotline. It is unrelated to the article. */
#ifndef TEXT_STANDING_H
#define TEXT_STANDING_H

#include <stddef.h>

/* The number of bytes of such text at the end of `text`: it starts at a sentence or line that at
 * least two of the `n` other texts repeat verbatim, and may include a few pieces that they do not.
 * 0 if there is none. All texts must be valid UTF-8. */
size_t standing_bytes(const char *text, const char *const *others, size_t n);

#endif
