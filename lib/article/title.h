/* The end of a title that says who publishes it: "Ferry aground - Harbour Post". */
#ifndef ARTICLE_TITLE_H
#define ARTICLE_TITLE_H

#include "article/publisher.h"

#include <stdbool.h>
#include <stddef.h>

enum { TITLE_NAMES = 3 };

struct title_publisher {
    const char *names[TITLE_NAMES]; /* as the feed and its items call it, each may be NULL */
    const char *domain;             /* may be NULL */
    bool carried; /* by a transport, which writes " - " and a name behind each title */
};

/* The separator before the publisher's name, and the name (which may be NULL); NULL where the title
 * does not end in one. */
const char *title_end(const char *title, const struct title_publisher *p, const char **name);

/* The title without such an end, of an article of which no more is known than who publishes it, a
 * name or a domain, and its address. To be freed by the caller. */
char *title_alone(const struct publishers *p, const char *title, const char *publisher,
                  const char *url);

#endif
