/* The public records as JSON objects (jansson), and changes to them. storyd-db(5) and
 * config/schema/ document the fields. Depends on neither LMDB nor the engine. */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include "base/buf.h"
#include "store/article_record.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RECORD_MAX_FEEDS = 1000, /* of an event */
    RECORD_MAX_DECIDED = 50, /* tags, and notes, of an event */
    RECORD_MAX_PLACES = 10,  /* details written one by one */
};

/* Adds missing fields to an event of an older version. Call it before changing a record that was
 * read: appending to a missing array fails silently. */
void record_fill(json_t *record);

/* The initial value of an event's field; null for a field that it does not have. */
json_t *record_default(const char *field);

/* The first field of an event with a value of the wrong type, such as a string in place of an
 * array; NULL: none. */
const char *record_misfit(const json_t *record);

json_t *record_event(uint64_t number);
/* Reports are counted as sources with at least one article that is no copy. */
void record_event_join(json_t *event, struct article_record *article, int64_t seen);
void record_event_merge(json_t *into, const json_t *from, int64_t seen);
/* False for a record of an older storyd that counted each article as a report. */
bool record_counts_reports(const json_t *event);
/* Adds a feed that carries an article of the event; false when it was known. */
bool record_event_seen_in(json_t *event, uint64_t feed);
/* Resets the counts before a recount; the other fields stay. */
void record_event_clear(json_t *event);
/* Makes an article the lead of the event: sets title and address. */
void record_event_lead(json_t *event, const struct article_record *article);
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
void record_event_copied(json_t *event, struct article_record *article, uint64_t origin);
/* What remains of an event that was merged into another. */
json_t *record_event_merged(const json_t *from, uint64_t into, int64_t seen, uint64_t seq);
/* Computes velocity and score from the other fields; call before writing. */
void record_event_finish(json_t *event);

/* The domain by which a source of an event is counted: its domain, or its first one if
 * its site has moved. */
const char *record_first_domain(const json_t *source);

uint64_t record_number(const json_t *record, const char *field);  /* 0 when absent */
const char *record_text(const json_t *record, const char *field); /* "" when absent */

/* Sanitised output of stored addresses, since older stores may contain invalid ones, such as
 * "javascript:". record_address() returns "" for what is no http address, or NULL; record_add()
 * writes a whole record as stored, with null for such a link, image or home, and "" for url. */
const char *record_address(const char *url);
void record_add(struct buf *out, const char *json, size_t n);

#endif
