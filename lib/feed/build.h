/* Builds a feed from the elements and text that an XML reader reports. */
#ifndef FEED_BUILD_H
#define FEED_BUILD_H

#include "feed/feed.h"
#include "feed/xml.h"

struct build;

extern const struct xml_events build_events; /* their context is the builder */

struct build *build_new(const char *base_url);

/* Frees the builder. The feed is NULL unless the status is FEED_OK. A document that is not
 * well-formed is a feed only if something was found in it. */
enum feed_status build_finish(struct build *b, struct feed **out, bool well_formed);
void build_free(struct build *b);

#endif
