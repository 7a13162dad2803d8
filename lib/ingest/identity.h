/* Which article an item of a feed is. An item is known by its guid within its feed, by its
 * canonical address in all feeds, and by its text within its feed, in this order. None of them is
 * believed when it would turn one story into another: a guid or an address that stands for several
 * items says nothing, once that was seen, and is remembered as such. */
#ifndef INGEST_IDENTITY_H
#define INGEST_IDENTITY_H

#include "base/map.h"
#include "article/article.h"
#include "article/publisher.h"
#include "ingest/recall.h"
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
    struct identity_key guid, url;
    struct identity_key text; /* of title and text, for what has neither guid nor address */
    /* of title and date, and of title and path: by one of them an item is known whose guid and
     * address are new */
    struct identity_key dated, placed;
    bool has_date, has_path;
    struct identity_key page; /* of the address within this feed: there when it says nothing */
    uint64_t content;         /* hash of all that an edit may change */
    char *address;            /* the key form of the canonical address */
    bool has_guid, has_url;   /* and they tell articles apart */
};

/* In the order in which they are asked. */
enum identity_by {
    IDENTITY_GUID,
    IDENTITY_URL,
    IDENTITY_TEXT,
    IDENTITY_DATED,
    IDENTITY_PLACED,
    IDENTITY_WAYS
};

/* What was last seen under one of them. */
struct identity {
    uint64_t article; /* 0: nothing, or it says nothing */
    bool changed;     /* the item's content is not what was seen */
};

/* What is known of the article that an item may be; `published` is `seen` where it had no date. */
struct identity_known {
    const char *title, *summary, *text, *guid, *url;
    int64_t published, seen;
    bool own;      /* of the item's feed */
    bool one_link; /* all items of the document have one address, or there is but one item */
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

/* The article that has the address in any of its spellings; 0 where none has, or it says nothing.
 */
int identity_of_address(struct store *s, const char *url, uint64_t *article);

/* The article is known by that address, too, unless another is, or it says nothing. */
int identity_name(struct store *s, const char *url, uint64_t article);

/* Do the words of two articles agree, so that they may be one? */
bool identity_alike(const struct identity_known *a, const struct identity_known *b);

/* A guid that says nothing is none from then on. */
int identity_find(struct store *s, struct identity_item *item, enum identity_by by,
                  struct identity *out);

/* Can the item be that article? By its guid it can when it has the article's address, or its words;
 * by its address alone when the words agree, but for a bulletin's next issue; by title and date, or
 * title and path, when the texts do not speak against it. */
bool identity_is_same(const struct identity_item *item, const struct identity_known *known,
                      enum identity_by by);

/* Does another item of the document have the article's address? Then this one's guid is not the
 * article's any more: it was its place in the list. `listed`: the items of the document by the
 * hashes of their guids and addresses, recall.guid and recall.url. */
bool identity_is_elsewhere(const struct map *listed, const struct identity_item *item,
                           const struct identity_known *known);

/* Does an item of the document have the article's guid or address? Then the article has not been
 * renamed into another item of it. */
bool identity_is_listed(const struct map *listed, const struct identity_item *item,
                        uint64_t feed_number, const struct identity_known *known);

/* From now on the item is this article, by all that it is known by. */
int identity_keep(struct store *s, const struct identity_item *item, uint64_t article);

/* The item's guid, or its address within its feed, stands for several articles. */
int identity_forget(struct store *s, struct identity_item *item, enum identity_by by);

/* The item's address says nothing in that other feed, which had it without right. */
int identity_forget_in(struct store *s, const struct identity_item *item, uint64_t feed_number);

#endif
