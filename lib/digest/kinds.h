/* What kind of fact a sentence tells, by config/details.conf. */
#ifndef DIGEST_KINDS_H
#define DIGEST_KINDS_H

#include "digest/sentence.h"

enum { KIND_ANALYSIS = SENTENCE_FACTS - 1 }; /* interprets or looks ahead */

/* The kind that the sentence's words speak for, as details name it; NULL where none is clear. */
const char *kind_of_sentence(const struct sentence *s);
/* All that there are, by number; NULL after the last. */
const char *kind_name(size_t i);
/* What it holds, in a phrase of the language, or in English; NULL for what is none. */
const char *kind_legend(const char *lang, const char *kind);
/* Where a kind stands among the others; that of NULL is the last. */
int kind_order(const char *kind);

#endif
