/* Dates and times of day in running text: "April 28, 2020", "28 avril", "Monday", "5:00 AM". They
 * tell when something happened, not what, so they are not terms. */
#ifndef TEXT_DATES_H
#define TEXT_DATES_H

#include "text/words.h"

#include <stdbool.h>

bool word_may_be_date(const struct word *before, const struct word *word, const struct word *after);

/* Whether the word belongs to a date, given its neighbours (NULL: none). */
static inline bool word_is_date(const struct word *before, const struct word *word,
                                const struct word *after)
{
    return (word->number || word->capital) && word_may_be_date(before, word, after);
}

#endif
