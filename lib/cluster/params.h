/* All tuned parameters of the engine, in one table. `config/engine.conf` sets the values and also
 * contains the fitted weights of the join and merge models; it is compiled in. */
#ifndef CLUSTER_PARAMS_H
#define CLUSTER_PARAMS_H

#include <stddef.h>

/* name, default, least, most, description */
#define ENGINE_WINDOW_MOST 8760
#define ENGINE_PARAMS(P)                                                                           \
    P(window, 72, 0.1, ENGINE_WINDOW_MOST, "hours an event waits for its next article")            \
    P(mix_languages, 0, 0, 1, "1: articles in different languages may be of one event")            \
    P(articles, 1000000, 100, 4e6, "articles an engine holds at most; the oldest give way")        \
    P(half_life, 3, 0.1, 365, "days in which a document frequency halves")                         \
    P(background, 400, 0, 1e6, "articles that the built-in word background counts as")             \
    P(title_weight, 1.6, 0, 10, "weight of a title word over a body word's first")                 \
    P(body_weight, 0.7, 0, 10, "weight of a body word, times ln(1 + times it occurs)")             \
    P(name_weight, 0.5, 0, 10, "added share of weight for a capitalised or numeric term")          \
    P(join_threshold, 0.5, 0, 1, "least probability to join an event")                             \
    P(pair_threshold, 0.5, 0, 1, "least probability that two articles alone are an event")         \
    P(leave_threshold, 0.3, 0, 1,                                                                  \
      "least probability to stay in an event once the article's page is read")                     \
    P(merge_threshold, 0.5, 0, 1, "least probability to merge two events")                         \
    P(split_threshold, 0.3, 0, 1,                                                                  \
      "most probability that the two halves of an event are one event, for it to be split")        \
    P(apart, 0.15, 0, 1,                                                                           \
      "the same, times their mean cosine over the least within them, of 32 articles or more; two " \
      "such events of less do not merge")                                                          \
    P(apart_others, 0.3, 0, 1,                                                                     \
      "the same, where of the terms that weigh most in one, one at most weighs as much in the "    \
      "other")                                                                                     \
    P(neighbour, 0.02, 0, 1,                                                                       \
      "least probability that an article is of an event it did not join, "                         \
      "for that event to be compared with the one it joined")                                      \
    P(coherence, 0.20, 0, 1, "least mean cosine between the articles of an event after a join")    \
    P(min_shared, 2, 0, 15,                                                                        \
      "least number of terms that both share; a search looks for one more, or the weightiest, "    \
      "among those that weigh most in an event")                                                   \
    P(names, 0.3, 0, 1,                                                                            \
      "share of the weight of one's names and numbers that the other should have; the less, "      \
      "the likelier they must be of one event for other reasons")                                  \
    P(unnamed, 0.9, 0, 1, "probability that is enough where they share no name at all")            \
    P(named, 0.9, 0, 1,                                                                            \
      "probability that is enough where they share one word, or names and numbers, alone")         \
    P(copy, 0.6, 0, 1, "least share of the shorter text that stands in the other: a copy")         \
    P(copy_agency, 0.4, 0, 1, "the same, of two texts that one news agency is credited with")      \
    P(headline_margin, 0.1, 0, 1, "by how much a more central title must win to be the headline")

struct engine_params {
#define P(name, standard, least, most, help) double name;
    ENGINE_PARAMS(P)
#undef P
};

#endif
