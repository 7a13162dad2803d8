/* The engine's state; included only by the files of this folder that make up the engine. */
#ifndef CLUSTER_ENGINE_STATE_H
#define CLUSTER_ENGINE_STATE_H

#include "base/arena.h"
#include "base/map.h"
#include "base/pool.h"
#include "cluster/engine_types.h"
#include "cluster/links.h"
#include "text/lang.h"
#include "text/rarity.h"
#include "cluster/found.h"
#include "cluster/habits.h"
#include "sketch/index.h"

enum {
    MAX_FOUND = 12, /* events examined after a search, those found in most bands first */
    SEARCH_MARKS = 1 << 15,
    SECONDS_A_DAY = 86400,
    PAGES_MOST = 4, /* page texts by which the index has one article, the first ones */
};

struct candidate {
    struct news_event *event;
    struct score score;
};

struct coming {
    struct terms terms;
    const struct lang *lang;
    uint64_t keys[MOULDS]; /* of its templates, see habits.h */
    uint64_t hash;         /* of its texts */
};

struct engine {
    struct engine_params params;
    struct model join, merge;
    struct langs *langs;
    struct rarity *rarity;
    struct index *index;
    struct sketch_table sketching;
    struct arena memory;       /* of the articles */
    struct slabs sums;         /* memory of the events' sums */
    struct article **articles; /* of the window, by number from `first`; NULL: not in the window */
    uint32_t *homes;           /* for each article the handle of its event, for searches */
    size_t n, cap, gone;       /* articles[gone..n) are live; all before have expired */
    uint64_t first;            /* number of articles[0] */
    uint64_t next_article, next_event;
    uint64_t first_today; /* number of the day's first article, for the rarity */
    struct map events;    /* number -> struct news_event */
    struct pool pool;     /* memory of the events */
    int64_t clock;
    struct links links; /* editors' decisions */
    struct habits habits;
    struct coming *coming[ENGINE_AHEAD]; /* the first n_coming are expected, in that order */
    size_t n_coming;
    struct terms terms; /* terms, sketch and text of the last article described */
    uint32_t sketch[SKETCH_BANDS];
    struct buf text;
    struct found found;
    struct candidate candidates[MAX_FOUND];
    size_t n_candidates;
    uint64_t marks[SEARCH_MARKS / 64]; /* bitmap of that article's terms, set during a search */
    struct engine_change *changes;
    size_t n_changes, cap_changes;
    engine_watch_fn *watch;
    void *watch_arg;
};

#endif
