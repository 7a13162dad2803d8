/* The route table of the HTTP server. */
#ifndef PATHS_H
#define PATHS_H

#include "net/routes.h"

extern const struct routes paths;

#endif
