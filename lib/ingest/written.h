/* Text that an editor, or a program acting for one, writes for an event: its `written`. Pure. */
#ifndef INGEST_WRITTEN_H
#define INGEST_WRITTEN_H

#include "store/event_record.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The validated request. */
struct written {
    enum event_part part;
    json_t *items;    /* statements */
    json_int_t place; /* index of the one detail that they replace; -1: they replace all */
};

/* `ask` contains field, items (or text, for one), and optionally place. On success the caller frees
 * `items`; otherwise `message` states what was expected. */
bool written_read(const json_t *ask, const struct event_record *event, const char *who, int64_t now,
                  struct written *out, char *message, size_t n);
const char *written_field(enum event_part part); /* as in the record: "summary" */
/* The event's `written` with the new text; NULL: too many of its details are written one by one. */
json_t *written_with(const struct event_record *event, const struct written *w);

#endif
