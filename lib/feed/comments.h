/* Which feeds bring not articles but what readers wrote below them: those of a whole site, and of
 * one article each. Known by their names in the languages of the systems that make them. */
#ifndef FEED_COMMENTS_H
#define FEED_COMMENTS_H

#include <stdbool.h>

bool comments_address(const char *url);
bool comments_title(const char *title); /* as a page calls the feed */

/* As the feed calls itself: "Comments on: ...". What only mentions comments may be a column. */
bool comments_channel(const char *title);

#endif
