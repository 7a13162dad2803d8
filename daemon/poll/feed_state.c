/* Helpers on the shared state of polling: mark a record as changed, end a request, wake poll.c. */
#include "poll/feed_state.h"

#include <event2/event.h>

void poll_keep(struct feed_state *f, int error)
{
    struct poll *p = f->poll;
    f->unsaved = true;
    p->broken |= error != 0;
    p->wrote(p->wrote_arg, error);
}

void poll_end_request(struct feed_state *f)
{
    f->fetch = NULL;
    hosts_end(f->poll->hosts, &f->turn);
}

void poll_wake(struct poll *p)
{
    const struct timeval at_once = {0, 0};
    if (!p->broken)
        evtimer_add(p->timer, &at_once);
}
