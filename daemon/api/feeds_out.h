/* Events for other programs: Atom (RFC 4287), JSON Feed 1.1, ninjs 3.0. */
#ifndef API_FEEDS_OUT_H
#define API_FEEDS_OUT_H

#include "api/context.h"
#include "store/event_record.h"

/* GET /feed.atom, /feed.json, with the parameters of the list; /api/v1/events/{number}/ninjs */
routes_handler feeds_out_atom, feeds_out_json, feeds_out_ninjs;

/* What greader.c writes likewise. */
enum {
    FEEDS_OUT_TIME = 32,
    FEEDS_OUT_CONTENT = 256 << 10, /* bytes: more than the texts and names of an event can take */
};

/* RFC 3339, for times with a year of four digits. */
const char *feeds_out_time(int64_t time, char out[FEEDS_OUT_TIME]);

/* The server's address as the client sees it, without a path; a proxy states https in a header. */
void feeds_out_base(const struct request *r, struct buf *out);

/* The text of an event and its sources, as HTML. */
void feeds_out_content(const struct event_record *event, struct buf *out);

#endif
