/* Makes an article of a feed item: its publisher, its canonical address, and its texts as plain
 * text. An article counts for the publisher that its feed speaks for (article/speaker.h); another
 * publisher that the item names, by <source> or by its link, is a claim. */
#ifndef ARTICLE_ARTICLE_H
#define ARTICLE_ARTICLE_H

#include "feed/feed.h"
#include "article/limits.h"
#include "article/publisher.h"
#include "article/speaker.h"

#include <stddef.h>
#include <stdint.h>

/* The article owns all texts unless noted; they are plain UTF-8 and, except for ids and addresses,
 * in NFC (base/nfc.h). NULL if unknown, except for `title`, `source`, `domain` and `url`, which are
 * at least "". */
struct feed_article {
    char *guid, *link; /* as in the feed; the link is http or https */
    char *url;         /* for opening the article; from publisher_canonical_url() */
    char *title, *summary, *text;
    char *author, *lang, *image;
    char *source, *domain;                 /* the publisher's name, and the key it is counted by */
    char *formerly;                        /* its key before its site moved, or NULL */
    char *claimed_source, *claimed_domain; /* another publisher that the item names; both or NULL */
    char *const *categories;               /* owned by the item */
    size_t n_categories;
    int64_t published;  /* or FEED_NO_TIME */
    const char *agency; /* credited agency, from article/credit.h; NULL: none */
};

/* The item and its feed must outlive the article. The feed must be an aggregator or have a known
 * speaker. */
void feed_article_make(const struct publishers *p, const struct feed *feed,
                       const struct feed_item *item, const struct feed_origin *origin,
                       struct feed_article *out);
void feed_article_free(struct feed_article *a);

#endif
