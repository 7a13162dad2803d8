/* Dates as feeds write them, to seconds since 1970 UTC: RFC 822 and 2822 with all that goes wrong
 * in them, W3CDTF, ISO 8601 (calendar, week and ordinal dates, basic and extended), asctime, SQL
 * and Perforce styles, names of months and days in all languages, and bare seconds. The calendar is
 * the Gregorian one. */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include <stdbool.h>
#include <stdint.h>

#define DATE_NONE INT64_MIN

/* Whether the day stands before the month where both are numbers and the year comes last. */
enum date_order {
    DATE_ANY_ORDER, /* whatever is usual for the signs between the numbers */
    DATE_DAY_FIRST,
    DATE_MONTH_FIRST,
};

/* All that a text can mean. */
struct date {
    int64_t day_first, month_first; /* one time where the order does not matter; DATE_NONE where it
                                     * cannot be, or where its day of the week contradicts */
    enum date_order usual;          /* the order that is meant where nothing tells */
    bool needs_language; /* its month's name is another month's in another language: no date yet */
};

/* A date without a zone is taken as UTC, one without a time as midnight. `lang` is the language of
 * the text, as in BCP 47, or NULL where it is not known. A name of a month that is none makes no
 * date. Never looks at the clock or the local zone. */
struct date date_read(const char *text, const char *lang);

/* The reading in the given order, or in the only one that is possible. */
int64_t date_in_order(const struct date *d, enum date_order order);

/* What a text means by itself, or DATE_NONE. */
int64_t date_parse(const char *text);

#endif
