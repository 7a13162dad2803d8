/* What there is to know of an article beside its headline, of what its feed and its page say: the
 * same to whoever shows it. */
#ifndef STORE_ARTICLE_MARKS_H
#define STORE_ARTICLE_MARKS_H

#include "store/page_outcome.h"

#include <jansson.h>
#include <stdbool.h>

struct article_marks {
    const char *author;     /* of the record; "" unknown, or no other than the publisher */
    const char *kind;       /* where it is more, or other, than a text: "live", ...; else "" */
    bool paywalled;         /* what was read of it is but the begin */
    enum page_outcome page; /* PAGE_OUTCOME_COUNT: it was read, or nothing came of it yet */
};

struct article_marks article_marks(const json_t *article);

#endif
