/* The hubs of the outgoing feeds, as configured: addresses separated by commas or blanks. Pure. */
#ifndef POLL_HUB_LIST_H
#define POLL_HUB_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

enum { HUB_LIST_MAX = 8 };

/* Moves `*list` behind its next address, which *hub is set to. Returns its length; 0 at the end. */
size_t hub_list_next(const char **list, const char **hub);

/* Why hubs, as configured, cannot be told; appended to `error`. True if they can. */
bool hub_list_check(const char *hubs, const char *base_url, struct buf *error);

#endif
