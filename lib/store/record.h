/* The public records as JSON objects (jansson), and how they change. storyd-db(5) and
 * config/schema/ say what the fields mean. Knows neither LMDB nor the engine. */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include "base/buf.h"
#include "article/article.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RECORD_MAX_VERSIONS = 20,
    RECORD_MAX_CATEGORIES = 12,
    RECORD_MAX_SIGHTINGS = 50,
    RECORD_MAX_FEEDS = 1000, /* of an event */
    RECORD_MAX_DECIDED = 50, /* tags, and notes, of an event */
    RECORD_MAX_PLACES = 10,  /* details written one by one */
};

/* Those that are changed after they were written. (A feed's fields: lib/ingest/subscription.c.) */
enum record_kind { RECORD_ARTICLE = 1, RECORD_EVENT, RECORD_DECISION, RECORD_POST, RECORD_PAGE };

/* A record with every field that its kind has, nothing in them but its number. */
json_t *record_new(enum record_kind kind, uint64_t number);

/* Gives a record that an older version wrote the fields that it lacks. Whoever reads one to change
 * it calls this: an array that is not there takes nothing in, and nobody is told. */
void record_fill(enum record_kind kind, json_t *record);

/* What stands in a field until it is set; null for one that the kind does not have. */
json_t *record_default(enum record_kind kind, const char *field);

/* The first field that holds what it cannot, such as a text in place of an array; NULL for none. */
const char *record_misfit(enum record_kind kind, const json_t *record);

/* What became of an article when it came. */
struct record_arrival {
    uint64_t article, event, copy_of, feed;
    int64_t seen, published;
    const char *lang; /* "" unknown */
};

json_t *record_article(const struct feed_article *a, const struct record_arrival *arrival);

/* Its categories, which stay the record's; how many. */
size_t record_categories(const json_t *article, const char *out[RECORD_MAX_CATEGORIES]);

/* One more feed (or guid) that carries it; false when that was known, or there are too many. */
bool record_article_seen_in(json_t *article, uint64_t feed, const char *guid);

/* Its feed gives it another guid; the one before is one more that it is known by. */
void record_article_renamed(json_t *article, const char *guid);

/* What a later sighting by the article's feed changes: its address, or its texts, whose old ones
 * become a version. */
enum record_edit { RECORD_SAME, RECORD_MOVED, RECORD_EDITED };
enum record_edit record_article_update(json_t *article, const struct feed_article *a, int64_t seen);

/* From now on it is the article of that feed, which has a better right to it, and counts for whom
 * that one speaks for; the feed it was of is one that carries it too. The texts stay as they are.
 */
void record_article_take_over(json_t *article, const struct feed_article *a, uint64_t feed);

/* A post, when it came. */
struct record_posted {
    uint64_t post, event, feed;
    uint64_t article; /* that it links to, or whose title it quotes; 0 none */
    const char *why;  /* "link", "title", "engine" */
    int64_t seen;
    const char *author, *handle, *bio, *text, *url, *lang; /* NULL unknown */
    int64_t time;
};
json_t *record_post(const struct record_posted *of);

json_t *record_event(uint64_t number);
/* Reports are sources of which at least one article copies none. */
void record_event_join(json_t *event, json_t *article, int64_t seen);
void record_event_merge(json_t *into, const json_t *from, int64_t seen);
/* False for a record that a storyd wrote which counted each article as a report. */
bool record_counts_reports(const json_t *event);
/* One more feed carries an article of the event; false when that was known. */
bool record_event_seen_in(json_t *event, uint64_t feed);
/* As if no article had joined yet, to count them anew; what else it says stays. */
void record_event_clear(json_t *event);
/* Makes an article the one that speaks for the event: its title and address. */
void record_event_lead(json_t *event, const json_t *article);
/* What was extracted from the event's articles, as fields of `said`: they are the event's. Where an
 * editor wrote one of summary, details and meaning (`written`), or a model did (`generated`), that
 * stands there instead, and what was extracted is kept in `extracted`. */
void record_event_says(json_t *event, const json_t *said);
/* What was extracted for one of those fields, whatever stands there. */
const json_t *record_event_extracted(const json_t *event, const char *field);
/* `written` or `generated` is another: the event says it, or again what was extracted. */
void record_event_rewritten(json_t *event);
/* An article of the event is no report of its own: it copies `origin`, which came before; or, with
 * origin 0, is one after all. */
void record_event_copied(json_t *event, json_t *article, uint64_t origin);
/* What is left of an event that was merged away. */
json_t *record_event_merged(const json_t *from, uint64_t into, int64_t seen, uint64_t seq);
/* Velocity and score, which follow from the other fields; call before writing. */
void record_event_finish(json_t *event);

/* What a source (of an article or event) is counted by: its domain, or where its site has moved the
 * first one it had. */
const char *record_first_domain(const json_t *source);

uint64_t record_number(const json_t *record, const char *field);  /* 0 when absent */
const char *record_text(const json_t *record, const char *field); /* "" when absent */

/* The longer one of an article's text and summary; "" when it has neither. Its last `standing`
 * bytes are what the publisher writes below all its articles. */
const char *record_body(const json_t *article);

/* The two ways in which what a store holds is given to people and programs: older stores may hold
 * addresses that are none, such as "javascript:". Its `url`, "" where that is no http address; and
 * a whole record's text as the store has it, with null for such a link, image or home, "" for url.
 */
const char *record_address(const json_t *record);
void record_add(struct buf *out, const char *json, size_t n);

#endif
