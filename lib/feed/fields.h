/* Converts the values of a document to the fields of a feed: cleans them, converts them, and keeps
 * the better of two. Shared by all formats. */
#ifndef FEED_FIELDS_H
#define FEED_FIELDS_H

#include "base/buf.h"
#include "base/date.h"
#include "feed/feed.h"
#include "feed/rules.h"

/* The declared type of a text. */
enum fields_type {
    FIELDS_UNSAID, /* HTML if the field may contain it */
    FIELDS_PLAIN,
    FIELDS_HTML,
};

/* A date that only the whole document can resolve: it is read in the usual way first, and again at
 * the end. */
struct open_date {
    struct date date;
    const char *text, *lang; /* NULL: there is none; the language it was read with */
    size_t item;             /* index of its item, or FIELDS_OF_FEED */
    bool updated;            /* the date of the update, not of publication */
};
#define FIELDS_OF_FEED SIZE_MAX

struct feed_fields {
    struct feed *feed;
    struct feed_item *item; /* the current item, or NULL: then values belong to the feed */
    signed char feed_has[F_COUNT], item_has[F_COUNT]; /* priorities, -1 for none */
    size_t items_room, categories_room, enclosures_room;
    struct buf scratch, more;
    struct open_date item_open[2], feed_open[2]; /* published, updated */
    struct open_date *open;                      /* of finished items */
    size_t n_open, open_room;
    size_t day_first, month_first; /* number of dates that are only valid in this order */
    int64_t first, last;           /* of the unambiguous dates; DATE_NONE before there is one */
};

void fields_init(struct feed_fields *s);
/* Returns the feed, with its open dates resolved. */
struct feed *fields_take(struct feed_fields *s);
void fields_free(struct feed_fields *s);

bool fields_item_begin(struct feed_fields *s); /* false: there are too many */
void fields_item_end(struct feed_fields *s);

/* Stores a value unless the field has one of the same or a higher priority. Addresses are resolved
 * against `base`, which may be NULL. */
void fields_text(struct feed_fields *s, enum rules_field field, const char *p, size_t n,
                 enum fields_type type, const char *base, int priority);
void fields_category(struct feed_fields *s, const char *p, size_t n);
void fields_enclosure(struct feed_fields *s, const char *url, size_t n, const char *type,
                      const char *length, const char *base);
/* Adds an author: names are joined by commas. */
void fields_author(struct feed_fields *s, const char *name, int priority);
/* Items without an author inherit the feed's. */
void fields_inherit_author(struct feed_fields *s);

#endif
