/* The System status page. Pure: figures in, HTML out. */
#ifndef WEB_MACHINE_H
#define WEB_MACHINE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is not known is negative. */
struct machine_view {
    int64_t now, started;
    int64_t articles_hour;   /* received in the last hour */
    int64_t articles_window; /* that the engine holds */
    int64_t events_open, changes;
    int64_t feeds_failing, feeds_due, longest_due; /* seconds that a feed has waited for its poll */
    int64_t freshness;    /* seconds from publishing to coming, the middle of the latest articles */
    int64_t last_article; /* when the latest article was received */
    int64_t memory, store;           /* bytes */
    int64_t store_max, disk_free;    /* likewise: max_size, and what the disk has left */
    int fill;                        /* percent of max_size or of the disk, whichever is fuller */
    double cpu;                      /* seconds of it since the start */
    int64_t views;                   /* that readers of the store have open */
    int64_t oldest_view, oldest_pid; /* seconds that one has kept an old state; its process */
    bool asks;                       /* a model is configured */
    int64_t model_asked, model_answered, model_kept, model_dropped, model_waiting;
    int64_t tokens, tokens_left;          /* of this day */
    bool reads_pages;                     /* fetching pages is enabled */
    int64_t pages_waiting, pages_longest; /* the seconds that one has waited */
    int64_t pages_read, pages_refused, pages_failed, pages_bytes;
    int64_t pages_today, pages_budget;
    const char *search; /* the state of the index */
    int64_t indexed, index_bytes;
    const char *trouble; /* the store is full; NULL: it is not */
    const char *list;    /* remote_list_state() */
};

void machine_page(struct buf *out, const struct machine_view *v);

#endif
