/* The kind of fact that a sentence states, by the cues of config/details.conf. */
#ifndef DIGEST_KINDS_H
#define DIGEST_KINDS_H

#include "digest/sentence.h"

enum {
    KIND_ANALYSIS = SENTENCE_FACTS - 1, /* interprets or looks ahead */
    KIND_FEATURES = SENTENCE_FACTS + 10 /* features of the model */
};

/* The kind of fact that `n` sentences of an article state together, as named in details; NULL when
 * none is clear. A logistic model over cues, position, numbers and quotations (config/kinds.conf).
 */
const char *kind_of(const struct sentences *of, const struct sentence *s, size_t n);

/* The features of the model, each 0 to 1, and their names in config/kinds.conf (NULL after the
 * last): for fitting it. */
void kind_features(const struct sentences *of, const struct sentence *s, double out[KIND_FEATURES]);
const char *kind_feature_name(size_t i);

/* All kinds, by number; NULL after the last. */
const char *kind_name(size_t i);
/* A description of its content in the language, or in English; NULL for an unknown kind. */
const char *kind_legend(const char *lang, const char *kind);
/* The rank of a kind among the others; NULL comes last. */
int kind_order(const char *kind);

#endif
