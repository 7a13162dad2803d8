/* JSON Feed 1.0 and 1.1. Reads item by item: neither the time for one step nor the memory for what
 * JSON makes of a few bytes grows with the document. Of a document that is cut off, or broken
 * somewhere, the whole items before that place are the feed, which is `malformed` then. Numbers
 * that stand for texts (ids) keep their digits, however long they are. */
#ifndef FEED_JSON_H
#define FEED_JSON_H

#include "feed/feed.h"

struct json_reader;

/* The text is UTF-8 that starts with '{' or '[' and must outlive the reader. */
struct json_reader *json_reader_new(const char *p, size_t n, const char *base_url);
bool json_read(struct json_reader *r, size_t n); /* about `n` more bytes; false at the end */
enum feed_status json_reader_end(struct json_reader *r, struct feed **out); /* frees it */

#endif
