#include "base/date.h"

#include "base/date_name.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum {
    MAX_TEXT = 256, /* nothing longer is a date */
    MAX_WORD = 48,
    UNSET = -1,
};

/* A number outside the time of day, with what is needed to tell day, month and year apart. */
struct number {
    int value, digits;
    char after; /* the character behind it */
};

struct scan {
    const char *p;
    struct number numbers[3];
    int n;
    int month;        /* by name, or UNSET */
    int week, day;    /* of an ISO week date, or UNSET */
    bool month_first; /* the month's name came before any number */
    bool dash_first;  /* the text starts with a hyphen: the century is left out */
    bool iso;         /* a T stands between date and time */
    int hour, minute, second;
    int noon;         /* 12 after a PM, 0 after an AM, else UNSET */
    int offset;       /* minutes east, or UNSET_ZONE */
    const char *rule; /* of summer time, in a named zone */
    bool bad;
};

enum { UNSET_ZONE = 10000 };

/* ---- the calendar ------------------------------------------------------------------------------
 */

/* Days since 1970-01-01 of a date in the Gregorian calendar, also before it was made. */
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

/* Minutes to add to the zone's offset at that local time. The rules are those since 2007 and 1996.
 */
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

/* ---- reading -----------------------------------------------------------------------------------
 */
static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c & 0x80);
}

/* At most 9 digits count, so that the value fits. */
static struct number read_number(struct scan *s)
{
    struct number n = {0};
    for (; digit(*s->p); s->p++, n.digits++)
        if (n.digits < 9)
            n.value = n.value * 10 + (*s->p - '0');
    n.after = *s->p;
    return n;
}

/* "h:mm", "h:mm:ss", "h:mm:ss.fff" after the hour was read. */
static void read_time(struct scan *s, struct number hour)
{
    s->hour = hour.value;
    s->p++;
    struct number n = read_number(s);
    s->minute = n.value;
    s->bad |= hour.digits > 2 || n.digits > 2;
    s->second = 0;
    if (s->p[0] == ':' && digit(s->p[1])) {
        s->p++;
        n = read_number(s);
        s->second = n.value;
        s->bad |= n.digits > 2;
    }
    s->bad |= *s->p == ':'; /* more parts than a time has, or no number in one */
    if ((s->p[0] == '.' || s->p[0] == ',') && digit(s->p[1])) {
        s->p++;
        read_number(s);
    }
}

/* "hhmm" or "hhmmss" behind a T. */
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
        read_number(s);
    }
}

/* "+hh", "+hhmm", "+hh:mm", also "+h:mm"; behind a zone's name it adds to it. */
static void read_offset(struct scan *s)
{
    int sign = *s->p == '-' ? -1 : 1;
    s->p++;
    struct number n = read_number(s);
    int minutes = n.digits <= 2 ? n.value * 60 : n.value / 100 * 60 + n.value % 100;
    if (*s->p == ':') {
        s->p++;
        struct number m = read_number(s);
        s->bad |= m.digits != 2 || n.digits > 2 || m.value > 59;
        minutes += m.value;
        if (*s->p == ':' && digit(s->p[1])) { /* seconds, which no zone has */
            s->p++;
            read_number(s);
        }
    }
    s->bad |= n.digits > 4 || minutes > 24 * 60;
    s->offset = sign * minutes;
    s->rule = NULL;
}

static bool word_goes_on(const struct scan *s)
{
    return letter(*s->p) || (strchr("/_.", *s->p) && *s->p && letter(s->p[1]));
}

/* A month's name before the first number may turn out to have been a weekday: "mar. 5 avr. 2013".
 */
static bool may_be_month(const struct scan *s)
{
    return s->n < 3 && (s->month == UNSET || (s->month_first && s->n <= 1 && s->hour == UNSET));
}

static void read_word(struct scan *s)
{
    char word[MAX_WORD];
    size_t n = 0;
    while (word_goes_on(s)) {
        if (n < sizeof word - 1)
            word[n++] = *s->p;
        s->p++;
    }
    word[n] = 0;
    int value;
    if (!strcmp(word, "w") && s->n == 1 && s->hour == UNSET && digit(*s->p)) {
        struct number week = read_number(s);
        s->week = week.digits == 3 ? week.value / 10 : week.value;
        s->day = week.digits == 3 ? week.value % 10 : 1;
        if (week.digits == 2 && s->p[0] == '-' && digit(s->p[1])) {
            s->p++;
            s->day = read_number(s).value;
        }
    } else if (!strcmp(word, "t") && s->n) {
        s->iso = true;
    } else if ((value = date_noon_by_name(word)) >= 0) {
        s->noon = value;
    } else if (may_be_month(s) && n >= 3 && (value = date_month_by_name(word)) > 0) {
        s->month = value;
        s->month_first = s->n == 0;
    } else if (s->hour != UNSET && s->offset == UNSET_ZONE) {
        const struct date_zone *zone = date_zone_by_name(word);
        if (zone) {
            s->offset = zone->minutes;
            s->rule = zone->rule;
        }
    }
}

/* A number of so many digits of a longer one. */
static struct number part_of_number(struct scan *s, int digits)
{
    struct number n = {.digits = digits};
    for (; digits > 0; digits--, s->p++)
        n.value = n.value * 10 + (*s->p - '0');
    return n;
}

static void read_digits(struct scan *s)
{
    size_t length = strspn(s->p, "0123456789");
    if (s->n == 0 && (length == 14 || length == 12)) { /* date and time in one */
        s->numbers[s->n++] = part_of_number(s, 8);
        read_basic_time(s, part_of_number(s, (int)length - 8));
        return;
    }
    struct number n = read_number(s);
    if ((n.after == ':' || n.after == 'h') && digit(s->p[1]) && s->hour == UNSET)
        read_time(s, n);
    else if (s->iso && s->hour == UNSET)
        read_basic_time(s, n);
    else if (s->n < 3 && n.digits <= 8)
        s->numbers[s->n++] = n;
    else
        s->bad = true;
}

