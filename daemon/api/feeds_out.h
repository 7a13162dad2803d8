/* Events for other programs: Atom (RFC 4287), JSON Feed 1.1, ninjs 3.0. */
#ifndef API_FEEDS_OUT_H
#define API_FEEDS_OUT_H

#include "api/context.h"

/* GET /feed.atom, /feed.json, with the parameters of the list; /api/v1/events/{number}/ninjs */
routes_handler feeds_out_atom, feeds_out_json, feeds_out_ninjs;

#endif
