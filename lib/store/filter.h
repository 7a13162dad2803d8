/* Whether an event's record is one that a story_filter wants. Needs no memory of its own. */
#ifndef STORE_FILTER_H
#define STORE_FILTER_H

#include "story.h"

#include "text/words.h"

#include <jansson.h>
#include <stdbool.h>

/* The texts of an event that a filter looks at: its categories and editors' tags; domains and names
 * of its publishers; title, tags and keywords. Calls back for each until that returns true; whether
 * one did. */
enum { FILTER_PARTS = 3 }; /* between commas, that a text has at most where several are given */
enum filter_of { FILTER_CATEGORY, FILTER_SOURCE, FILTER_WORDS };
bool filter_any(const json_t *event, enum filter_of of, bool (*fn)(void *, const char *text),
                void *arg);

/* What of a word a search may begin besides: "année" of "l'année"; NULL for nothing. */
const char *filter_elided(const struct word *w);

bool filter_takes(const struct story_filter *f, const json_t *event);

/* Updated before what the filter wants; so are all that were updated earlier. */
bool filter_too_old(const struct story_filter *f, const json_t *event);

#endif
