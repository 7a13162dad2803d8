/* Makes a feed of the elements and the text that a reader of XML tells of. */
#ifndef FEED_BUILD_H
#define FEED_BUILD_H

#include "feed/feed.h"
#include "feed/xml.h"

struct build;

extern const struct xml_events build_events; /* their context is the builder */

struct build *build_new(const char *base_url);

/* Frees the builder. The feed is NULL unless the status is FEED_OK. What is not even well-formed is
 * a feed only when something was found in it. */
enum feed_status build_finish(struct build *b, struct feed **out, bool well_formed);
void build_free(struct build *b);

#endif
