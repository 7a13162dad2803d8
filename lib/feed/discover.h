/* The feeds that a web page names. */
#ifndef FEED_DISCOVER_H
#define FEED_DISCOVER_H

#include <stddef.h>

enum { DISCOVER_MAX = 32 }; /* more are left out */

struct discovered {
    struct {
        char *url;   /* absolute; http or https */
        char *title; /* what the page calls it, or NULL */
    } v[DISCOVER_MAX];
    size_t n;
};

/* In the order of the page: what it declares (<link rel=alternate> with a feed's type, rel=feed);
 * only where there is none of these, what may be one: declared with a type of XML in general, or
 * linked to under an address like a feed's. */
void discover_feeds(const char *html, size_t n, const char *base_url, struct discovered *out);

/* The last resort: where feeds usually lie on a site, as absolute addresses. */
void discover_usual(const char *base_url, struct discovered *out);

void discovered_free(struct discovered *d);

#endif
