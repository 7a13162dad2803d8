/* What goes into the engine and comes out of it. */
#ifndef CLUSTER_ENGINE_TYPES_H
#define CLUSTER_ENGINE_TYPES_H

#include "cluster/news_event.h"
#include "cluster/params.h"
#include "cluster/score.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ENGINE_AHEAD = 64 };

/* What an article brings. Texts are plain, valid UTF-8. */
struct engine_article {
    const char *title, *body; /* body may be NULL */
    const char *lang;         /* what the feed says, may be NULL */
    const char *publisher;    /* domain */
    const char *agency;       /* news agency that it credits, may be NULL */
    unsigned title_faults;    /* text/title_faults.h's */
    int64_t published; /* seconds; later than `seen`, or not said (INT64_MIN): taken as `seen` */
    int64_t seen;      /* the clock, as for engine_tick() */
};

/* Why an article is where it is. */
struct engine_reason {
    uint64_t event; /* compared with; 0: no candidate at all */
    double probability, threshold;
    double contribution[MODEL_ROWS]; /* in the order of the join model's rows */
    uint64_t runner_up;              /* the next likeliest event, 0 none */
    double runner_up_probability;
    char shared[256];    /* words shared, weightiest first, blanks between */
    const char *refused; /* NULL, or which guard kept it out of the event compared with */
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
    uint64_t event;   /* expired: it has no article left in the window, nothing joins it any more */
    uint64_t article; /* created, joined; copied: is found to copy `origin`, which came before it */
    uint64_t origin;  /* 0: copies none any more, for its origin is in the other part of a split */
    uint64_t from;    /* merged: the event that is no more; its articles are `event`'s now.
                         split: the event that `event` is a part of no more */
    bool archived;    /* created: of an article older than the window, which nothing will join */
    uint64_t *articles; /* split: those that went */
    size_t n_articles;
    double probability, threshold;
};

struct engine_result {
    uint64_t article, event; /* numbers */
    uint64_t copy_of;        /* 0: its own report; as it came, before what changes[] tell */
    char lang[4];            /* "" unknown */
    bool day_ended;          /* engine_save_rarity() has something new to save */
    struct engine_reason reason;
    struct engine_change *changes; /* in order; the engine's, until the next call */
    size_t n_changes;
};

/* See engine_watch(). */
typedef void engine_watch_fn(void *arg, bool merge, const struct news_event *a,
                             const struct news_event *b, const struct score *score);

#endif
