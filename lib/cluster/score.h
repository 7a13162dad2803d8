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
    F(bias, "before anything is compared", "1")                                                    \
    F(alike, "likeness of the texts",                                                              \
      "ln of the mean cosine between a's and b's articles over that within a and b")               \
    F(alike_title, "likeness of the titles", "the same, of titles")                                \
    F(mean_all, "mean cosine", "mean cosine between a's and b's articles")                         \
    F(known_title, "its title's words in the event",                                               \
      "share of a's title weight that b's terms have")                                             \
    F(known_back, "the event's title words in it",                                                 \
      "share of b's title weight that a's terms have")                                             \
    F(known_name, "its names in the event", "share of a's weight of names that b's terms have")    \
    F(known_name_back, "the event's names in it",                                                  \
      "share of b's weight of names that a's terms have")                                          \
    F(core_back, "the event's core in it",                                                         \
      "share of the weight of what a third of b's articles have that a has")                       \
    F(top_in_a, "the event's weightiest words in it", "share of b's weightiest terms that a has")  \
    F(top_in_b, "its weightiest words in the event", "share of a's weightiest terms that b has")   \
    F(rarest_second, "how rare the shared words are",                                              \
      "second greatest idf of a shared term, over 10")                                             \
    F(title_rarity, "rare words in both titles",                                                   \
      "ln(1 + sum of idf over terms that stand in titles of both)")                                \
    F(name_rarity, "shared names and numbers", "the same, over names and numbers of both")         \
    F(title_words, "words in both titles that are no names",                                       \
      "as title_rarity, each term in so far as it is no name")                                     \
    F(core_words, "words of the event's core that are no names",                                   \
      "the same, over what a third of b's articles have and a has")                                \
    F(unshared, "words that the event has not",                                                    \
      "ln(1 + terms of a, for each of its articles, that b has not)")                              \
    F(no_names, "no name in common", "1 if both name two or more and share none")                  \
    F(log_n, "articles of the event", "ln of the number of b's articles")                          \
    F(log_n_a, "articles of the smaller event", "the same of a's")                                 \
    F(log_words, "length of the text", "ln of a's words an article")                               \
    F(log_words_b, "length of the event's texts", "ln of b's words an article")                    \
    F(coherent_title, "likeness of the event's titles",                                            \
      "mean cosine between titles of b; 1 if it is one article")                                   \
    F(gap, "time since the event's last article",                                                  \
      "days between the nearest of a's and b's first and last articles")                           \
    F(slack, "a pause, for how fast the event moves",                                              \
      "ln(1 + gap over the mean time between b's articles, which is 2.4 hours or more)")           \
    F(age, "age of the event", "ln(1 + days from b's first article to a's last)")                  \
    F(roundup, "a round-up",                                                                       \
      "share of round-ups among the articles of that of the two which has more")                   \
    F(recurs, "titles that come again each day",                                                   \
      "best cosine of titles of one publisher that are 18 hours or more apart")                    \
    F(variety, "different publishers in the event",                                                \
      "different publishers of b's newest articles, over their number")                            \
    F(same_source, "a publisher that the event has", "1 if a's first publisher is one of b's")

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
