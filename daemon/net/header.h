/* The headers of an answer, as they come: a line at a time, from anybody. Pure. */
#ifndef NET_HEADER_H
#define NET_HEADER_H

#include <stdbool.h>
#include <stddef.h>

enum {
    HEADER_MAX_VALUE = 2000,    /* bytes; a longer value is left out: cut, it would mean another */
    HEADER_MAX_ALL = 256 << 10, /* of all lines of a request's answers; more are an error */
    HEADER_MAX_LINES = 2000,
};

/* Parts of a line, not NUL-terminated. */
struct header {
    const char *name, *value;
    size_t name_length, value_length; /* without the white space around */
};

/* True for "Name: value"; false for a status line, an empty line, or nonsense. */
bool header_read(const char *line, size_t n, struct header *out);

bool header_is(const struct header *h, const char *name);

/* Whether the line begins an answer: what came before it was another one's. */
bool header_begins_answer(const char *line, size_t n);

/* The value as a text of its own; NULL when it is empty, too long, or has a control character. */
char *header_value(const struct header *h);

#endif
