/* The names in dates: months and halves of the day in many languages, time zones. Names come in
 * lower case and without accents. */
#ifndef BASE_DATE_NAME_H
#define BASE_DATE_NAME_H

struct date_zone {
    const char *name;
    int minutes;      /* east of UTC, in winter */
    const char *rule; /* of summer time: "us", "eu", or NULL for none */
};

int date_month_by_name(const char *word); /* 1 to 12, or 0 */
int date_noon_by_name(const char *word);  /* 0 before noon, 12 after, or -1 */
const struct date_zone *date_zone_by_name(const char *word);

#endif
