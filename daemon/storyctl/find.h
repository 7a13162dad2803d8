/* From an address that a person has to that of a feed. */
#ifndef STORYCTL_FIND_H
#define STORYCTL_FIND_H

#include "base/buf.h"
#include "storyctl/command.h"

/* The address of a feed or page as it can be asked for (feed/feed_address.h), to be freed; NULL,
 * with a message, when none can ever be. */
char *find_address(const struct command_options *o, const char *given);

/* The feed that the address is, or that its page names; to be freed. NULL, with a message, when it
 * answers and there is none. Where nothing can be said (it does not answer), the address itself,
 * with a warning. `answer` is what came from there, as in poll/handed.h; to be freed. */
char *find_feed(const struct command_options *o, const char *url, struct buf *answer);

int find_feeds(int argc, char **argv); /* storyctl feeds find */

#endif
