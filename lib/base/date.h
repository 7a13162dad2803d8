/* Parses dates as feeds write them into seconds since 1970 UTC: RFC 822 and 2822 with all their
 * common errors, W3CDTF, ISO 8601 (calendar, week and ordinal dates, basic and extended), asctime,
 * SQL and Perforce styles, names of months and days in all languages, and bare seconds. The
 * calendar is Gregorian. */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include <stdbool.h>
#include <stdint.h>

#define DATE_NONE INT64_MIN

/* The order of day and month if both are numbers and the year comes last. */
enum date_order {
    DATE_ANY_ORDER, /* whatever is usual for the separator */
    DATE_DAY_FIRST,
    DATE_MONTH_FIRST,
};

/* All possible meanings of a text. */
struct date {
    int64_t day_first, month_first; /* equal if the order does not matter; DATE_NONE if the order is
                                       impossible or contradicts the day of the week */
    enum date_order usual;          /* the order to assume if nothing else decides */
    bool needs_language; /* the month's name means different months in different languages: no date
                            without a language */
};

/* A date without a zone is read as UTC, one without a time as midnight. `lang` is the language of
 * the text as in BCP 47, or NULL if unknown. An unknown month name gives no date. Never reads the
 * clock or the local time zone. */
struct date date_read(const char *text, const char *lang);

/* The reading in the given order, or the only possible one. */
int64_t date_in_order(const struct date *d, enum date_order order);

/* Reads a text without any context: no language, the usual order. DATE_NONE if there is no date. */
int64_t date_parse(const char *text);

#endif
