/* What a feed document says, whatever its format.
 *
 * An address is http or https; what else stands in its place is left out. (Relative ones are kept
 * where no base is known.) All texts are valid UTF-8 without control characters; NULL means that
 * the document does not say. Titles, authors and categories are plain text in NFC (base/nfc.h);
 * summary and content are HTML as the feed gave it, with relative addresses made absolute
 * (html_to_text() of feed/html.h makes text of them). Everything belongs to the feed and is freed
 * with it. */
#ifndef FEED_FEED_H
#define FEED_FEED_H

#include "base/texts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FEED_NO_TIME INT64_MIN

/* Ceilings. Items and texts beyond them are cut and counted in `dropped`; never an error. */
enum {
    FEED_MAX_ITEMS = 10000,
    FEED_MAX_TEXT = 1 << 20,
    FEED_MAX_CATEGORIES = 64,
    FEED_MAX_DEPTH = 256,
    FEED_MAX_BYTES = 64 << 20, /* of a document; the rest is ignored */
};

struct feed_enclosure {
    char *url, *type;
    int64_t length; /* bytes, -1 when not said */
};

struct feed_item {
    char *id;        /* guid, atom:id, rdf:about, JSON id: as given, trimmed */
    bool id_is_link; /* RSS: isPermaLink is "true" or left out, and the id is an http address */
    char *title;
    char *title_html; /* the title with its markup, NULL when it has none */
    char *link;       /* absolute where a base is known; else the id or the enclosure, if need be */
    char *orig_link;  /* feedburner:origLink and its like */
    char *summary, *content;
    char *author;
    char *source_title, *source_url; /* RSS <source>, atom:source: who published it first */
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
    char *title_html;           /* the title with its markup, NULL when it has none */
    char *self, *hub, *next;    /* atom:link rel=self, rel=hub, rel=next */
    char *prev_archive;         /* RFC 5005: where what came before is kept */
    int64_t published, updated; /* or FEED_NO_TIME */
    int ttl;                    /* minutes, 0 when not said */
    int update_period;          /* seconds, sy:updatePeriod; 0 when not said */
    int update_frequency;       /* times in that period; 0 when not said */
    unsigned skip_hours;        /* a bit for each hour of GMT, 0 to 23 */
    unsigned skip_days;         /* a bit for each day of the week, Sunday is 0 */
    struct feed_item *items;    /* in document order */
    size_t n_items;
    size_t dropped;     /* items and texts cut at a ceiling */
    bool malformed;     /* the document broke a rule of its format and was read all the same */
    struct texts texts; /* all but authors, which grow */
};

enum feed_status {
    FEED_OK,
    FEED_EMPTY,      /* no bytes, or white space alone */
    FEED_IS_HTML,    /* a web page, not a feed */
    FEED_NOT_A_FEED, /* something else, or nothing usable before the first error */
};

/* Leaves out the last item, which must be there: of a document that breaks off it may be a part. */
void feed_drop_last(struct feed *f);

void feed_free(struct feed *f);
const char *feed_strerror(enum feed_status s);

#endif
