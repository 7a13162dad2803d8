/* Subscription lists in OPML 1.0 and 2.0. Lists that are not well-formed (unescaped ampersands,
 * quotes within quotes) are read as a person would read them. */
#ifndef FEED_OPML_H
#define FEED_OPML_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    OPML_MAX_FEEDS = 200000,
    OPML_MAX_ATTRIBUTES = 16, /* of one feed, besides the named ones; further ones are dropped */
};

struct opml_attribute {
    char *name, *value;
};

struct opml_feed {
    size_t line;    /* of its outline; 0 if it is not from a text */
    char *xml_url;  /* never NULL; as converted by feed_address() of feed/feed_address.h */
    char *login;    /* "user:password" from the xmlUrl, or NULL. No other member contains it. */
    char *title;    /* or NULL */
    char *html_url; /* or NULL; without a login */
    char *group; /* names of the enclosing outlines, "News/World"; NULL at the top. A / or \ within
                    a name is preceded by \. */
    struct opml_attribute *attributes; /* all others, as given */
    size_t n_attributes;
};

struct opml {
    char *title;
    struct opml_feed *feeds; /* in document order, including repetitions */
    size_t n_feeds;
    size_t dropped;    /* feeds beyond the limit */
    size_t breaks_off; /* the last line if </opml> is missing; 0: the list is complete */
};

struct opml_error {
    size_t line;
    const char *message; /* a constant */
};

/* Returns false and sets `error` if the bytes are not OPML. They may be in any encoding. */
bool opml_parse(const void *bytes, size_t n, struct opml *out, struct opml_error *error);
void opml_free(struct opml *o);

/* Writes a list as OPML 2.0 in UTF-8. Outlines of one group are written together, at the position
 * of the group's first feed. Reading the result gives the same list, except for the order and for
 * attributes whose names XML does not allow. */
void opml_write(struct buf *out, const struct opml *o);

/* Adds a feed to a list written by hand, or removes one; everything else is preserved if possible:
 * a list that is too malformed is rewritten. Only the addresses, login, title and group of `f` are
 * used. Addresses are compared after conversion, not as written. False if the text is not a
 * complete list or does not contain the feed. */
bool opml_add_feed(struct buf *out, const char *text, size_t n, const struct opml_feed *f);
bool opml_remove_feed(struct buf *out, const char *text, size_t n, const char *xml_url);

#endif
