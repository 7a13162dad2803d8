/* The list of events. Pure: records in, HTML out. */
#ifndef WEB_LIST_PAGE_H
#define WEB_LIST_PAGE_H

#include "base/buf.h"
#include "store/event_record.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct article_record;
struct snippet;

/* Why an event is in the results of a search; `best` NULL: it is not of a search. */
struct list_match {
    const struct article_record *best;
    const struct snippet *snippet; /* of its body */
    size_t matches;                /* articles */
    int64_t time; /* when the newest of them came; by relevance, when the best was published */
};

struct list_view {
    const struct event_record *events; /* in order of rank */
    size_t n_events;
    const struct list_match *matches; /* of each event, in a search; else NULL */
    const uint64_t *pictures;         /* of each event, 0: none; NULL: of none */
    bool searched;                    /* it is of a search */
    const char *note;      /* of a search: what is missing, or wrong with it; NULL: nothing */
    bool is_new;           /* the store has no events yet */
    size_t feeds;          /* that are subscribed */
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
