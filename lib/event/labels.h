/* What articles of one mould always write weighs little in the next of them: event/habits.h. */
#ifndef EVENT_LABELS_H
#define EVENT_LABELS_H

#include "event/state.h"

/* The article's weights, of e->terms; its number, its publisher and its marks are set. */
void labels_weigh(const struct engine *e, const char *title, struct article *a);

#endif
