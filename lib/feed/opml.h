/* Subscription lists in OPML 1.0 and 2.0, read as a person would: what is not well-formed
 * (unescaped ampersands, quotes within quotes) is read all the same. */
#ifndef FEED_OPML_H
#define FEED_OPML_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    OPML_MAX_FEEDS = 200000,
    OPML_MAX_ATTRIBUTES = 16, /* of one feed, beside the named ones; more are left out */
};

struct opml_attribute {
    char *name, *value;
};

struct opml_feed {
    size_t line;    /* of its outline; 0 where it is not from a text */
    char *xml_url;  /* always set; as feed_address() of feed/feed_address.h makes it */
    char *login;    /* "user:password" as it stood in xmlUrl before the host; or NULL. No other text
                       of the feed has it. */
    char *title;    /* or NULL */
    char *html_url; /* or NULL; the same */
    char *group;    /* names of the outlines around it, "News/World"; NULL at the top. A / or \ that
                       belongs to a name has a \ before it. */
    struct opml_attribute *attributes; /* all others, as given */
    size_t n_attributes;
};

struct opml {
    char *title;
    struct opml_feed *feeds; /* in document order, repetitions too */
    size_t n_feeds;
    size_t dropped;    /* feeds beyond the ceiling */
    size_t breaks_off; /* the line at which it ends without </opml>; 0: it is whole */
};

struct opml_error {
    size_t line;
    const char *message; /* a constant */
};

/* False with `error` set when this is no OPML. The bytes may be in any encoding. */
bool opml_parse(const void *bytes, size_t n, struct opml *out, struct opml_error *error);
void opml_free(struct opml *o);

/* A list as OPML 2.0 in UTF-8. Outlines of one group stand together, where its first feed stands.
 * What is read back is what was written, but for the order and for attributes whose names XML does
 * not allow. */
void opml_write(struct buf *out, const struct opml *o);

/* A list as a person wrote it with one feed more, or without a feed; all else stays as it is, if it
 * can: a list that is too far from well-formed is written anew. Only the addresses, login, title
 * and group of `f` are taken. Addresses are compared as they are read, not as they are written.
 * False when the text is not a whole list, or does not have the feed. */
bool opml_add_feed(struct buf *out, const char *text, size_t n, const struct opml_feed *f);
bool opml_remove_feed(struct buf *out, const char *text, size_t n, const char *xml_url);

#endif
