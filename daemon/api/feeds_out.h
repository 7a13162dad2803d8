/* Events for other programs: Atom (RFC 4287), JSON Feed 1.1, ninjs 3.0. */
#ifndef API_FEEDS_OUT_H
#define API_FEEDS_OUT_H

#include "api/context.h"
#include "store/event_record.h"

#include <jansson.h>

/* GET /feed.atom, /feed.json, /feed.ninjs, with the parameters of the list;
 * /api/v1/events/{number}/ninjs */
routes_handler feeds_out_atom, feeds_out_json, feeds_out_ninjs_list, feeds_out_ninjs;

/* What event_feed.c and greader.c write likewise. */
enum {
    FEEDS_OUT_TIME = 32,
    FEEDS_OUT_CONTENT = 256 << 10, /* bytes: more than the texts and names of an event can take */
};

/* RFC 3339, for times with a year of four digits. */
const char *feeds_out_time(int64_t time, char out[FEEDS_OUT_TIME]);

/* The address to which the page's paths are appended: `base` unless it is "", or else the server's
 * address as the client sees it; a proxy states https in a header. */
void feeds_out_base(const char *base, const struct request *r, struct buf *out);

/* The address of an event's page. */
void feeds_out_event(const struct routes_context *c, const struct request *r, uint64_t number,
                     struct buf *out);

/* The tag: URI (RFC 4151) of an event, an article or a change, or with number 0 of all events. It
 * differs between installations and never changes: of base_url, or else of the first of the
 * server's names, or else with the random number of the store. */
void feeds_out_tag(struct routes_context *c, struct buf *out, const char *what, uint64_t number);

/* Atom: an element with a text; a link, whose address is freed. `type` NULL: none. */
void feeds_out_element(struct buf *out, const char *name, const char *text);
void feeds_out_link(struct buf *out, const char *rel, const char *type, struct buf *address);

/* JSON: a member with a text, which is freed; a record as text, which is freed too. */
void feeds_out_set(json_t *object, const char *name, struct buf *text);
void feeds_out_json_text(struct buf *out, json_t *record);

/* The text of an event and its sources, as HTML. */
void feeds_out_content(const struct event_record *event, struct buf *out);

#endif
