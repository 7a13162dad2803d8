/* Sanitised output of stored records, and access to the fields of JSON that no table of fields
 * describes: requests, answers of the API, and what is stored of a site (ingest/site.h). The other
 * records have structs: article_record.h, change_record.h, decision_record.h, delivery_record.h,
 * event_record.h, feed_record.h, page_record.h, post_record.h and tombstone_record.h. */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include "base/buf.h"

#include <jansson.h>
#include <stdint.h>

uint64_t record_number(const json_t *object, const char *field);  /* 0 when absent */
const char *record_text(const json_t *object, const char *field); /* "" when absent */

/* Older stores may contain invalid addresses, such as "javascript:". record_address() returns ""
 * for what is no http address, or NULL; record_add() writes a whole record as stored, with null for
 * such a link, image or home, and "" for url. */
const char *record_address(const char *url);
void record_add(struct buf *out, const char *json, size_t n);

#endif
