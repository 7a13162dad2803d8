/* What the page of one event is made of. */
#ifndef WEB_EVENT_VIEW_H
#define WEB_EVENT_VIEW_H

#include "api/turns.h"
#include "base/map.h"
#include "pages/pictures.h"
#include "store/article_record.h"
#include "store/event_record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of more articles than this, the page shows the last. */
enum { EVENT_MAX_ARTICLES = 300 };

struct event_view {
    const struct event_record *event;
    const struct article_record *articles; /* at most EVENT_MAX_ARTICLES, as published */
    size_t n_articles;
    const struct map *others; /* number of an event that an article names -> struct event_record of
                                it, or of the one that has taken it in: its head */
    struct event_picture picture; /* key 0: none */
    const struct event_turn *turns;
    size_t n_turns;
    uint64_t asked; /* the requested number; that event may have been merged */
    size_t rank;    /* among the top events; 0 when it is not known */
    bool oldest_first;
    int64_t now;
    const char *decides; /* as in page_frame */
};

#endif
