/* The merges and splits of an event, read from its history. */
#ifndef API_TURNS_H
#define API_TURNS_H

#include "store/change_record.h"
#include "story.h"

#include <stddef.h>
#include <stdint.h>

/* Of more turns than this, the last are kept. */
enum { TURNS_MOST = 100 };

/* A change in which the event took articles from another one or gave some to it. */
struct event_turn {
    struct change_record change;
    uint64_t number; /* the other event */
    char *title;     /* and its title, which may be "" */
};

/* Returns their number, in order of time. Free them with turns_free(). */
size_t turns_read(story_view *view, uint64_t event, struct event_turn turns[TURNS_MOST]);
void turns_free(struct event_turn *turns, size_t n);

#endif
