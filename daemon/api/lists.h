/* Lists of events for a query, with a cache of the latest responses: repeated requests between
 * two changes cost little. */
#ifndef API_LISTS_H
#define API_LISTS_H

#include "api/listing.h"
#include "api/context.h"

struct lists;
struct lists *lists_new(void);
void lists_free(struct lists *l);

/* Reads the last updated events of a store, at the start. */
int lists_load(struct lists *l, story_db *db);

/* An event's record was written. */
void lists_take(struct lists *l, const struct event_record *event);
void lists_drop(struct lists *l, uint64_t event); /* it will be deleted */
const struct listing *lists_table(const struct lists *l);
size_t lists_size(const struct lists *l);
size_t lists_rank(const struct lists *l, uint64_t event); /* see listing_rank() */

struct query;
struct searcher_result;

/* Writes the response from the records of the events, in order; stops early once the page has grown
 * to REPLY_PAGE. The view ends afterwards. */
struct lists_page {
    const struct listing_query *query;
    story_view *view;
    const struct listing_place *places;
    size_t n;
    bool more; /* after them */
    /* Of a search, else NULL: what was asked, and what was found; or why it cannot be answered. A
     * place is an event of the result with its key. */
    const struct query *search;
    const struct searcher_result *found;
    const char *refused;
};

/* The part of the result that is the event's; NULL: none. */
const struct searcher_event *lists_found(const struct lists_page *page, uint64_t event);

/* The cursor of the page after one that shows the first `shown` of the places; "" when all there
 * are were shown. */
void lists_next(const struct lists_page *page, size_t shown, char next[LISTING_CURSOR]);

typedef void lists_writer(struct routes_context *c, const struct request *r,
                          const struct lists_page *page, struct reply *out);

/* Reads the query and has it answered, or answers as it did a moment ago. */
void lists_answer(struct routes_context *c, const struct request *r, struct reply *out,
                  lists_writer *write);

/* The same where another order than by rank is usual. */
void lists_answer_by(struct routes_context *c, const struct request *r, struct reply *out,
                     enum listing_order order, lists_writer *write);

/* The same for a search of articles, whose text is the parameter q: events with the newest matching
 * article first, or by relevance. */
void lists_search(struct routes_context *c, const struct request *r, struct reply *out,
                  lists_writer *write);

routes_handler lists_events;  /* GET /api/v1/events */
routes_handler lists_filters; /* GET /api/v1/filters */

#endif
