/* Parses response headers, one line at a time, from untrusted servers. Pure. */
#ifndef NET_HEADER_H
#define NET_HEADER_H

#include <stdbool.h>
#include <stddef.h>

enum {
    HEADER_MAX_VALUE =
        2000, /* bytes; longer values are dropped, since truncation would change their meaning */
    HEADER_MAX_ALL = 256 << 10, /* bytes of all header lines of a request; more are an error */
    HEADER_MAX_LINES = 2000,
};

/* Parts of a line, not NUL-terminated. */
struct header {
    const char *name, *value;
    size_t name_length, value_length; /* without surrounding white space */
};

/* Returns true for "Name: value"; false for a status line, an empty line or anything else. */
bool header_read(const char *line, size_t n, struct header *out);

bool header_is(const struct header *h, const char *name);

/* Whether the line is a status line, so that a new response begins. */
bool header_begins_answer(const char *line, size_t n);

/* Returns the value as an allocated text; NULL if it is empty, too long or contains control
 * characters. */
char *header_value(const struct header *h);

#endif
