/* Permanent redirects: adopted as the feed's address after several days. */
#ifndef POLL_MOVE_H
#define POLL_MOVE_H

#include <stdbool.h>

struct feed_state;

bool move_is_anothers(const struct feed_state *f, const char *url);
int move_settle(struct feed_state *f); /* after a successful poll; 0 or an error of the store */

#endif
