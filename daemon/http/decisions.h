/* What editors decide, over HTTP: making decisions, and their history. */
#ifndef HTTP_DECISIONS_H
#define HTTP_DECISIONS_H

#include "http/routes.h"

routes_handler decisions_list, decisions_one, decisions_make;

#endif
