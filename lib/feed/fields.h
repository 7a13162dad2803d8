/* Converts the values of a document to the fields of a feed: cleans them, converts them, and keeps
 * the better of two. Shared by all formats. */
#ifndef FEED_FIELDS_H
#define FEED_FIELDS_H

#include "base/buf.h"
#include "base/date.h"
#include "feed/feed.h"
#include "feed/rules.h"

/* The declared type of a text. */
enum store_type {
    STORE_UNSAID, /* HTML if the field may contain it */
    STORE_PLAIN,
    STORE_HTML,
};

/* A date that only the whole document can resolve: it is read in the usual way first, and again at
 * the end. */
struct open_date {
    struct date date;
    const char *text, *lang; /* NULL: there is none; the language it was read with */
    size_t item;             /* index of its item, or STORE_OF_FEED */
    bool updated;            /* the date of the update, not of publication */
};
#define STORE_OF_FEED SIZE_MAX

struct store {
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

void store_init(struct store *s);
/* Returns the feed, with its open dates resolved. */
struct feed *store_take(struct store *s);
void store_free(struct store *s);

bool store_item_begin(struct store *s); /* false: there are too many */
void store_item_end(struct store *s);

/* Stores a value unless the field has one of the same or a higher priority. Addresses are resolved
 * against `base`, which may be NULL. */
void store_text(struct store *s, enum rules_field field, const char *p, size_t n,
                enum store_type type, const char *base, int priority);
void store_category(struct store *s, const char *p, size_t n);
void store_enclosure(struct store *s, const char *url, size_t n, const char *type,
                     const char *length, const char *base);
/* Adds an author: names are joined by commas. */
void store_author(struct store *s, const char *name, int priority);
/* Items without an author inherit the feed's. */
void store_inherit_author(struct store *s);

#endif
