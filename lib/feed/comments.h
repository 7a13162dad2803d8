/* Recognises feeds that contain readers' comments instead of articles, of a whole site or of one
 * article, by names in the languages of common publishing systems. */
#ifndef FEED_COMMENTS_H
#define FEED_COMMENTS_H

#include <stdbool.h>

bool comments_address(const char *url);
bool comments_title(const char *title); /* the title in a page's link to the feed */

/* The feed's own title: "Comments on: ...". A title that only mentions comments may be a column. */
bool comments_channel(const char *title);

#endif
