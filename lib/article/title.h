/* Recognises the end of a title that names the publisher: "Ferry aground - Harbour Post". */
#ifndef ARTICLE_TITLE_H
#define ARTICLE_TITLE_H

#include "article/publisher.h"

#include <stdbool.h>
#include <stddef.h>

enum { TITLE_NAMES = 3 };

struct title_publisher {
    const char *names[TITLE_NAMES]; /* names in the feed and its items; each may be NULL */
    const char *domain;             /* may be NULL */
    bool carried; /* by a transport, which appends " - " and a name to each title */
};

/* The separator before the publisher's name, and the name (`name` may be NULL); NULL if the title
 * does not end in one. */
const char *title_end(const char *title, const struct title_publisher *p, const char **name);

/* Whether a name of `n` bytes is that of a domain: "The New York Times", nytimes.com. */
bool title_names_domain(const char *name, size_t n, const char *domain);

/* The title without such an end, for an article of which only the publisher (a name or a domain)
 * and the address are known. The caller frees it. */
char *title_alone(const struct publishers *p, const char *title, const char *publisher,
                  const char *url);

#endif
