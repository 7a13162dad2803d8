/* Editors' decisions over HTTP: making them, and their history. */
#ifndef API_DECISIONS_H
#define API_DECISIONS_H

#include "api/context.h"

routes_handler decisions_list, decisions_one, decisions_make;

#endif
