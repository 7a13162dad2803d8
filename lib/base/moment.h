/* Reads a point in time as users and programs give it: the parameters since and until of the HTTP
 * API, of searches and of storyctl. Dates in feeds have a parser of their own, base/date.h. */
#ifndef BASE_MOMENT_H
#define BASE_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

/* What moment_read() takes, for messages. */
#define MOMENT_FORMS                                                                               \
    "a date or time as in 2026-03-31 or 2026-03-31T14:00:00Z, seconds since 1970, or an age: "     \
    "90m, "                                                                                        \
    "6h, 3d"

/* A date means its first second in UTC, or its last one if the moment ends a span; a time without a
 * zone is UTC; an age is counted back from `now`. A number of four digits is refused: it is more
 * likely a year. */
bool moment_read(const char *text, int64_t now, bool ends_span, int64_t *out);

#endif
