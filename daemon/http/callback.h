/* What hubs say to us (WebSub): they ask whether we meant to subscribe, and they bring news. */
#ifndef HTTP_CALLBACK_H
#define HTTP_CALLBACK_H

#include "http/routes.h"

routes_handler callback_verify;
routes_handler callback_deliver;

#endif
