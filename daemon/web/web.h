/* The editors' page: the daemon's HTML responses. */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "api/context.h"

routes_handler web_list, web_rows, web_event, web_feeds, web_machine, web_asset, web_picture;

#endif
