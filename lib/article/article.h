/* One item of a feed -> an article: whom it counts for, under which canonical address, its texts as
 * plain text. An article counts for the publisher that its feed speaks for (article/speaker.h);
 * another one that the item names, by <source> or by its link, is a claim. */
#ifndef ARTICLE_ARTICLE_H
#define ARTICLE_ARTICLE_H

#include "feed/feed.h"
#include "article/limits.h"
#include "article/publisher.h"
#include "article/speaker.h"

#include <stddef.h>
#include <stdint.h>

/* All texts are the article's, plain UTF-8, but for ids and addresses in NFC (base/nfc.h); NULL
 * where nothing is known, but for `title`, `source`, `domain` and `url`, which are at least "". */
struct feed_article {
    char *guid, *link; /* as the feed has them; the link is http or https */
    char *url;         /* that opens it, of publisher_canonical_url() */
    char *title, *summary, *text;
    char *author, *lang, *image;
    char *source, *domain; /* the publisher's name, and what it is counted by */
    char *formerly;        /* what it was counted by before its site moved; NULL */
    char *claimed_source,
        *claimed_domain;     /* the publisher that the item names instead; both or NULL */
    char *const *categories; /* the item's */
    size_t n_categories;
    int64_t published;  /* or FEED_NO_TIME */
    const char *agency; /* that the text is credited to, article/credit.h's; NULL none */
};

/* The item, and so the feed, must outlive the article. The feed is an aggregator, or its speaker is
 * known. */
void feed_article_make(const struct publishers *p, const struct feed *feed,
                       const struct feed_item *item, const struct feed_origin *origin,
                       struct feed_article *out);
void feed_article_free(struct feed_article *a);

#endif
