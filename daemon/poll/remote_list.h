/* A feed list that is kept elsewhere: polled like a feed, with its last good copy below the store's
 * folder. Used by storyd.c and by the API. */
#ifndef POLL_REMOTE_LIST_H
#define POLL_REMOTE_LIST_H

#include "base/buf.h"

#include <jansson.h>

struct config;
struct event_base;
struct poll;
struct remote_list;

/* `changed` is called when there is a new copy (config_list_path()), and has it applied. */
struct remote_list *remote_list_new(struct event_base *base, struct poll *poll,
                                    void (*changed)(void *), void *arg);
void remote_list_free(struct remote_list *r); /* before the poll */

/* Call at start and at each reload, before poll_configure(). `config` must stay valid until the
 * next call. Does nothing more if the list is a file. A list that was held and is within
 * max_removed now becomes the copy. */
void remote_list_configure(struct remote_list *r, const struct config *config);

/* "file"; or of one at an address: "ok", "failing", "waiting" (for the first copy) or "held" (the
 * newest list removes too many feeds, and awaits confirmation). */
const char *remote_list_state(const struct remote_list *r);

/* Everything about it, for the API; the caller owns the object. */
json_t *remote_list_describe(const struct remote_list *r);

/* Applies the held list with that id. Returns 0, or an HTTP status with the reason in `why`. */
int remote_list_confirm(struct remote_list *r, const char *id, struct buf *why);

#endif
