/* Events of the loop that cannot be missing: out of memory is a broken invariant, as in base/mem.h.
 */
#ifndef MUST_H
#define MUST_H

#include <stdlib.h>

struct event;

/* What event_new() and the like returned; aborts if it is NULL. */
static inline struct event *must_event(struct event *ev)
{
    if (!ev)
        abort();
    return ev;
}

#endif
