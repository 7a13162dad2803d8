/* Changes as they come: asked for from a number on, waited for, or as a stream of server-sent
 * events. A client has no more than its place in the log of changes: what it is sent is read from
 * the store, so that one that was away, or reads slowly, costs no memory. */
#ifndef API_LIVE_H
#define API_LIVE_H

#include "api/context.h"

struct event_base;
struct live;

struct live *live_new(struct event_base *base, story_db *db);
void live_free(struct live *l); /* after the server */

/* A batch was committed. */
void live_committed(struct live *l);

/* GET /api/v1/changes and /api/v1/stream */
routes_handler live_changes, live_stream;

#endif
