/* What the daemon answers to. */
#ifndef PATHS_H
#define PATHS_H

#include "net/routes.h"

extern const struct routes paths;

#endif
