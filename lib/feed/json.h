/* JSON Feed 1.0 and 1.1. */
#ifndef FEED_JSON_H
#define FEED_JSON_H

#include "feed/feed.h"

/* The whole document, in UTF-8. */
enum feed_status json_read(const char *p, size_t n, const char *base_url, struct feed **out);

#endif
