/* What stands in an article's text and is no sentence of the report. */
#ifndef DIGEST_BOILERPLATE_H
#define DIGEST_BOILERPLATE_H

#include "digest/cue.h"
#include "digest/span.h"

/* `folded`: the sentence by cue_fold(), NUL-terminated; `words`: how many it has. */
bool boilerplate_is(const struct cues *c, const struct span *span, const char *folded, size_t n,
                    unsigned words);

/* How many bytes of a paragraph's begin are a dateline: "LONDON (Reuters) - ", "BERLIN —". `lead`:
 * it is the text's first. */
size_t boilerplate_dateline(const struct cues *c, const char *p, size_t n, bool lead);

#endif
