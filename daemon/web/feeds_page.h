/* The page of the feeds and their polling status. Pure: records in, HTML out. */
#ifndef WEB_FEEDS_PAGE_H
#define WEB_FEEDS_PAGE_H

#include "base/buf.h"
#include "store/feed_record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FEEDS_PAGE = 200, /* rows of a page, and fewer when they grow to REPLY_PAGE bytes */
    FEEDS_STATES = 6,
};

/* Which feeds are on a page: those that need a look first, by state, then by number. */
struct feeds_choice {
    int state;           /* only those in it; -1: all that are listed */
    bool has_cursor;     /* go on after this place */
    size_t cursor_state; /* in the order of the page */
    uint64_t cursor_number;
    size_t counts[FEEDS_STATES];
    uint64_t numbers[FEEDS_STATES][FEEDS_PAGE + 1]; /* one more shows whether there are more */
    size_t n[FEEDS_STATES];
};

/* `state` is a state's name; any other text selects all feeds. `cursor` is the previous page's, or
 * "". Returns false if it is invalid. */
bool feeds_choose(struct feeds_choice *c, const char *state, const char *cursor);

/* The state of a record as it lies in the store, in the order of the page. Without parsing it, as
 * far as storyd wrote it. */
size_t feeds_state(const char *json, size_t n);

/* Tells of each feed, in order of number. */
void feeds_offer(struct feeds_choice *c, uint64_t number, size_t state);

/* The numbers of those to be shown, one more than fit where there are more. */
size_t feeds_chosen(const struct feeds_choice *c, uint64_t numbers[FEEDS_PAGE + 1]);

struct feeds_view {
    const struct feeds_choice *choice;
    const struct feed_record *feeds; /* the chosen ones, in their order */
    size_t n_feeds;
    const char *cursor; /* as requested, or "" */
    int64_t now;
};

void feeds_page(struct buf *out, const struct feeds_view *v);

#endif
