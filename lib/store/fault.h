/* Shared by the steps of a check: reporting a fault and the current position. */
#ifndef STORE_FAULT_H
#define STORE_FAULT_H

#include "store/checked.h"

#include <stddef.h>

struct fault_sink {
    void (*tell)(void *, const char *);
    void *arg;
    struct store_check *out;
};

/* Reports one line; control characters are replaced, so that bytes of the store cannot affect a
 * terminal. */
void fault_tell(const struct fault_sink *sink, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* fault_begin(): the check starts to read a database; fault_passed(): the record with this key was
 * intact. */
void fault_begin(struct store_check *out, const char *name);
void fault_passed(struct store_check *out, const void *key, size_t n);

#endif
