/* Whether an event's record is one that a story_filter wants. Needs no memory of its own. */
#ifndef STORE_FILTER_H
#define STORE_FILTER_H

#include "story.h"

#include <jansson.h>
#include <stdbool.h>

bool filter_takes(const struct story_filter *f, const json_t *event);

/* Updated before what the filter wants; so are all that were updated earlier. */
bool filter_too_old(const struct story_filter *f, const json_t *event);

#endif
