/* Classifies what kind of fact a sentence states; see kinds.h. Called by say.c, cited.c and
 * prompt.c, and by the tool that fits config/kinds.conf. */
#include "digest/kinds.h"

#include "digest/cue.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* In the order in which details are shown and cues are summed (enum cue_kind). */
static const char *const kinds[] = {
    "what happened",      "who",         "where and when", "numbers",
    "reaction",           "cause",       "legal",          "money and market",
    "strategy and terms", "partnership", "context",        "what next",
    "analysis",
};
#define KINDS (int)(sizeof kinds / sizeof *kinds)

_Static_assert(sizeof kinds / sizeof *kinds == SENTENCE_FACTS, "a name for each kind of fact");

enum fact_feature {
    FEATURE_CUES, /* one per kind */
    FEATURE_LEAD = SENTENCE_FACTS,
    FEATURE_DANGLES,
    FEATURE_QUOTES,
    FEATURE_QUOTED,
    FEATURE_SAID,
    FEATURE_EARLY,
    FEATURE_LATE,
    FEATURE_FIGURES,
    FEATURE_TITLE,
    FEATURE_WORDS,
    FEATURE_BIAS,

    FEATURE_HAPPENED = CUE_HAPPENED - CUE_FACTS,
    FEATURE_WHO,
    FEATURE_WHERE_WHEN,
    FEATURE_NUMBERS,
    FEATURE_REACTION,
    FEATURE_CAUSE,
    FEATURE_LEGAL,
    FEATURE_MONEY,
    FEATURE_STRATEGY,
    FEATURE_PARTNERSHIP,
    FEATURE_CONTEXT,
    FEATURE_NEXT,
    FEATURE_ANALYSIS,
};

_Static_assert((int)FEATURE_BIAS == (int)KIND_FEATURES, "a place for each feature");

static const char *const feature_names[KIND_FEATURES] = {
    "happened", "who",         "where_when", "numbers", "reaction", "cause", "legal",   "money",
    "strategy", "partnership", "context",    "next",    "analysis", "lead",  "dangles", "quotes",
    "quoted",   "said",        "early",      "late",    "figures",  "title", "words",
};

/* in hundredths */
static const int16_t weights[KIND_FEATURES + 1][SENTENCE_FACTS] = {
#include "kinds_table.h" /* generated from config/kinds.conf */
};

enum {
    MOST_CUES = 4,
    MOST_FIGURES = 3,
    MOST_WORDS = 40,
    EARLY = 5, /* sentences */
    LATE = 12,
    AGREEMENT = 4, /* cues of a partnership, a kind with too few examples to learn from */
};

/* A less probable kind is not reported. */
static const double least = .25;

static double share_of_most(unsigned n, unsigned most)
{
    return (double)(n < most ? n : most) / most;
}

/* The share of the article's title that the sentence contains. */
static double title_share(const struct sentences *of, const struct sentence *s)
{
    const struct sentence *title = of->n && of->v[0].marks & SENTENCE_TITLE ? &of->v[0] : NULL;
    unsigned shared = 0;
    for (size_t i = 0; title && i < title->n_terms; i++)
        for (size_t k = 0; k < s->n_terms; k++)
            shared += title->terms[i].id == s->terms[k].id;
    return title && title->n_terms ? share_of_most(shared, title->n_terms) : 0;
}

void kind_features(const struct sentences *of, const struct sentence *s, double out[KIND_FEATURES])
{
    static const struct {
        enum fact_feature feature;
        unsigned mark;
    } marks[] = {
        {FEATURE_LEAD, SENTENCE_LEAD},     {FEATURE_DANGLES, SENTENCE_DANGLES},
        {FEATURE_QUOTES, SENTENCE_QUOTES}, {FEATURE_QUOTED, SENTENCE_QUOTED},
        {FEATURE_SAID, SENTENCE_SAID},
    };
    unsigned figures = 0;
    for (size_t i = 0; i < s->n_terms; i++)
        figures += s->terms[i].kind == WORD_NUMBER;
    for (size_t i = 0; i < SENTENCE_FACTS; i++)
        out[FEATURE_CUES + i] = share_of_most(s->facts[i], MOST_CUES);
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        out[marks[i].feature] = s->marks & marks[i].mark ? 1 : 0;
    out[FEATURE_EARLY] = s->at <= EARLY;
    out[FEATURE_LATE] = s->at > LATE;
    out[FEATURE_FIGURES] = share_of_most(figures, MOST_FIGURES);
    out[FEATURE_TITLE] = title_share(of, s);
    out[FEATURE_WORDS] = share_of_most(s->words, MOST_WORDS);
}

const char *kind_feature_name(size_t i)
{
    return i < KIND_FEATURES ? feature_names[i] : NULL;
}

/* Adds the model's probabilities for one sentence. */
static void add_probabilities(const struct sentences *of, const struct sentence *s,
                              double sums[SENTENCE_FACTS])
{
    double features[KIND_FEATURES], all = 0, odds[SENTENCE_FACTS];
    kind_features(of, s, features);
    for (size_t k = 0; k < SENTENCE_FACTS; k++) {
        double z = weights[FEATURE_BIAS][k];
        for (size_t i = 0; i < KIND_FEATURES; i++)
            z += features[i] * weights[i][k];
        odds[k] = exp(z / 100);
        all += odds[k];
    }
    for (size_t k = 0; k < SENTENCE_FACTS; k++)
        sums[k] += odds[k] / all;
}

const char *kind_of(const struct sentences *of, const struct sentence *s, size_t n)
{
    double sums[SENTENCE_FACTS] = {0};
    size_t best = 0;
    unsigned agreement = 0;
    for (size_t i = 0; i < n; i++) {
        add_probabilities(of, &s[i], sums);
        agreement += s[i].facts[FEATURE_PARTNERSHIP];
    }
    for (size_t k = 1; k < SENTENCE_FACTS; k++)
        best = sums[k] > sums[best] ? k : best;
    if (agreement >= AGREEMENT)
        return kinds[FEATURE_PARTNERSHIP];
    return n && sums[best] / (double)n >= least ? kinds[best] : NULL;
}

int kind_order(const char *kind)
{
    int i = 0;
    while (i < KINDS && (!kind || strcmp(kinds[i], kind) != 0))
        i++;
    return i;
}

const char *kind_name(size_t i)
{
    return i < KINDS ? kinds[i] : NULL;
}

const char *kind_legend(const char *lang, const char *kind)
{
    char code[3];
    snprintf(code, sizeof code, "%s", lang);
    const char *legend = cue_value("legend", code, kind);
    return legend ? legend : cue_value("legend", "en", kind);
}
