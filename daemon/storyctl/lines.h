/* Reads articles as JSON Lines from standard input; shared by cluster and describe. */
#ifndef STORYCTL_LINES_H
#define STORYCTL_LINES_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

enum { LINES_MAX = 8 << 20 }; /* bytes per line */

/* Calls `take` with each line's object. Lines that are invalid, too long, or without "id" are
 * skipped, and the first of them is reported. Returns the exit status: 1 if any was skipped. */
int lines_read(const char *command, void (*take)(void *, json_t *object), void *arg);

const char *lines_text(const json_t *object, const char *key); /* "" if absent */

/* A number of seconds since 1970, or a date; INT64_MIN if absent or out of range for an article. */
int64_t lines_time(const json_t *object, const char *key);

#endif
