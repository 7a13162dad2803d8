/* What kind of fact a sentence tells, by the cues of config/details.conf. */
#ifndef DIGEST_KINDS_H
#define DIGEST_KINDS_H

#include "digest/sentence.h"

enum {
    KIND_ANALYSIS = SENTENCE_FACTS - 1, /* interprets or looks ahead */
    KIND_FEATURES = SENTENCE_FACTS + 10 /* what the model looks at */
};

/* The kind of fact that `n` sentences of an article tell together, as details name it; NULL where
 * none is clear. A logistic model over cues, place, numbers and quotations (config/kinds.conf). */
const char *kind_of(const struct sentences *of, const struct sentence *s, size_t n);

/* What the model looks at, each 0 to 1, and the names by which config/kinds.conf has it (NULL after
 * the last): for fitting it. */
void kind_features(const struct sentences *of, const struct sentence *s, double out[KIND_FEATURES]);
const char *kind_feature_name(size_t i);

/* All that there are, by number; NULL after the last. */
const char *kind_name(size_t i);
/* What it holds, in a phrase of the language, or in English; NULL for what is none. */
const char *kind_legend(const char *lang, const char *kind);
/* Where a kind stands among the others; that of NULL is the last. */
int kind_order(const char *kind);

#endif
