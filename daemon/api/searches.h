/* Searching articles over HTTP. */
#ifndef API_SEARCHES_H
#define API_SEARCHES_H

#include "api/context.h"

/* GET /api/v1/search */
routes_handler searches_find;

#endif
