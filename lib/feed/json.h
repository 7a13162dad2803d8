/* JSON Feed 1.0 and 1.1. Items are read one by one: neither the time of one step nor the memory of
 * parsed JSON grows with the document. If the document is truncated or invalid at some point, the
 * complete items before that point are the feed, which is then `malformed`. Numbers in place of
 * texts (ids) keep all their digits. */
#ifndef FEED_JSON_H
#define FEED_JSON_H

#include "feed/feed.h"

struct json_reader;

/* The text is UTF-8 that starts with '{' or '[' and must outlive the reader. */
struct json_reader *json_reader_new(const char *p, size_t n, const char *base_url);
bool json_read(struct json_reader *r, size_t n); /* reads about `n` more bytes; false at the end */
enum feed_status json_reader_end(struct json_reader *r, struct feed **out); /* frees the reader */

#endif
