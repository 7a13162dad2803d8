/* Dates as feeds write them, to seconds since 1970 UTC: RFC 822 and 2822 with all that goes wrong
 * in them, W3CDTF, ISO 8601 (calendar, week and ordinal dates, basic and extended), asctime, SQL
 * and Perforce styles, month names of many languages, and bare seconds. */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include <stdint.h>

#define DATE_NONE INT64_MIN

/* DATE_NONE where the text is no date. A date without a zone is taken as UTC, one without a time as
 * midnight. Never looks at the clock or the local zone. */
int64_t date_parse(const char *text);

#endif
