/* Finds the feeds of a web page. */
#ifndef FEED_DISCOVER_H
#define FEED_DISCOVER_H

#include <stdbool.h>
#include <stddef.h>

enum { DISCOVER_MAX = 32 }; /* further ones are dropped; the best are kept */

struct discovered {
    struct {
        char *url;   /* absolute; http or https */
        char *title; /* the title on the page, or NULL */
        enum { NO_COMMENTS, COMMENTS_BY_TITLE, COMMENTS_BY_ADDRESS } comments;
        bool declared; /* otherwise a guess */
        unsigned rank; /* lower is better */
    } v[DISCOVER_MAX];
    size_t n;
};

/* Lists the best first. If the page declares feeds (<link rel=alternate> with a feed's type,
 * rel=feed), only these are listed, in document order. If it declares none, or only comment feeds,
 * likely feeds are listed: those declared with a generic XML type, or linked to with an address,
 * type, text or image that suggests a feed. Comment feeds come after all others. */
void discover_feeds(const char *html, size_t n, const char *base_url, struct discovered *out);

/* The last resort: common feed addresses on a site, as absolute addresses. */
void discover_usual(const char *base_url, struct discovered *out);

void discovered_free(struct discovered *d);

#endif
