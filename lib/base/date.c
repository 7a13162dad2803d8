/* Parses the dates of feeds and web pages; see date.h. A fast path reads the two most frequent
 * formats; a scanner collects numbers and names from all others, then resolve() decides which
 * number is the day, the month and the year. */
#include "base/date.h"

#include "base/date_fold.h"
#include "base/date_name.h"

#include <stdlib.h>
#include <string.h>

enum { UNSET = -1 };

/* A number outside the time of day, with what is needed to tell day, month and year apart. */
struct number {
    int value, digits;
    char after;    /* the character that follows it */
    bool is_month; /* a word meaning "month" is next to it */
};

struct scan {
    const char *p, *lang;
    struct number numbers[3];
    int n;
    unsigned months;    /* set of months by name, as in date_name_find(); 0 if none was found */
    unsigned weekdays;  /* the same for days of the week */
    unsigned also_days; /* what the word in `months` means as a day of the week: "mar" */
    bool strange, strange_between; /* a word is unknown; see read_strange() */
    bool glued;                    /* a word directly precedes what is read next */
    int week, day;                 /* of an ISO week date, or UNSET */
    bool year_last;                /* of three short numbers the last must be the year */
    bool month_first;              /* the month's name came before any number */
    bool month_next;               /* the word for "month" was read and its number is expected */
    bool dash_first;               /* the text starts with a hyphen: the century is omitted */
    bool iso;                      /* a T separates date and time */
    int hour, minute, second;
    int noon;         /* 12 after a PM, 0 after an AM, otherwise UNSET */
    int offset;       /* minutes east of UTC, or UNSET_ZONE */
    const char *rule; /* daylight-saving rule of a named zone */
    bool bad;
};

enum { UNSET_ZONE = 10000 };

/* ---- the calendar ---------------------------------------------------------------------------- */

