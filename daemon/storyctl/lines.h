/* Articles as JSON Lines on the standard input: what cluster and describe have in common. */
#ifndef STORYCTL_LINES_H
#define STORYCTL_LINES_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

enum { LINES_MAX = 8 << 20 }; /* bytes of one */

/* Calls back with each line's object. What is none, is too long, or has no "id" is skipped; the
 * first such line is named. The exit status: 1 when any was. */
int lines_read(const char *command, void (*take)(void *, json_t *object), void *arg);

const char *lines_text(const json_t *object, const char *key); /* "" when it is not there */

/* A number of seconds since 1970, or a date; INT64_MIN where it is not said, or no time that an
 * article can have. */
int64_t lines_time(const json_t *object, const char *key);

#endif
