/* Changes as they are committed: from a sequence number on, by long polling, or as server-sent
 * events. A client holds no more than its position in the change log: everything is read from
 * the store, so a client that reconnects misses nothing. */
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