/* Days since 1970-01-01 of a date in the proleptic Gregorian calendar. */
static int64_t days_from_civil(int64_t y, int m, int d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static int weekday(int64_t days) /* 0 is Monday */
{
    return (int)(((days + 3) % 7 + 7) % 7);
}

static int days_in_month(int y, int m)
{
    static const int table[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    return table[m - 1] + (m == 2 && leap);
}

static int64_t nth_sunday(int y, int m, int nth) /* -1 is the month's last */
{
    int64_t day = nth < 0 ? days_from_civil(y, m, days_in_month(y, m)) - 6
                          : days_from_civil(y, m, 1) + 7 * (nth - 1);
    return day + (6 - weekday(day));
}

/* Minutes to add to the zone's offset at that local time. The rules are those of the US since 2007
 * and of the EU since 1996. */
static int summer_time(const char *rule, int y, int64_t local, int offset)
{
    int64_t from, to;
    if (!strcmp(rule, "us")) {
        from = nth_sunday(y, 3, 2) * 86400 + 2 * 3600;
        to = nth_sunday(y, 11, 1) * 86400 + 2 * 3600;
    } else {
        from = nth_sunday(y, 3, -1) * 86400 + 3600 + offset * 60;
        to = nth_sunday(y, 10, -1) * 86400 + 7200 + offset * 60;
    }
    return local >= from && local < to ? 60 : 0;
}

static int full_year(int value, int digits)
{
    return digits > 2 ? value : value < 70 ? value + 2000 : value + 1900;
}

/* ---- reading --------------------------------------------------------------------------------- */
static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Only the first 9 digits count, so that the value fits into an int. */
static struct number read_date_number(struct scan *s)
{
    struct number n = {0};
    for (; digit(*s->p); s->p++, n.digits++)
        if (n.digits < 9)
            n.value = n.value * 10 + (*s->p - '0');
    n.after = *s->p;
    return n;
}

/* Reads "h:mm", "h:mm:ss" or "h:mm:ss.fff" once the hour has been read. */
static void read_time(struct scan *s, struct number hour)
{
    s->hour = hour.value;
    s->p++;
    struct number n = read_date_number(s);
    s->minute = n.value;
    s->bad |= hour.digits > 2 || n.digits > 2;
    s->second = 0;
    if (s->p[0] == ':' && digit(s->p[1])) {
        s->p++;
        n = read_date_number(s);
        s->second = n.value;
        s->bad |= n.digits > 2;
    }
    s->bad |= *s->p == ':'; /* too many parts, or a part without a number */
    if ((s->p[0] == '.' || s->p[0] == ',') && digit(s->p[1])) {
        s->p++;
        read_date_number(s);
    }
}

/* "hhmm" or "hhmmss" after a T. */
static void read_basic_time(struct scan *s, struct number n)
{
    if (n.digits == 6) {
        s->hour = n.value / 10000, s->minute = n.value / 100 % 100, s->second = n.value % 100;
    } else if (n.digits == 4 || n.digits == 2) {
        s->hour = n.digits == 4 ? n.value / 100 : n.value;
        s->minute = n.digits == 4 ? n.value % 100 : 0;
        s->second = 0;
    } else {
        s->bad = true;
    }
    if ((s->p[0] == '.' || s->p[0] == ',') && digit(s->p[1])) {
        s->p++;
        read_date_number(s);
    }
}

/* "+hh", "+hhmm", "+hh:mm", also "+h:mm". After a zone's name, it replaces the zone's offset. */
static void read_offset(struct scan *s)
{
    int sign = *s->p == '-' ? -1 : 1;
    s->p++;
    struct number n = read_date_number(s);
    int minutes = n.digits <= 2 ? n.value * 60 : n.value / 100 * 60 + n.value % 100;
    if (*s->p == ':') {
        s->p++;
        struct number m = read_date_number(s);
        s->bad |= m.digits != 2 || n.digits > 2 || m.value > 59;
        minutes += m.value;
        if (*s->p == ':' && digit(s->p[1])) { /* seconds, which no zone has */
            s->p++;
            read_date_number(s);
        }
    }
    s->bad |= n.digits > 4 || minutes > 24 * 60;
    s->offset = sign * minutes;
    s->rule = NULL;
}

/* Whether a word may name the month. A month's name before the first number may turn out to be a
 * day of the week: "mar. 5 avr. 2013". */
static bool may_be_month(const struct scan *s)
{
    return s->n < 3 && (!s->months || (s->month_first && s->n <= 1 && s->hour == UNSET));
}

static void take_month(struct scan *s, unsigned months, unsigned also_days)
{
    if (s->months) /* the earlier word was a day of the week */
        s->weekdays = s->also_days;
    s->months = months;
    s->also_days = also_days;
    s->month_first = s->n == 0;
}

/* Reads a month's name of several words, each of which may also occur in names of other months. The
 * name starts at `p`; its first word is `n` bytes long. */
static bool read_long_name(struct scan *s, const char *p, size_t n)
{
    size_t ends[DATE_WORDS] = {n}, words = 1, next;
    char name[DATE_TEXT];
    for (; words < DATE_WORDS && p[n] && strchr(" -'", p[n]) && (next = date_word(p + n + 1));
         ends[words++] = n)
        n += 1 + next;
    for (; words > 1; words--) {
        memcpy(name, p, n = ends[words - 1]);
        name[n] = 0;
        for (size_t i = 1; i < words; i++)
            name[ends[i - 1]] = ' ';
        unsigned months = date_month_find(name, s->lang);
        if (months) {
            take_month(s, months, 0);
            s->p = p + n;
            return true;
        }
    }
    return false;
}

/* Handles an unknown word before the time. A word of at least three characters may be the name of a
 * month that is not known, or of another calendar's month; more likely so between numbers. */
static void read_strange(struct scan *s, const char *word)
{
    size_t n = date_characters(word);
    s->strange |= n >= 3;
    s->strange_between |= n >= 3 && s->n == 1;
}

static void read_date_name(struct scan *s, const char *word, size_t n)
{
    if (may_be_month(s) && read_long_name(s, s->p - n, n))
        return;
    struct date_name name = date_name_find(word, s->lang);
    if (name.months && may_be_month(s))
        take_month(s, name.months, name.weekdays);
    else if (name.weekdays && s->hour == UNSET)
        s->weekdays = name.weekdays;
    else if (!name.months && s->hour == UNSET && !date_zone_by_name(word))
        read_strange(s, word);
}

static void read_date_word(struct scan *s)
{
    char word[DATE_TEXT];
    const struct date_zone *zone;
    size_t n = date_word(s->p);
    memcpy(word, s->p, n);
    word[n] = 0;
    s->p += n;
    int value;
    if (!strcmp(word, "w") && s->n == 1 && s->hour == UNSET && digit(*s->p)) {
        struct number week = read_date_number(s);
        s->week = week.digits == 3 ? week.value / 10 : week.value;
        s->day = week.digits == 3 ? week.value % 10 : 1;
        if (week.digits == 2 && s->p[0] == '-' && digit(s->p[1])) {
            s->p++;
            s->day = read_date_number(s).value;
        }
    } else if (!strcmp(word, "t") && s->n) {
        s->iso = true;
    } else if (!strcmp(word, "thang") || !strcmp(word, "thg")) {
        s->month_next = true;
    } else if ((value = date_noon_by_name(word)) >= 0) {
        s->noon = value;
    } else if (s->hour != UNSET && s->offset == UNSET_ZONE && (zone = date_zone_by_name(word))) {
        s->offset = zone->minutes;
        s->rule = zone->rule;
    } else {
        read_date_name(s, word, n);
    }
}

/* Reads the next `digits` digits of a longer number. */
static struct number part_of_number(struct scan *s, int digits)
{
    struct number n = {.digits = digits};
    for (; digits > 0; digits--, s->p++)
        n.value = n.value * 10 + (*s->p - '0');
    return n;
}

/* Languages that number their months mark the number with a word: "8月", "tháng 8". */
static void take_date_number(struct scan *s, struct number n)
{
    const char *p = s->p + strspn(s->p, " ");
    n.is_month =
        s->month_next || !strncmp(p, "月", strlen("月")) || !strncmp(p, "월", strlen("월"));
    s->month_next = false;
    /* a year of an era ("令和8年", "R8.2.3"), or a version number */
    if (s->glued && s->n == 0 && !s->months && !s->weekdays && n.digits <= 2 &&
        (n.after == '.' || !strncmp(p, "年", strlen("年"))))
        s->bad = true;
    s->numbers[s->n++] = n;
}

static void read_digits(struct scan *s)
{
    size_t length = strspn(s->p, "0123456789");
    if (s->n == 0 && (length == 14 || length == 12)) { /* date and time without a separator */
        s->numbers[s->n++] = part_of_number(s, 8);
        read_basic_time(s, part_of_number(s, (int)length - 8));
        return;
    }
    struct number n = read_date_number(s);
    if ((n.after == ':' || n.after == 'h') && digit(s->p[1]) && s->hour == UNSET)
        read_time(s, n);
    else if (s->iso && s->hour == UNSET)
        read_basic_time(s, n);
    else if (s->n < 3 && n.digits <= 8)
        take_date_number(s, n);
    else
        s->bad = true;
}

/* Whether a sign starts a zone offset: it follows a time, or a date of three numbers. */
static bool may_be_offset(const struct scan *s)
{
    return (*s->p == '+' || *s->p == '-') &&
           (s->n == 3 || (s->hour != UNSET && (!s->months || s->n >= 2 || s->month_first)));
}

static void scan(struct scan *s)
{
    s->dash_first = *s->p == '-';
    while (*s->p && !s->bad) {
        bool is_word = !digit(*s->p) && date_letter(*s->p);
        if (digit(*s->p))
            read_digits(s);
        else if (is_word)
            read_date_word(s);
        else if (may_be_offset(s) && digit(s->p[1]))
            read_offset(s);
        else if (may_be_offset(s) && *s->p == '+' && date_letter(s->p[1]))
            s->bad = true;
        else
            s->p++;
        s->glued = is_word;
    }
}

/* ---- interpreting the numbers ---------------------------------------------------------------- */
struct civil {
    int year, month, day; /* day of the year if the month is 1 and `ordinal` is set */
    bool ordinal;
};

static bool named_month(const struct scan *s, struct civil *c)
{
    const struct number *a = &s->numbers[0], *b = &s->numbers[1];
    c->month = __builtin_ctz(s->months);
    if (s->n == 1 && a->digits == 4) {
        c->year = a->value;
        c->day = 1;
    } else if (s->n == 2) {
        bool year_first = a->digits > 2;
        const struct number *year = year_first ? a : b, *day = year_first ? b : a;
        c->year = full_year(year->value, year->digits);
        c->day = day->value;
    } else {
        return false;
    }
    return true;
}

static bool compact(const struct number *n, bool century_left_out, struct civil *c)
{
    int v = n->value;
    switch (n->digits) {
    case 8:
        *c = (struct civil){v / 10000, v / 100 % 100, v % 100, false};
        return true;
    case 7:
        *c = (struct civil){v / 1000, 1, v % 1000, true};
        return true;
    case 6:
        *c = (struct civil){full_year(v / 10000, 2), v / 100 % 100, v % 100, false};
        return true;
    case 5:
        *c = (struct civil){full_year(v / 1000, 2), 1, v % 1000, true};
        return true;
    case 4:
        *c = century_left_out ? (struct civil){full_year(v / 100, 2), v % 100, 1, false}
                              : (struct civil){v, 1, 1, false};
        return true;
    default:
        return false;
    }
}

static bool two_numbers(const struct scan *s, struct civil *c)
{
    const struct number *a = &s->numbers[0], *b = &s->numbers[1];
    if (a->digits != 4 && !(s->dash_first && a->digits == 2) && b->digits != 3)
        return false;
    bool ordinal = b->digits == 3;
    *c = (struct civil){full_year(a->value, a->digits), ordinal ? 1 : b->value,
                        ordinal ? b->value : 1, ordinal};
    return true;
}

/* Of three numbers the first is the year if it has more than two digits, and in "03-12-31". */
static bool year_first(const struct scan *s)
{
    const struct number *n = s->numbers;
    return n[0].digits > 2 || (n[2].digits <= 2 && n[0].after == '-' && !s->year_last);
}

static bool three_numbers(const struct scan *s, bool month_first, struct civil *c)
{
    const struct number *n = s->numbers;
    if (year_first(s))
        *c = (struct civil){full_year(n[0].value, n[0].digits), n[1].value, n[2].value, false};
    else
        *c = (struct civil){full_year(n[2].value, n[2].digits), n[month_first ? 0 : 1].value,
                            n[month_first ? 1 : 0].value, false};
    return true;
}

static int64_t week_date(const struct scan *s)
{
    if (s->numbers[0].digits != 4 || s->week < 1 || s->week > 53 || s->day < 1 || s->day > 7)
        return DATE_NONE;
    int64_t fourth = days_from_civil(s->numbers[0].value, 1, 4); /* always in week 1 */
    return fourth - weekday(fourth) + (s->week - 1) * 7 + s->day - 1;
}

/* Days since 1970, or DATE_NONE. */
static int64_t day_number(const struct scan *s, bool month_first, int *year)
{
    struct civil c = {0};
    *year = s->numbers[0].value;
    if (s->week != UNSET)
        return week_date(s);
    bool ok = s->months   ? named_month(s, &c)
              : s->n == 3 ? three_numbers(s, month_first, &c)
              : s->n == 2 ? two_numbers(s, &c)
              : s->n == 1 ? compact(&s->numbers[0], s->dash_first, &c)
                          : false;
    if (!ok || c.year < 1 || c.year > 9999 || c.month < 1 || c.month > 12 || c.day < 1 ||
        c.day >
            (c.ordinal ? 365 + (days_in_month(c.year, 2) == 29) : days_in_month(c.year, c.month)))
        return DATE_NONE;
    *year = c.year;
    return days_from_civil(c.year, c.month, 1) + c.day - 1;
}

static int64_t at_time(const struct scan *s, int64_t days, int year)
{
    int hour = s->hour == UNSET ? 0 : s->hour;
    if (days == DATE_NONE)
        return DATE_NONE;
    if (s->noon != UNSET && hour <= 12)
        hour = hour % 12 + s->noon;
    if (hour > 24 || s->minute > 59 || s->second > 60)
        return DATE_NONE;
    if (hour == 24 && !(s->iso && !s->minute && !s->second))
        hour = 0; /* 24:00 ends a day in ISO 8601; elsewhere it is read as the start of the day */
    int64_t t = days * 86400 + hour * 3600 + s->minute * 60 + s->second;
    if (s->offset != UNSET_ZONE) {
        int summer = s->rule ? summer_time(s->rule, year, t, s->offset) : 0;
        t -= (s->offset + summer) * 60;
    }
    return t;
}

static bool on_weekday(const struct scan *s, int64_t days)
{
    return days != DATE_NONE && s->weekdays >> weekday(days) & 1;
}

/* Of the months that the name may mean, keeps the one in which the date falls on the given day of
 * the week. False if none or several remain. */
static bool choose_month(struct scan *s)
{
    unsigned all = s->months, fits = 0;
    int year;
    for (unsigned left = all; left; left &= left - 1) {
        s->months = left & -left;
        fits |= on_weekday(s, day_number(s, false, &year)) ? s->months : 0;
    }
    s->months = all & (all - 1) ? fits : all;
    return s->months && !(s->months & (s->months - 1));
}

/* Whether dates with '/' have the month first in this language: US, Canadian and Philippine
 * English, English without a region, Filipino, and an unknown language. */
static bool writes_month_first(const char *lang)
{
    static const char *const langs[] = {"en", "en-us", "en-ca", "en-ph", "fil", "fil-ph"};
    char code[8];
    size_t n = lang ? strlen(lang) : 0;
    if (!n || n >= sizeof code)
        return !n;
    for (size_t i = 0; i <= n; i++)
        code[i] = (char)(lang[i] == '_' ? '-' : lang[i] | ('A' <= lang[i] && lang[i] <= 'Z') << 5);
    for (size_t i = 0; i < sizeof langs / sizeof *langs; i++)
        if (!strcmp(langs[i], code))
            return true;
    return false;
}

/* Reads a date of three numbers in either order: "12/05/2024". */
static void read_orders(const struct scan *s, struct date *d)
{
    int years[2];
    int64_t by_day = day_number(s, false, &years[0]), by_month = day_number(s, true, &years[1]);
    d->usual = s->numbers[0].after == '/' && writes_month_first(s->lang) ? DATE_MONTH_FIRST
                                                                         : DATE_DAY_FIRST;
    if (s->numbers[0].is_month)
        by_day = DATE_NONE;
    else if (s->numbers[1].is_month)
        by_month = DATE_NONE;
    if (by_day != DATE_NONE && by_month != DATE_NONE &&
        on_weekday(s, by_day) != on_weekday(s, by_month))
        *(on_weekday(s, by_day) ? &by_month : &by_day) = DATE_NONE;
    d->day_first = at_time(s, by_day, years[0]);
    d->month_first = at_time(s, by_month, years[1]);
}

/* "Mon, 13-05-24", "31-12-99": three short numbers that are not a valid date with the year first,
 * or fall on another day of the week but match it with the year last. */
static bool must_end_in_year(struct scan *s)
{
    int year;
    if (s->numbers[0].digits > 2)
        return false;
    int64_t days = day_number(s, false, &year);
    if (days == DATE_NONE || on_weekday(s, days))
        return days == DATE_NONE;
    s->year_last = true;
    return on_weekday(s, day_number(s, false, &year)) || on_weekday(s, day_number(s, true, &year));
}

static struct date resolve_date(struct scan *s)
{
    struct date d = {DATE_NONE, DATE_NONE, DATE_ANY_ORDER, false};
    int year;
    if (s->months && s->month_first && s->n == 3) { /* a weekday: "mar. 5/3/2024" */
        s->weekdays = s->also_days;
        s->months = 0;
    }
    if (!s->months && s->n == 3 && s->week == UNSET)
        s->year_last = must_end_in_year(s);
    /* "mar. 5 Smarch 2024" is not in March, and "2024 Smarch 5" is not in May */
    bool unknown =
        s->months ? s->also_days && !s->weekdays && s->strange_between : s->n < 3 && s->strange;
    if (s->bad || unknown)
        return d;
    if (!s->months && s->n == 3 && s->week == UNSET && !year_first(s)) {
        read_orders(s, &d);
    } else if (s->months && !choose_month(s)) {
        d.needs_language = true;
    } else {
        int64_t days = day_number(s, false, &year);
        d.day_first = d.month_first = at_time(s, days, year);
    }
    return d;
}

/* Seconds or milliseconds since 1970, which some feeds give instead of a date. */
static int64_t bare_seconds(const char *text)
{
    size_t n = strspn(text, "0123456789");
    if (text[n] || (n != 10 && n != 13))
        return DATE_NONE;
    return strtoll(text, NULL, 10) / (n == 13 ? 1000 : 1);
}

/* ---- fast path --------------------------------------------------------------------------------
 *
 * The formats of nearly all feeds, "Tue, 21 Apr 2020 00:43:01 GMT" (or +0200) and
 * "2020-04-21T00:43:01Z" (or +02:00). DATE_NONE for anything else, even a value out of range: the
 * scanner then reads it. */
static bool two_digits(const char *p, int least, int most, int *out)
{
    if (!digit(p[0]) || !digit(p[1]))
        return false;
    *out = (p[0] - '0') * 10 + p[1] - '0';
    return *out >= least && *out <= most;
}

static bool in_list(const char *list, const char *name, int *which)
{
    for (int i = 0; list[3 * i]; i++)
        if (!memcmp(list + 3 * i, name, 3)) {
            *which = i + 1;
            return true;
        }
    return false;
}

static bool clock_time(const char *p, int64_t *seconds)
{
    int h, m, s;
    if (!two_digits(p, 0, 23, &h) || p[2] != ':' || !two_digits(p + 3, 0, 59, &m) || p[5] != ':' ||
        !two_digits(p + 6, 0, 59, &s))
        return false;
    *seconds = h * 3600 + m * 60 + s;
    return true;
}

/* "+0200", or with `colon` "+02:00", up to the end of the text. */
static bool offset(const char *p, bool colon, int64_t *seconds)
{
    int h, m;
    if ((*p != '+' && *p != '-') || !two_digits(p + 1, 0, 14, &h) || (colon && p[3] != ':') ||
        !two_digits(p + 3 + colon, 0, 59, &m) || p[5 + colon])
        return false;
    *seconds = (h * 3600 + m * 60) * (*p == '-' ? -1 : 1);
    return true;
}

static int64_t common_date(const char *t)
{
    static const char days[] = "MonTueWedThuFriSatSun",
                      months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    size_t n = strlen(t);
    int century, year, month, day, ignored;
    int64_t time, east = 0;
    bool ok = false;
    if ((n == 29 || n == 31) && t[3] == ',' && t[4] == ' ' && t[7] == ' ' && t[11] == ' ' &&
        t[16] == ' ' && t[25] == ' ')
        ok = in_list(days, t, &ignored) && two_digits(t + 5, 1, 31, &day) &&
             in_list(months, t + 8, &month) && two_digits(t + 12, 19, 20, &century) &&
             two_digits(t + 14, 0, 99, &year) && clock_time(t + 17, &time) &&
             (n == 29 ? !memcmp(t + 26, "GMT", 3) : offset(t + 26, false, &east));
    else if ((n == 20 || n == 25) && t[4] == '-' && t[7] == '-' && t[10] == 'T')
        ok = two_digits(t, 19, 20, &century) && two_digits(t + 2, 0, 99, &year) &&
             two_digits(t + 5, 1, 12, &month) && two_digits(t + 8, 1, 31, &day) &&
             clock_time(t + 11, &time) && (n == 20 ? t[19] == 'Z' : offset(t + 19, true, &east));
    if (!ok)
        return DATE_NONE;
    year += century * 100;
    return day > days_in_month(year, month)
               ? DATE_NONE
               : days_from_civil(year, month, day) * 86400 + time - east;
}

struct date date_read(const char *text, const char *lang)
{
    char folded[DATE_TEXT];
    struct date d = {DATE_NONE, DATE_NONE, DATE_ANY_ORDER, false};
    d.day_first = d.month_first = common_date(text);
    if (d.day_first != DATE_NONE || !date_fold(text, strlen(text), folded))
        return d;
    d.day_first = d.month_first = bare_seconds(folded);
    if (d.day_first != DATE_NONE)
        return d;
    struct scan s = {.p = folded,
                     .lang = lang,
                     .week = UNSET,
                     .hour = UNSET,
                     .noon = UNSET,
                     .offset = UNSET_ZONE};
    scan(&s);
    return resolve_date(&s);
}

int64_t date_in_order(const struct date *d, enum date_order order)
{
    if (d->day_first == DATE_NONE || d->month_first == DATE_NONE)
        return d->day_first == DATE_NONE ? d->month_first : d->day_first;
    if (order == DATE_ANY_ORDER)
        order = d->usual;
    return order == DATE_MONTH_FIRST ? d->month_first : d->day_first;
}

int64_t date_parse(const char *text)
{
    struct date d = date_read(text, NULL);
    return date_in_order(&d, DATE_ANY_ORDER);
}
