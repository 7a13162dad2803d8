/* Reads query parameters: each must be known and in range, or the response states what is
 * expected. */
#ifndef API_ASK_H
#define API_ASK_H

#include "net/reply.h"
#include "net/request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ask_parameter {
    const char *name;
    int64_t least, most, standard;
};

/* The values of all parameters, in the order of the table. Returns false after writing the 400
 * response, also for a parameter that is not in the table or is given twice. */
bool ask_numbers(const struct request *r, const struct ask_parameter *known, size_t n,
                 int64_t *values, struct reply *out);

/* The place of the only parameter's value among the choices (the first when it is absent), which
 * end with NULL. */
bool ask_choice(const struct request *r, const char *name, const char *const *choices, int *choice,
                struct reply *out);

bool ask_nothing(const struct request *r, struct reply *out); /* no parameter is known */

/* A whole number in range, of a value. */
bool ask_number(const char *name, const char *text, int64_t least, int64_t most, int64_t *value,
                struct reply *out);

/* A point in time, as base/moment.h reads it. */
bool ask_moment(const char *name, const char *text, bool ends_span, int64_t *value,
                struct reply *out);

/* Refuses a parameter that is not in the NULL-terminated list, or is given twice. */
bool ask_only(const struct request *r, const char *const *names, struct reply *out);

#endif
