/* Requests from WebSub hubs: verification of subscriptions, and pushed documents. */
#ifndef API_CALLBACK_H
#define API_CALLBACK_H

#include "api/context.h"

routes_handler callback_verify;
routes_handler callback_deliver;

#endif
