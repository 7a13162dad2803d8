/* The feeds that a web page names. */
#ifndef FEED_DISCOVER_H
#define FEED_DISCOVER_H

#include <stdbool.h>
#include <stddef.h>

enum { DISCOVER_MAX = 32 }; /* more are left out, the best stay */

struct discovered {
    struct {
        char *url;   /* absolute; http or https */
        char *title; /* what the page calls it, or NULL */
        enum { NO_COMMENTS, COMMENTS_BY_TITLE, COMMENTS_BY_ADDRESS } comments;
        bool declared; /* else it may be one */
        unsigned rank; /* the lower the better */
    } v[DISCOVER_MAX];
    size_t n;
};

/* The best first. What the page declares comes alone and in its order: <link rel=alternate> with a
 * feed's type, rel=feed. Only where that is nothing, or readers' comments alone, what may be one:
 * declared with a type of XML in general, or linked to by an address, a type, a text or an image
 * that tells of a feed. Feeds of comments stand behind all others. */
void discover_feeds(const char *html, size_t n, const char *base_url, struct discovered *out);

/* The last resort: where feeds usually lie on a site, as absolute addresses. */
void discover_usual(const char *base_url, struct discovered *out);

void discovered_free(struct discovered *d);

#endif
