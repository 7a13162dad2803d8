/* Similarity of two events as features, and the fitted models that turn features into a
 * probability. A new article is scored as an event of one, so joining and merging differ only in
 * the model. */
#ifndef CLUSTER_SCORE_H
#define CLUSTER_SCORE_H

#include "cluster/news_event.h"
#include "text/rarity.h"

#include <stdbool.h>
#include <stddef.h>

/* name, description for readers of a decision, exact definition; a is the smaller event (or the new
 * article), b the other. Shares are 0 to 1. */
#define SCORE_FEATURES(F)                                                                          \
    F(bias, "base value, before any comparison", "1")                                              \
    F(alike, "similarity of the texts",                                                            \
      "ln of the mean cosine between a's and b's articles over that within a and b")               \
    F(alike_title, "similarity of the titles", "the same, of titles")                              \
    F(mean_all, "mean cosine", "mean cosine between a's and b's articles")                         \
    F(known_title, "its title words found in the event",                                           \
      "share of a's title weight in terms of b")                                                   \
    F(known_back, "the event's title words found in it",                                           \
      "share of b's title weight in terms of a")                                                   \
    F(known_name, "its names found in the event", "share of a's weight of names in terms of b")    \
    F(known_name_back, "the event's names found in it",                                            \
      "share of b's weight of names in terms of a")                                                \
    F(core_back, "the event's core words found in it",                                             \
      "share of the weight of b's core terms (in a third of its articles) that a has")             \
    F(top_in_a, "the event's main words found in it", "share of b's heaviest terms that a has")    \
    F(top_in_b, "its main words found in the event", "share of a's heaviest terms that b has")     \
    F(rarest_second, "rarity of the shared words",                                                 \
      "second greatest idf of a shared term, over 10")                                             \
    F(title_rarity, "rare words in both titles",                                                   \
      "ln(1 + sum of idf over terms in titles of both)")                                           \
    F(name_rarity, "shared names and numbers", "the same, over names and numbers of both")         \
    F(title_words, "words other than names in both titles",                                        \
      "as title_rarity, each term weighted by how far it is no name")                              \
    F(core_words, "shared core words other than names",                                            \
      "the same, over terms of a that a third of b's articles contain")                            \
    F(unshared, "words that the event lacks", "ln(1 + terms of a that b lacks, per article of a)") \
    F(no_names, "no name in common", "1 if both have two or more names and share none")            \
    F(log_n, "number of articles in the event", "ln of the number of b's articles")                \
    F(log_n_a, "number of articles in the smaller event", "the same for a")                        \
    F(log_words, "length of the text", "ln of a's words per article")                              \
    F(log_words_b, "length of the event's texts", "ln of b's words per article")                   \
    F(coherent_title, "similarity of the event's titles",                                          \
      "mean cosine between titles of b; 1 if it is one article")                                   \
    F(gap, "time since the event's last article",                                                  \
      "days between the time spans of a and b; 0 if they overlap")                                 \
    F(slack, "pause, relative to the event's pace",                                                \
      "ln(1 + gap over the mean time between b's articles plus 2.4 hours)")                        \
    F(age, "age of the event", "ln(1 + days from b's first article to a's last)")                  \
    F(roundup, "round-up", "the greater of the two shares of round-ups among the articles")        \
    F(recurs, "titles that recur each day",                                                        \
      "best cosine of titles of one publisher that are 18 hours or more apart")                    \
    F(variety, "different publishers in the event",                                                \
      "number of different publishers of b's newest articles, over that of these articles")        \
    F(same_source, "publisher already in the event", "1 if a's first publisher is one of b's")

enum feature {
#define F(name, words, help) FEATURE_##name,
    SCORE_FEATURES(F)
#undef F
        FEATURES
};

extern const char *const feature_names[FEATURES];

struct score {
    double f[FEATURES];
    bool few_shared;    /* fewer terms than min_shared, and than a has */
    double word;        /* greatest idf of a shared term that is seldom a name */
    bool one_shared;    /* only one term, counts left out, and a has more */
    bool named;         /* both contain names or numbers */
    double probability; /* of the model used */
};

/* A row: weight * feature, or weight * feature * second. */
struct model_row {
    int feature, second; /* second is -1 for none */
    double weight;
};

enum { MODEL_ROWS = 128 };
struct model {
    struct model_row rows[MODEL_ROWS];
    size_t n;
};

/* Adds the row "feature" or "feature*feature"; false for an unknown name or a full model. */
bool model_add(struct model *m, const char *name, double weight);

void score_ahead(const struct news_event *e); /* prefetches what its features need */

/* False, without computing features, when they share fewer terms than `min_shared` and than a has.
 */
bool score_features(struct news_event *a, struct news_event *b, const struct rarity *rarity,
                    double min_shared, struct score *out);
double score_model(const struct model *m, const double f[FEATURES]); /* probability, 0 to 1 */

/* "feature" or "feature*feature", as in model_add(); and the description of the (first) feature of
 * such a name, NULL for an unknown one. */
void model_row_name(const struct model_row *row, char *out, size_t cap);
const char *model_row_words(const char *name);

/* The contribution of one row, in logits. */
double model_contribution(const struct model_row *row, const double f[FEATURES]);

#endif
