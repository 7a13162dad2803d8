/* Text in an article that is not a sentence of the report. */
#ifndef DIGEST_BOILERPLATE_H
#define DIGEST_BOILERPLATE_H

#include "digest/cue.h"
#include "digest/span.h"

/* `folded`: the sentence from cue_fold(), NUL-terminated; `words`: its number of words. */
bool boilerplate_is(const struct cues *c, const struct span *span, const char *folded, size_t n,
                    unsigned words);

/* Length in bytes of a dateline at the beginning of a paragraph: "LONDON (Reuters) - ", "BERLIN —".
 * `lead`: it is the first paragraph. */
size_t boilerplate_dateline(const struct cues *c, const char *p, size_t n, bool lead);

#endif
