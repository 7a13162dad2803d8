/* Handlers for the feed list as a whole: where it comes from, and confirming a list that was held.
 */
#ifndef API_SUBSCRIBED_H
#define API_SUBSCRIBED_H

#include "net/routes.h"

routes_handler subscribed_list, subscribed_confirm;

#endif
