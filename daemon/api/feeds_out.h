/* Events for other programs' readers: Atom, JSON Feed, ninjs. */
#ifndef API_FEEDS_OUT_H
#define API_FEEDS_OUT_H

#include "api/context.h"

/* GET /feed.atom, /feed.json, with the parameters of the list; /api/v1/events/{number}/ninjs */
routes_handler feeds_out_atom, feeds_out_json, feeds_out_ninjs;

#endif
