/* Input and output of the engine. */
#ifndef CLUSTER_ENGINE_TYPES_H
#define CLUSTER_ENGINE_TYPES_H

#include "cluster/news_event.h"
#include "cluster/params.h"
#include "cluster/score.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ENGINE_AHEAD = 64 };

/* An article as the caller passes it. Texts are plain, valid UTF-8. */
struct engine_article {
    const char *title, *body; /* body may be NULL */
    const char *lang;         /* as stated by the feed, may be NULL */
    const char *publisher;    /* domain */
    const char *agency;       /* the news agency it credits, may be NULL */
    unsigned title_faults;    /* bits from text/title_faults.h */
    int64_t published;        /* seconds; replaced by `seen` if later or INT64_MIN */
    int64_t seen;             /* the clock, as for engine_tick() */
};

/* Why an article is in its event. */
struct engine_reason {
    uint64_t event; /* the event compared with; 0: there was no candidate */
    double probability, threshold;
    double contribution[MODEL_ROWS]; /* in the order of the join model's rows */
    uint64_t runner_up;              /* the next most probable event, 0: none */
    double runner_up_probability;
    char shared[256];    /* shared words, heaviest first, separated by spaces */
    const char *refused; /* NULL, or the guard that kept it out of the event compared with */
};

enum engine_change_kind {
    ENGINE_CREATED,
    ENGINE_JOINED,
    ENGINE_MERGED,
    ENGINE_COPIED,
    ENGINE_SPLIT,
    ENGINE_EXPIRED,
};

struct engine_change {
    enum engine_change_kind kind;
    uint64_t event;   /* expired: it has no article left in the window and accepts no more */
    uint64_t article; /* created, joined: the article; copied: the article found to copy `origin`,
                         which came before it */
    uint64_t origin;  /* 0: no longer a copy, its origin is in the other part of a split */
    uint64_t from; /* merged: the event that ceased to exist, its articles are now `event`'s. split:
                      the event that `event` was part of */
    bool archived; /* created: for an article older than the window, which no article will join */
    uint64_t *articles; /* split: the articles that moved */
    size_t n_articles;
    double probability, threshold;
};

struct engine_result {
    uint64_t article, event; /* numbers */
    uint64_t copy_of;        /* 0: its own report; at arrival, before changes[] */
    char lang[4];            /* "": unknown */
    bool day_ended;          /* engine_save_rarity() has something new to save */
    struct engine_reason reason;
    struct engine_change *changes; /* in order; owned by the engine, valid until the next call */
    size_t n_changes;
};

/* See engine_watch(). */
typedef void engine_watch_fn(void *arg, bool merge, const struct news_event *a,
                             const struct news_event *b, const struct score *score);

#endif
