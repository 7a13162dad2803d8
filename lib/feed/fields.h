/* From what a document says to the fields of a feed: cleaning, converting, and keeping the better
 * of two values. Shared by all formats. */
#ifndef FEED_FIELDS_H
#define FEED_FIELDS_H

#include "base/buf.h"
#include "base/date.h"
#include "feed/feed.h"
#include "feed/rules.h"

/* What a text is by its own statement. */
enum store_type {
    STORE_UNSAID, /* HTML where the field may hold it */
    STORE_PLAIN,
    STORE_HTML,
};

/* A date that its document alone can tell: read for now as is usual, and once more at the end. */
struct open_date {
    struct date date;
    const char *text, *lang; /* NULL: there is none; what it was read with */
    size_t item;             /* whose it is, or STORE_OF_FEED */
    bool updated;            /* it is this date, not the one of publication */
};
#define STORE_OF_FEED SIZE_MAX

struct store {
    struct feed *feed;
    struct feed_item *item; /* the one being read, or NULL: then values are the feed's */
    signed char feed_has[F_COUNT], item_has[F_COUNT]; /* priorities, -1 for none */
    size_t items_room, categories_room, enclosures_room;
    struct buf scratch, more;
    struct open_date item_open[2], feed_open[2]; /* published, updated */
    struct open_date *open;                      /* of the items that have ended */
    size_t n_open, open_room;
    size_t day_first, month_first; /* dates that can be read in this order alone */
    int64_t first, last;           /* of the dates that are sure; DATE_NONE before there is one */
};

void store_init(struct store *s);
/* The feed, with its open dates settled. */
struct feed *store_take(struct store *s);
void store_free(struct store *s);

bool store_item_begin(struct store *s); /* false: there are too many */
void store_item_end(struct store *s);

/* Takes a value unless the field has one of the same or a higher priority. Addresses are resolved
 * against `base`, which may be NULL. */
void store_text(struct store *s, enum rules_field field, const char *p, size_t n,
                enum store_type type, const char *base, int priority);
void store_category(struct store *s, const char *p, size_t n);
void store_enclosure(struct store *s, const char *url, size_t n, const char *type,
                     const char *length, const char *base);
/* One more author: names are joined by commas. */
void store_author(struct store *s, const char *name, int priority);
/* Items without an author take the feed's. */
void store_inherit_author(struct store *s);

#endif
