/* The contents of a feed document, regardless of its format.
 *
 * Addresses are http or https; others are dropped. (Relative ones are kept if no base is known.)
 * All texts are valid UTF-8 without control characters; NULL means that the document does not
 * specify the value. Titles, authors and categories are plain text in NFC (base/nfc.h); summary and
 * content are HTML as in the feed, with relative addresses made absolute (html_to_text() of
 * feed/html.h converts them to text). The feed owns all memory. */
#ifndef FEED_FEED_H
#define FEED_FEED_H

#include "base/texts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FEED_NO_TIME INT64_MIN

/* Limits. Items and texts beyond them are cut and counted in `dropped`; this is never an error. */
enum {
    FEED_MAX_ITEMS = 10000,
    FEED_MAX_TEXT = 1 << 20,
    FEED_MAX_CATEGORIES = 64,
    FEED_MAX_DEPTH = 256,
    FEED_MAX_BYTES = 64 << 20, /* of a document; the rest is ignored */
};

struct feed_enclosure {
    char *url, *type;
    int64_t length; /* bytes, -1 if not specified */
};

struct feed_item {
    char *id;        /* guid, atom:id, rdf:about, JSON id: as given, trimmed */
    bool id_is_link; /* RSS: isPermaLink is "true" or absent, and the id is an http address */
    bool partial;    /* by wire_known(): known and unchanged, its texts are not here */
    char *title;
    char *title_html; /* the title with its markup, NULL if it has none */
    char *link;       /* absolute if a base is known; falls back to the id or the enclosure */
    char *orig_link;  /* feedburner:origLink and similar */
    char *summary, *content;
    char *author;
    char *source_title, *source_url; /* RSS <source>, atom:source: the original publisher */
    char *image;                     /* media:thumbnail, media:content, JSON image, itunes:image */
    char *language;
    char **categories;
    size_t n_categories;
    struct feed_enclosure *enclosures;
    size_t n_enclosures;
    int64_t published, updated; /* seconds since 1970 UTC, or FEED_NO_TIME */
};

struct feed {
    char *title, *link, *id, *description, *language, *author, *encoding;
    char *title_html;           /* the title with its markup, NULL if it has none */
    char *self, *hub, *next;    /* atom:link rel=self, rel=hub, rel=next */
    char *prev_archive;         /* RFC 5005: the archive document with older items */
    int64_t published, updated; /* or FEED_NO_TIME */
    int ttl;                    /* minutes, 0 if not specified */
    int update_period;          /* seconds, sy:updatePeriod; 0 if not specified */
    int update_frequency;       /* updates per period; 0 if not specified */
    unsigned skip_hours;        /* a bit for each hour of GMT, 0 to 23 */
    unsigned skip_days;         /* a bit for each day of the week, Sunday is 0 */
    struct feed_item *items;    /* in document order */
    size_t n_items;
    size_t dropped;     /* items and texts cut at a limit */
    bool malformed;     /* the document violates its format and was parsed anyway */
    struct texts texts; /* owns all texts except authors, which grow */
};

enum feed_status {
    FEED_OK,
    FEED_EMPTY,      /* no bytes, or only white space */
    FEED_IS_HTML,    /* a web page, not a feed */
    FEED_NOT_A_FEED, /* anything else, or nothing usable before the first error */
};

/* Removes the last item, which must exist: in a truncated document it may be incomplete. */
void feed_drop_last(struct feed *f);

void feed_free(struct feed *f);
const char *feed_strerror(enum feed_status s);

#endif
