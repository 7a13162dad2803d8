/* Removal of articles' texts on request (ingest/forget.h). */
#ifndef API_REMOVAL_H
#define API_REMOVAL_H

#include "api/context.h"

/* POST /api/v1/forget: {"article": N} or {"feed": N}, and "who", "why" for the log. */
routes_handler removal_forget;

#endif
