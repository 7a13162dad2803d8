/* The public records as JSON objects (jansson), and changes to them. storyd-db(5) and
 * config/schema/ document the fields. Depends on neither LMDB nor the engine. */
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

enum record_kind { RECORD_ARTICLE = 1, RECORD_EVENT };

/* A record with all fields of its kind, at their initial values except the number. */
json_t *record_new(enum record_kind kind, uint64_t number);

/* Adds missing fields to a record of an older version. Call it before changing a record that was
 * read: appending to a missing array fails silently. */
void record_fill(enum record_kind kind, json_t *record);

/* The initial value of a field; null for a field that the kind does not have. */
json_t *record_default(enum record_kind kind, const char *field);

/* The first field with a value of the wrong type, such as a string in place of an array; NULL:
 * none. */
const char *record_misfit(enum record_kind kind, const json_t *record);

/* The result of an article's arrival. */
struct record_arrival {
    uint64_t article, event, copy_of, feed;
    int64_t seen, published;
    const char *lang; /* "": unknown */
};

json_t *record_article(const struct feed_article *a, const struct record_arrival *arrival);

/* Its categories, owned by the record; returns how many. */
size_t record_categories(const json_t *article, const char *out[RECORD_MAX_CATEGORIES]);

/* Adds a feed (or guid) that carries it; false when it was known, or there are too many. */
bool record_article_seen_in(json_t *article, uint64_t feed, const char *guid);

/* Its feed gives it another guid; the previous one is kept as a further key. */
void record_article_renamed(json_t *article, const char *guid);

/* The effect of a later sighting in the article's feed: a new address, or new texts, in which case
 * the old ones become a version. */
enum record_edit { RECORD_SAME, RECORD_MOVED, RECORD_EDITED };
enum record_edit record_article_update(json_t *article, const struct feed_article *a, int64_t seen);

/* The article now belongs to that feed, which has a better right to it, and counts for the feed's
 * publisher; the previous feed is listed as carrying it. The texts do not change. */
void record_article_take_over(json_t *article, const struct feed_article *a, uint64_t feed);

json_t *record_event(uint64_t number);
/* Reports are counted as sources with at least one article that is no copy. */
void record_event_join(json_t *event, json_t *article, int64_t seen);
void record_event_merge(json_t *into, const json_t *from, int64_t seen);
/* False for a record of an older storyd that counted each article as a report. */
bool record_counts_reports(const json_t *event);
/* Adds a feed that carries an article of the event; false when it was known. */
bool record_event_seen_in(json_t *event, uint64_t feed);
/* Resets the counts before a recount; the other fields stay. */
void record_event_clear(json_t *event);
/* Makes an article the lead of the event: sets title and address. */
void record_event_lead(json_t *event, const json_t *article);
/* Sets what was extracted from the event's articles, the fields of `said`. A summary, details or
 * meaning that an editor wrote (`written`) or a model generated (`generated`) is shown instead, and
 * the extracted one is kept in `extracted`. */
void record_event_says(json_t *event, const json_t *said);
/* The extracted value of one of these fields, whatever is shown. */
const json_t *record_event_extracted(const json_t *event, const char *field);
/* Call after `written` or `generated` has changed: updates the shown fields. */
void record_event_rewritten(json_t *event);
/* An article of the event is found to copy `origin`, which came before; with origin 0, it is a
 * report of its own again. */
void record_event_copied(json_t *event, json_t *article, uint64_t origin);
/* What remains of an event that was merged into another. */
json_t *record_event_merged(const json_t *from, uint64_t into, int64_t seen, uint64_t seq);
/* Computes velocity and score from the other fields; call before writing. */
void record_event_finish(json_t *event);

/* The domain by which a source (of an article or event) is counted: its domain, or its first one if
 * its site has moved. */
const char *record_first_domain(const json_t *source);

uint64_t record_number(const json_t *record, const char *field);  /* 0 when absent */
const char *record_text(const json_t *record, const char *field); /* "" when absent */

/* The longer one of an article's text and summary; "" when it has neither. Its last `standing`
 * bytes are the publisher's standing text. */
const char *record_body(const json_t *article);

/* Sanitised output of stored addresses, since older stores may contain invalid ones, such as
 * "javascript:". record_address() returns "" for what is no http address, or NULL; record_add()
 * writes a whole record as stored, with null for such a link, image or home, and "" for url. */
const char *record_address(const char *url);
void record_add(struct buf *out, const char *json, size_t n);

#endif
