/* The table behind the lists of events: the most recently updated ones, with the fields that
 * orders and filters use. The records themselves stay in the store. Pure. */
#ifndef API_LISTING_H
#define API_LISTING_H

#include "api/filter_values.h"
#include "net/reply.h"
#include "net/request.h"
#include "store/event_record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LISTING_MAX =
        200000, /* events; of more, those that were not updated for longest are left out */
    LISTING_PAGE = 20,
    LISTING_MAX_PAGE = 200,
    LISTING_ANY = 16, /* comma-separated parts of a filter; up to three may form one value */
    LISTING_VALUES = LISTING_ANY * 3 + 1,
    LISTING_MAX_SEARCH = 200, /* bytes of a search, folded */
    LISTING_CURSOR = 48,
};

/* Whether at least two publishers joined the event within one hour, the latest of them in the last
 * hour. */
bool listing_is_growing(uint64_t velocity, int64_t last_source, int64_t now);

enum listing_order {
    LISTING_TOP,       /* by coverage and freshness: the event's score */
    LISTING_NEW,       /* the youngest event first */
    LISTING_RISING,    /* publishers that joined within one hour, and how long ago; two or more */
    LISTING_UPDATED,   /* the last updated first */
    LISTING_RELEVANCE, /* of a search alone: how well the best article matches */
};

/* Texts are represented by hashes of their folded forms; any of several values matches. */
struct listing_query {
    enum listing_order order;
    int64_t min_sources, since, until;
    bool growing;
    bool muted; /* those that editors muted; else the others */
    uint32_t categories[LISTING_VALUES], sources[LISTING_VALUES], langs[LISTING_VALUES];
    size_t n_categories, n_sources, n_langs;
    bool searches;                   /* q is a search of articles, which search/query.h reads */
    char search[LISTING_MAX_SEARCH]; /* words, each with a blank before it */
    size_t limit;
    bool has_cursor; /* go on after this place */
    int64_t cursor_key;
    uint64_t cursor_number;
};

/* Reads the parameters order (default: as in `out`, which also says what q is, and so which orders
 * there are), min_sources,
 * category (also editors' tags), lang, source, since, until, growing, muted, q, limit and cursor.
 * An empty one, as forms send it, is ignored. Returns false after writing the 400 response. */
bool listing_read(const struct request *r, struct listing_query *out, struct reply *error);

struct listing;
struct listing *listing_new(void);
void listing_free(struct listing *l);

/* Takes over an event's record: new, changed, or no longer one to list. */
void listing_take(struct listing *l, const struct event_record *event);
void listing_drop(struct listing *l, uint64_t event);

/* A number that changes with every change of the table. */
uint64_t listing_version(const struct listing *l);
size_t listing_size(const struct listing *l);

/* The place of an event among the top ones of all, from 1; 0 when it is not listed. */
size_t listing_rank(const struct listing *l, uint64_t number);

/* What the listed events that are not muted offer for filters. */
const struct filter_values *listing_values(const struct listing *l);

/* The hash by which the table represents a text. */
uint32_t listing_tag(const char *text);

/* An event of the table. The tags are those of its categories and of editors' tags; they are valid
 * until the table changes. */
struct listing_event {
    uint64_t number;
    int64_t seq, updated;
    uint32_t sources;
    uint32_t category; /* the tag of its first category; 0: none of the topics */
    const uint32_t *tags;
    size_t n_tags;
};

/* False when the event is not listed. */
bool listing_get(const struct listing *l, uint64_t number, struct listing_event *out);

/* All that are not muted, in no order. */
void listing_each(const struct listing *l, void (*each)(void *, const struct listing_event *),
                  void *arg);

/* An event's place in an order. */
struct listing_place {
    int64_t key;
    uint64_t number;
};

/* The places of the first events, at most the query's limit, and whether there are more. */
size_t listing_find(const struct listing *l, const struct listing_query *q, int64_t now,
                    struct listing_place places[LISTING_MAX_PAGE], bool *more);

/* Whether the event passes the query's filters, but for its words: one that is listed, and one that
 * is not, such as one of the archive, by its record. */
bool listing_has(const struct listing *l, uint64_t number);
bool listing_passes(const struct listing *l, const struct listing_query *q, int64_t now,
                    uint64_t number);
bool listing_would_pass(const struct listing_query *q, int64_t now,
                        const struct event_record *event);

/* Reads a category, or several, as the parameter does. */
bool listing_read_category(const char *text, struct listing_query *out, struct reply *error);

/* The cursor for those after a place. */
void listing_cursor(struct listing_place p, char out[LISTING_CURSOR]);

#endif
