/* What the steps of a check have in common: telling a fault, and where they are. */
#ifndef STORE_FAULT_H
#define STORE_FAULT_H

#include "store/checked.h"

#include <stddef.h>

struct fault_sink {
    void (*tell)(void *, const char *);
    void *arg;
    struct store_check *out;
};

/* One line, in which nothing of the store's bytes moves a terminal's cursor. */
void fault_tell(const struct fault_sink *sink, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A database is being read, then: it is, and this key was whole. */
void fault_begin(struct store_check *out, const char *name);
void fault_passed(struct store_check *out, const void *key, size_t n);

#endif
