/* Properties of an article, from its feed and its page, that are shown beside its headline: the
 * same wherever it is shown. */
#ifndef STORE_ARTICLE_MARKS_H
#define STORE_ARTICLE_MARKS_H

#include "store/article_record.h"
#include "store/page_outcome.h"

#include <stdbool.h>

struct article_marks {
    const char *author;     /* from the record; "" when unknown or the same as the publisher */
    const char *kind;       /* when it is more, or other, than a text: "live", ...; else "" */
    bool paywalled;         /* only the beginning could be read */
    enum page_outcome page; /* PAGE_OUTCOME_COUNT: it was read, or there is no outcome yet */
};

struct article_marks article_marks(const struct article_record *article);

/* The beginning of its body, at most 180 bytes and an ellipsis, cut between words where there are
 * any. NULL: it has no body. The caller frees it. */
char *article_opening(const struct article_record *article);

#endif
