/* All tuned parameters of the engine, in one table. `config/engine.conf` sets the values and also
 * contains the fitted weights of the join and merge models; it is compiled in. */
#ifndef CLUSTER_PARAMS_H
#define CLUSTER_PARAMS_H

#include <stddef.h>

/* name, default, least, most, description */
#define ENGINE_WINDOW_MOST 8760
#define ENGINE_PARAMS(P)                                                                           \
    P(window, 72, 0.1, ENGINE_WINDOW_MOST, "hours for which an event waits for its next article")  \
    P(mix_languages, 0, 0, 1, "1: articles in different languages may be in one event")            \
    P(articles, 1000000, 100, 4e6, "most articles in the window; the oldest leave first")          \
    P(half_life, 3, 0.1, 365, "days after which a document frequency is halved")                   \
    P(background, 400, 0, 1e6, "number of articles for which the built-in word frequencies count") \
    P(title_weight, 1.6, 0, 10, "weight of a title word")                                          \
    P(body_weight, 0.7, 0, 10, "weight of a body word, times ln(1 + occurrences)")                 \
    P(name_weight, 0.5, 0, 10, "share of weight added for a name or number")                       \
    P(join_threshold, 0.5, 0, 1, "least probability to join an event")                             \
    P(pair_threshold, 0.5, 0, 1, "least probability for an event of two articles")                 \
    P(leave_threshold, 0.3, 0, 1,                                                                  \
      "least probability to stay in an event once the article's page is read")                     \
    P(merge_threshold, 0.5, 0, 1, "least probability to merge two events")                         \
    P(split_threshold, 0.3, 0, 1,                                                                  \
      "greatest probability that the two parts of an event are one, for a split")                  \
    P(apart, 0.15, 0, 1,                                                                           \
      "the same for 32 articles or more, on probability times mean cosine between over the "       \
      "smaller within the parts; below it two such events do not merge")                           \
    P(apart_others, 0.3, 0, 1,                                                                     \
      "apart, when the parts share at most one of their heaviest "                                 \
      "terms")                                                                                     \
    P(neighbour, 0.02, 0, 1,                                                                       \
      "least probability that an article belongs to an event it did not join, "                    \
      "for that event to be compared with the one it joined")                                      \
    P(coherence, 0.20, 0, 1, "least mean cosine between the articles of an event after a join")    \
    P(min_shared, 2, 0, 15,                                                                        \
      "least number of shared terms; a search requires one more, or the heaviest, "                \
      "among the event's heaviest terms")                                                          \
    P(names, 0.3, 0, 1,                                                                            \
      "share of the weight of names and numbers that should be shared; the lower, "                \
      "the higher the required probability")                                                       \
    P(unnamed, 0.9, 0, 1, "sufficient probability when they share no name at all")                 \
    P(named, 0.9, 0, 1,                                                                            \
      "sufficient probability when they share only one word, or only names and numbers")           \
    P(copy, 0.6, 0, 1, "least share of the shorter text contained in the other for a copy")        \
    P(copy_agency, 0.4, 0, 1, "the same for two texts that credit the same news agency")           \
    P(headline_margin, 0.1, 0, 1,                                                                  \
      "margin by which a more central title must win to become the headline")

struct engine_params {
#define P(name, standard, least, most, help) double name;
    ENGINE_PARAMS(P)
#undef P
};

#endif
