/* Reports faults and positions of a check; see fault.h. Called by check.c and pages.c. */
#include "store/fault.h"

#include "store/schema.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void fault_tell(const struct fault_sink *sink, const char *fmt, ...)
{
    char line[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    for (unsigned char *c = (unsigned char *)line; *c; c++)
        if (*c < ' ' || *c == 127)
            *c = '?';
    sink->out->faults++;
    sink->tell(sink->arg, line);
}

void fault_begin(struct store_check *out, const char *name)
{
    out->name = name;
    out->key_size = 0;
}

void fault_passed(struct store_check *out, const void *key, size_t n)
{
    out->key_size = n < sizeof out->key ? n : sizeof out->key;
    memcpy(out->key, key, out->key_size);
}

void store_check_place(const struct store_check *c, char *out, size_t cap)
{
    const char *name = c->name ? c->name : "the list of databases";
    if (c->key_size == 0)
        snprintf(out, cap, "%s, at its beginning", name);
    else if (c->key_size == 8)
        snprintf(out, cap, "%s, after %" PRIu64, name, store_from_u64(c->key));
    else {
        int n = snprintf(out, cap, "%s, after 0x", name);
        for (size_t i = 0; i < c->key_size && n > 0 && (size_t)n < cap; i++)
            n += snprintf(out + n, cap - (size_t)n, "%02x", c->key[i]);
    }
}
