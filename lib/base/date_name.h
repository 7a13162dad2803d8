/* Names in dates: months and days of the week in all languages that ICU knows (its data is
 * extracted at build time), halves of the day, time zones. All names must be folded by
 * date_fold(). */
#ifndef BASE_DATE_NAME_H
#define BASE_DATE_NAME_H

/* All meanings of a word: a bit for each month (1 to 12) and each day of the week (from 0, Monday).
 * Several bits are set if languages disagree. */
struct date_name {
    unsigned months, weekdays;
};

struct date_zone {
    const char *name;
    int minutes;      /* east of UTC, in winter */
    const char *rule; /* daylight-saving rule: "us", "eu", or NULL for none */
};

/* `lang` is the language of the text as in BCP 47, or NULL: if that language has the name, other
 * languages are ignored. The word is a whole name, or a prefix of one or of several with the same
 * meaning (at least three characters for a month, two for a day). */
struct date_name date_name_find(const char *word, const char *lang);
/* Matches whole names of months only. */
unsigned date_month_find(const char *name, const char *lang);

int date_noon_by_name(const char *word); /* 0 for AM, 12 for PM, or -1 */
const struct date_zone *date_zone_by_name(const char *word);

#endif
