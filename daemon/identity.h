/* Which article an item of a feed is. An item is known by its guid within its feed, by its
 * canonical address in all feeds, and by its text within its feed, in this order; a guid or an
 * address that stands for several items says nothing, once that was seen, and is remembered as
 * such. */
#ifndef IDENTITY_H
#define IDENTITY_H

#include "feed/article.h"
#include "feed/publisher.h"
#include "recall.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct identity_key {
    uint64_t half[2]; /* two hashes of what makes the item the same */
};

struct identity_item {
    struct recall_item recall;
    bool known; /* it stood in the feed's last document as it is: only `recall` is there */
    bool made;  /* an article: all is there */
    struct feed_article article;
    struct identity_key guid, url, text;
    struct identity_key page; /* of the address within this feed: there when it says nothing */
    uint64_t content;         /* hash of all that an edit may change */
    char *address;            /* the key form of the canonical address */
    bool has_guid, has_url;   /* and they tell articles apart */
};

enum identity_by { IDENTITY_NEW, IDENTITY_GUID, IDENTITY_URL, IDENTITY_TEXT };

struct identity {
    enum identity_by by; /* IDENTITY_NEW: nothing is known of it */
    uint64_t article;
    bool changed; /* its content is not what was last seen under this identity */
};

/* Makes an article of a document's item; `home` is the key form of the feed's own address, or NULL.
 * When all that are not known are made, identity_meet() finds those that are known and have the
 * guid or the address of one that is not: they must be made too (false: there are none). Then
 * identity_compare() remembers what guids and addresses tell. */
void identity_read(const struct publishers *p, uint64_t feed_number, const struct feed *feed,
                   const struct feed_item *item, const struct feed_origin *origin, const char *home,
                   struct identity_item *out);
char *identity_home(const struct feed *feed); /* to be freed */
bool identity_meet(struct identity_item *items, size_t n);
int identity_compare(struct store *s, struct identity_item *items, size_t n);
void identity_free(struct identity_item *items, size_t n);

int identity_find(struct store *s, const struct identity_item *item, struct identity *out);

/* From now on the item is this article, by all that it is known by. */
int identity_keep(struct store *s, const struct identity_item *item, uint64_t article);

/* The item's address stands for several articles: a ticker's page. */
int identity_forget_url(struct store *s, struct identity_item *item);

/* Whether two titles can be of one article before and after an edit: they share a third of the
 * shorter one's words. */
bool identity_titles_agree(const char *a, const char *b);

#endif
