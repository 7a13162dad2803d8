/* The names in dates: months and days of the week in all languages that ICU knows (its data, taken
 * when storyd is built), halves of the day, time zones. Names come as date_fold() makes them. */
#ifndef BASE_DATE_NAME_H
#define BASE_DATE_NAME_H

/* What a word can be: a bit for each month (1 to 12) and for each day of the week (from 0, Monday).
 * Several where it is different ones in different languages. */
struct date_name {
    unsigned months, weekdays;
};

struct date_zone {
    const char *name;
    int minutes;      /* east of UTC, in winter */
    const char *rule; /* of summer time: "us", "eu", or NULL for none */
};

/* `lang` is the language of the text, as in BCP 47, or NULL: where a name is one of its own,
 * others' do not count. The name is a whole one, or the start of one or of several that mean the
 * same (three characters at least of a month's, two of a day's). */
struct date_name date_name_find(const char *word, const char *lang);
/* A whole name of a month alone. */
unsigned date_month_find(const char *name, const char *lang);

int date_noon_by_name(const char *word); /* 0 before noon, 12 after, or -1 */
const struct date_zone *date_zone_by_name(const char *word);

#endif
