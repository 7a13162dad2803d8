/* The index of articles for searching: follows the store by its change log, in slices on the loop,
 * and answers queries. Used by the API and the page.
 *
 * The store stays the truth. An index that is missing, damaged, of another store or format, or
 * behind the kept changes is made anew in the background; what is found until then is incomplete.
 * A hit whose article is no longer in the store is left out. */
#ifndef SEARCH_SEARCHER_H
#define SEARCH_SEARCHER_H

#include "search/query.h"
#include "story.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct searcher;

/* Opens the index in the store's folder, whose reader is `db`. */
struct searcher *searcher_new(struct event_base *base, story_db *db, const char *store);
void searcher_free(struct searcher *s);

/* A batch was written: what is new is indexed soon. */
void searcher_committed(struct searcher *s);

/* The article is deleted from the store by the next batch, and then from the index. */
void searcher_drop(struct searcher *s, uint64_t article);

struct searcher_facts {
    bool on; /* false: the index failed, and the log says why */
    bool complete;
    uint64_t articles, done, of; /* indexed; while it is made: articles looked at, of how many */
    int64_t bytes;               /* of its files */
};
struct searcher_facts searcher_facts(const struct searcher *s);

/* An event with articles that match, of at most SEARCHER_MOST newest matching articles in all. */
enum { SEARCHER_MOST = 10000, SEARCHER_SHOWN = 6 };
struct searcher_event {
    uint64_t event;
    int64_t key;                       /* by which events are ordered, the highest first */
    size_t n;                          /* of its articles that match */
    size_t n_articles;                 /* of them below */
    uint64_t articles[SEARCHER_SHOWN]; /* the newest, newest first; by relevance, the best alone */
};

/* An event's key is its newest matching article; or how well its best one matches, where half as
 * well counts as much as 90 days older. */
enum searcher_order { SEARCHER_NEWEST, SEARCHER_RELEVANCE };

struct searcher_result {
    struct searcher_event *events; /* in order */
    size_t n;
    bool cut; /* there are more: too many matches, or no time for more */
};

/* False: the index cannot be searched. searcher_result_free() in any case. */
bool searcher_find(struct searcher *s, story_view *view, const struct query *q,
                   enum searcher_order order, struct searcher_result *out);
void searcher_result_free(struct searcher_result *r);

/* The one of the event's matching articles that shows most of the words, and where: in its title or
 * body. The newest of several. 0, or an error of story_strerror(). */
struct article_record;
struct snippet;
int searcher_best(story_view *view, const struct query *q, const struct searcher_event *e,
                  struct article_record *article, struct snippet *out);

#endif
