/* The feed of one event: what is new about it, for feed readers. */
#ifndef API_EVENT_FEED_H
#define API_EVENT_FEED_H

#include "api/context.h"

/* GET /event/{number}/feed.atom, /event/{number}/feed.json: the event's articles, merges and
 * splits, newest first. */
routes_handler event_feed_atom, event_feed_json;

#endif
