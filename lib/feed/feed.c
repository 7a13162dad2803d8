/* Frees feeds and names the outcomes of parsing; see feed.h. Feeds are built by fields.c. */
#include "feed/feed.h"

#include <stdlib.h>

void feed_drop_last(struct feed *f)
{
    struct feed_item *last = &f->items[--f->n_items];
    free(last->author);
    free(last->categories);
    free(last->enclosures);
}

void feed_free(struct feed *f)
{
    if (!f)
        return;
    while (f->n_items)
        feed_drop_last(f);
    free(f->items);
    free(f->author);
    texts_free(&f->texts);
    free(f);
}

const char *feed_strerror(enum feed_status s)
{
    switch (s) {
    case FEED_OK:
        return "no error";
    case FEED_EMPTY:
        return "the document is empty";
    case FEED_IS_HTML:
        return "the document is a web page, not a feed";
    case FEED_NOT_A_FEED:
        return "the document is not a feed";
    }
    return "unknown status";
}
