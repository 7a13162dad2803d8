/* Identifies the article of a feed's item: by its guid within the feed, by its canonical address in
 * all feeds, and by its text within the feed, in this order. No key is trusted when it would turn
 * one story into another: a guid or an address shared by several items is remembered as identifying
 * nothing. */
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
    uint64_t half[2]; /* two hashes of the identifying data */
};

struct identity_item {
    struct recall_item recall;
    bool known; /* unchanged since the feed's last document: only `recall` is set */
    bool made;  /* converted to an article: all fields are set */
    struct feed_article article;
    struct identity_key guid, url;
    struct identity_key text; /* of title and text, for items with neither guid nor address */
    /* of title and date, and of title and path: they identify an item whose guid and address are
     * new */
    struct identity_key dated, placed;
    bool has_date, has_path;
    struct identity_key page; /* of the address in this feed: stored if it identifies nothing */
    uint64_t content;         /* hash of everything that an edit may change */
    char *address;            /* the key form of the canonical address */
    bool has_guid, has_url;   /* present, and able to distinguish articles */
};

/* In the order in which they are tried. */
enum identity_by {
    IDENTITY_GUID,
    IDENTITY_URL,
    IDENTITY_TEXT,
    IDENTITY_DATED,
    IDENTITY_PLACED,
    IDENTITY_WAYS
};

/* What was last stored under one of them. */
struct identity {
    uint64_t article; /* 0: nothing, or it identifies nothing */
    bool changed;     /* the item's content differs from the stored one */
};

/* Data of the article that an item may be; `published` equals `seen` when it had no date. */
struct identity_known {
    const char *title, *summary, *text, *guid, *url;
    int64_t published, seen;
    bool own;      /* it belongs to the item's feed */
    bool one_link; /* all items of the document have one address, or there is only one item */
};

/* identity_read() converts a document's item to an article; `home` is the key form of the feed's
 * own address, or NULL. When all unknown items are converted, identity_meet() finds the known ones
 * that share a guid or address with an unknown one: they must be converted too (false: there are
 * none). Then identity_compare() records which guids and addresses identify nothing. */
void identity_read(const struct publishers *p, uint64_t feed_number, const struct feed *feed,
                   const struct feed_item *item, const struct feed_origin *origin, const char *home,
                   struct identity_item *out);
char *identity_home(const struct feed *feed); /* freed by the caller */
bool identity_meet(struct identity_item *items, size_t n);
int identity_compare(struct store *s, struct identity_item *items, size_t n);
void identity_free(struct identity_item *items, size_t n);

/* The article at the address in any of its spellings; 0 when there is none, or the address
 * identifies nothing. */
int identity_of_address(struct store *s, const char *url, uint64_t *article);

/* The article of a guid in its feed, deleted or not; 0 when there is none. */
int identity_of_guid(struct store *s, uint64_t feed_number, const char *guid, uint64_t *article);

/* The article is also identified by that address, unless another one is, or it identifies nothing.
 */
int identity_name(struct store *s, const char *url, uint64_t article);

/* An article that nothing identifies any more is identified by its guid and its address again, or
 * by its text if it has neither, unless another one is, or they identify nothing. `*named`: by any.
 */
int identity_restore(struct store *s, const struct identity_known *known, uint64_t feed_number,
                     uint64_t article, bool *named);

/* True when the words of two articles agree, so that they may be one. */
bool identity_alike(const struct identity_known *a, const struct identity_known *b);

/* Clears the item's guid when it is marked as identifying nothing. */
int identity_find(struct store *s, struct identity_item *item, enum identity_by by,
                  struct identity *out);

/* True when the item can be that article. By guid: when it has the article's address, or similar
 * words. By address alone: when the words agree, unless it is the next issue of a bulletin. By
 * title and date, or title and path: when the texts do not contradict. */
bool identity_is_same(const struct identity_item *item, const struct identity_known *known,
                      enum identity_by by);

/* True when another item of the document has the article's address. Then this one's guid no longer
 * identifies the article: it was its position in the list. `listed`: the items of the document by
 * the hashes of their guids and addresses, recall.guid and recall.url. */
bool identity_is_elsewhere(const struct map *listed, const struct identity_item *item,
                           const struct identity_known *known);

/* True when an item of the document has the article's guid or address. Then the article has not
 * been renamed to another item of it. */
bool identity_is_listed(const struct map *listed, const struct identity_item *item,
                        uint64_t feed_number, const struct identity_known *known);

/* From now on the item is this article, by all its keys. */
int identity_keep(struct store *s, const struct identity_item *item, uint64_t article);

/* The item's guid, or its address within its feed, is shared by several articles. */
int identity_forget(struct store *s, struct identity_item *item, enum identity_by by);

/* The item's address identifies nothing in that other feed, which had no right to it. */
int identity_forget_in(struct store *s, const struct identity_item *item, uint64_t feed_number);

#endif
