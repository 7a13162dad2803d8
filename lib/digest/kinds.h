/* What kind of fact a sentence tells, by config/details.conf. */
#ifndef DIGEST_KINDS_H
#define DIGEST_KINDS_H

#include "digest/sentence.h"

#include <stdbool.h>

/* The kind that the sentence's words speak for, as details name it; NULL where none is clear. */
const char *kind_of_sentence(const char *lang, const struct sentence *s);
/* How much it interprets or looks ahead; 0 not at all. */
int kind_analysis(const char *lang, const struct sentence *s);
/* Its writer speaks of themselves, or to the reader. */
bool kind_is_aside(const char *lang, const struct sentence *s);
/* All that there are, by number; NULL after the last. */
const char *kind_name(size_t i);
/* What it holds, in a phrase of the language, or in English; NULL for what is none. */
const char *kind_legend(const char *lang, const char *kind);
/* Where a kind stands among the others; that of NULL is the last. */
int kind_order(const char *kind);

#endif
