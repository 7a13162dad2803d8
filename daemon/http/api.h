/* The store as JSON under /api/v1: events, their articles, why those are together, feeds. */
#ifndef HTTP_API_H
#define HTTP_API_H

#include "http/routes.h"

routes_handler api_event, api_event_articles, api_event_reasons, api_event_history, api_article,
    api_feeds, api_health;

#endif
