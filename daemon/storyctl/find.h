/* Finds the address of a feed from an address that a user enters. */
#ifndef STORYCTL_FIND_H
#define STORYCTL_FIND_H

#include "base/buf.h"
#include "storyctl/command.h"

/* The address of a feed or page in the form for requests (feed/feed_address.h), to be freed; NULL,
 * with a message, if it can never be requested. */
char *find_address(const struct command_options *o, const char *given);

/* The address of the feed at `url`, or of the feed that the page there names; to be freed. NULL,
 * with a message, if the server responds but there is no feed. If it does not respond, `url`
 * itself, with a warning. `answer` is the response, in the format of poll/handover.h; to be freed.
 */
char *find_feed(const struct command_options *o, const char *url, struct buf *answer);

int find_feeds(int argc, char **argv); /* storyctl feeds find */

#endif
