/* Tests whether an event's record matches a story_filter: event_head_table reads what it looks at.
 * Allocates no memory. */
#ifndef STORE_FILTER_H
#define STORE_FILTER_H

#include "story.h"

#include "text/words.h"

#include "store/event_record.h"
#include <stdbool.h>

/* The texts of an event that a filter examines: its categories and editors' tags; domains and names
 * of its publishers; title, tags and keywords. Calls back for each until a call returns true;
 * returns whether one did. */
enum { FILTER_PARTS = 3 }; /* most parts between commas in one name when several are given */
enum filter_of { FILTER_CATEGORY, FILTER_SOURCE, FILTER_WORDS };
bool filter_any(const struct event_record *event, enum filter_of of,
                bool (*fn)(void *, const char *text), void *arg);

/* A further place in a word where a search may match: "année" in "l'année"; NULL: none. */
const char *filter_elided(const struct word *w);

bool filter_takes(const struct story_filter *f, const struct event_record *event);

/* True when it was updated before the filter's time; then so were all that were updated earlier. */
bool filter_too_old(const struct story_filter *f, const struct event_record *event);

#endif
