/* The name of a publisher in the title of its feed. The table is config/sources.conf. */
#ifndef ARTICLE_SOURCE_NAME_H
#define ARTICLE_SOURCE_NAME_H

#include <stdbool.h>

/* The part of a feed's title, or of its name in the feed list, that is the publisher's name;
 * `by_domain`: it names the domain ("The New York Times", nytimes.com). NULL if the title has none,
 * as "Latest news - RSS". At most ARTICLE_MAX_NAME bytes, freed by the caller. */
char *source_name(const char *title, const char *domain, bool *by_domain);

#endif
