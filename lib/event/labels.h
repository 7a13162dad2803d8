/* What articles of one mould always write weighs little in the next of them: event/habits.h. */
#ifndef EVENT_LABELS_H
#define EVENT_LABELS_H

#include "event/state.h"

/* The article's weights, of e->terms; its number is set. `keys`: habits_keys() of it. */
void labels_weigh(const struct engine *e, const char *title, const uint64_t keys[MOULDS],
                  struct article *a);

#endif