/* A sign behind a time, or behind a date of three numbers. */
static bool may_be_offset(const struct scan *s)
{
    return (*s->p == '+' || *s->p == '-') &&
           (s->n == 3 || (s->hour != UNSET && (s->month == UNSET || s->n >= 2 || s->month_first)));
}

static void scan(struct scan *s)
{
    s->dash_first = *s->p == '-';
    while (*s->p && !s->bad) {
        if (digit(*s->p))
            read_digits(s);
        else if (letter(*s->p))
            read_word(s);
        else if (may_be_offset(s) && digit(s->p[1]))
            read_offset(s);
        else if (may_be_offset(s) && *s->p == '+' && letter(s->p[1]))
            s->bad = true;
        else
            s->p++;
    }
}

/* ---- what the numbers mean ----------------------------------------------------------------------
 */
struct civil {
    int year, month, day; /* the day may be one of the year, when the month is 1 */
    bool ordinal;
};

static bool named_month(const struct scan *s, struct civil *c)
{
    const struct number *a = &s->numbers[0], *b = &s->numbers[1];
    c->month = s->month;
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

static bool three_numbers(const struct scan *s, struct civil *c)
{
    const struct number *n = s->numbers;
    if (n[0].digits > 2 || (n[2].digits <= 2 && n[0].after == '-')) {
        *c = (struct civil){full_year(n[0].value, n[0].digits), n[1].value, n[2].value, false};
        return true;
    }
    bool month_first = n[0].after == '/' ? n[0].value <= 12 : n[1].value > 12;
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
static int64_t day_number(const struct scan *s, int *year)
{
    struct civil c = {0};
    *year = s->numbers[0].value;
    if (s->week != UNSET)
        return week_date(s);
    bool ok = s->month != UNSET ? named_month(s, &c)
              : s->n == 3       ? three_numbers(s, &c)
              : s->n == 2       ? two_numbers(s, &c)
              : s->n == 1       ? compact(&s->numbers[0], s->dash_first, &c)
                                : false;
    if (!ok || c.year < 1 || c.year > 9999 || c.month < 1 || c.month > 12 || c.day < 1 ||
        c.day >
            (c.ordinal ? 365 + (days_in_month(c.year, 2) == 29) : days_in_month(c.year, c.month)))
        return DATE_NONE;
    *year = c.year;
    return days_from_civil(c.year, c.month, 1) + c.day - 1;
}

static int64_t resolve(struct scan *s)
{
    int year;
    int64_t days = day_number(s, &year);
    if (days == DATE_NONE || s->bad)
        return DATE_NONE;
    if (s->hour == UNSET)
        s->hour = s->minute = s->second = 0;
    if (s->noon != UNSET && s->hour <= 12)
        s->hour = s->hour % 12 + s->noon;
    if (s->hour > 24 || s->minute > 59 || s->second > 60)
        return DATE_NONE;
    if (s->hour == 24 && !(s->iso && !s->minute && !s->second))
        s->hour = 0; /* ISO 8601 ends a day with 24:00, others start one */
    int64_t t = days * 86400 + s->hour * 3600 + s->minute * 60 + s->second;
    if (s->offset != UNSET_ZONE) {
        int summer = s->rule ? summer_time(s->rule, year, t, s->offset) : 0;
        t -= (s->offset + summer) * 60;
    }
    return t;
}

/* Seconds or milliseconds since 1970, which some feeds give instead of a date. */
static int64_t bare_seconds(const char *text)
{
    size_t n = strspn(text, "0123456789");
    if (text[n] || (n != 10 && n != 13))
        return DATE_NONE;
    return strtoll(text, NULL, 10) / (n == 13 ? 1000 : 1);
}

/* Lower case without accents, trimmed; false when it is too long to be a date. */
static bool fold(const char *text, char out[MAX_TEXT])
{
    size_t n = strlen(text), used = 0;
    bool ascii = true;
    while (n && (unsigned char)text[n - 1] <= ' ')
        n--;
    while (n && (unsigned char)*text <= ' ')
        text++, n--;
    if (!n || n >= MAX_TEXT)
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        ascii &= !(c & 0x80);
        out[used++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    out[used] = 0;
    if (ascii)
        return true;
    utf8proc_uint8_t *folded = NULL;
    utf8proc_ssize_t len =
        utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)n, &folded,
                     UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_STRIPMARK | UTF8PROC_CASEFOLD);
    bool ok = len > 0 && len < MAX_TEXT;
    if (ok)
        memcpy(out, folded, (size_t)len + 1);
    free(folded);
    return ok;
}

/* ---- what nearly all feeds have ----------------------------------------------------------------
 * "Tue, 21 Apr 2020 00:43:01 GMT" (or +0200) and "2020-04-21T00:43:01Z" (or +02:00), read at once.
 * DATE_NONE where a date is anything else, if only out of range: then it is looked at closely. */
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

/* "+0200", with a colon or without, up to the end. */
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

int64_t date_parse(const char *text)
{
    char folded[MAX_TEXT];
    int64_t common = common_date(text);
    if (common != DATE_NONE)
        return common;
    if (!fold(text, folded))
        return DATE_NONE;
    int64_t bare = bare_seconds(folded);
    if (bare != DATE_NONE)
        return bare;
    struct scan s = {.p = folded,
                     .month = UNSET,
                     .week = UNSET,
                     .hour = UNSET,
                     .noon = UNSET,
                     .offset = UNSET_ZONE};
    scan(&s);
    return resolve(&s);
}
