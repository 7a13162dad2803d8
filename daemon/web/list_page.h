/* The list of events. Pure: records in, HTML out. */
#ifndef WEB_LIST_PAGE_H
#define WEB_LIST_PAGE_H

#include "base/buf.h"
#include "store/event_record.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct list_view {
    const struct event_record *events; /* in order of rank */
    size_t n_events;
    const json_t *filters; /* see filter.h */
    size_t first_rank;     /* of the first event: 1 on the first page */
    const char *next;      /* cursor of the next page; NULL on the last */
    uint64_t last_seq;     /* the change that the list knows last */
    int64_t now;
    const char *decides; /* as in page_frame */
};

/* The whole page; or its rows alone, for the script. */
void list_page(struct buf *out, const struct list_view *v);
void list_rows(struct buf *out, const struct list_view *v);

#endif
