/* What hubs say to us (WebSub): they ask whether we meant to subscribe, and they bring news. */
#ifndef API_CALLBACK_H
#define API_CALLBACK_H

#include "api/context.h"

routes_handler callback_verify;
routes_handler callback_deliver;

#endif
