/* Changes to events, reported as they happen. */
#ifndef INGEST_NEWS_H
#define INGEST_NEWS_H

#include "cluster/engine.h"
#include <stdbool.h>
#include <stdint.h>

/* A change that a person may want to see at once. Valid during the callback only. */
struct ingest_news {
    enum engine_change_kind kind;
    uint64_t event, from; /* `from`: the event merged away, or split */
    uint64_t article;     /* created, joined */
    bool new_source;      /* joined: the event has one more source */
    const char *title;    /* of the event */
    const char *source;   /* of the article */
    uint64_t source_count;
};

#endif
