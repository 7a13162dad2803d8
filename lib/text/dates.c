/* Recognises dates and times of day in running text; see dates.h. It only decides whether a word
 * belongs to one; parsing dates is base/date.c. Used by terms.c and roundup.c. */
#include "text/dates.h"

#include <stddef.h>
#include <string.h>

/* Folded names, indexed by their first byte. */
#define LIST(...)                                                                                  \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }
/* some also have other meanings ("may", "march", "mars"), so a number must be adjacent */
static const char *const *const months[256] = {
    ['a'] = LIST("april", "august", "apr", "aug", "avril", "août", "abril", "agosto"),
    ['d'] = LIST("december", "dec", "dezember", "décembre", "diciembre"),
    ['e'] = LIST("enero"),
    ['f'] = LIST("february", "feb", "februar", "février", "febrero"),
    ['j'] = LIST("january", "june", "july", "jan", "jun", "jul", "januar", "juni", "juli",
                 "janvier", "juin", "juillet", "junio", "julio"),
    ['m'] = LIST("march", "may", "mar", "märz", "mai", "mars", "marzo", "mayo"),
    ['n'] = LIST("november", "nov", "novembre", "noviembre"),
    ['o'] = LIST("october", "oct", "oktober", "octobre", "octubre"),
    ['s'] = LIST("september", "sep", "sept", "septembre", "septiembre"),
};

static const char *const *const weekdays[256] = {
    ['d'] = LIST("dienstag", "donnerstag", "dimanche", "domingo"),
    ['f'] = LIST("friday", "freitag"),
    ['j'] = LIST("jeudi", "jueves"),
    ['l'] = LIST("lundi", "lunes"),
    ['m'] = LIST("monday", "montag", "mittwoch", "mardi", "mercredi", "martes", "miércoles"),
    ['s'] = LIST("saturday", "sunday", "samstag", "sonntag", "samedi", "sábado"),
    ['t'] = LIST("tuesday", "thursday"),
    ['v'] = LIST("vendredi", "viernes"),
    ['w'] = LIST("wednesday"),
};
#undef LIST

static bool is_in_lists(const char *const *const lists[256], const struct word *word)
{
    const char *const *name = lists[(unsigned char)word->text[0]];
    for (; name && *name; name++)
        if (!strcmp(*name, word->text))
            return true;
    return false;
}

static bool is_month_word(const struct word *word)
{
    return word && is_in_lists(months, word);
}

static bool is_day(const struct word *word)
{
    return word && word->number &&
           (word->text[1] == 0 || word->text[2] < '0' || word->text[2] > '9');
}

static bool is_year(const struct word *word)
{
    return word->len == 4 && (!strncmp(word->text, "19", 2) || !strncmp(word->text, "20", 2));
}

/* The "AM" of "5:00 AM", the "p.m." of "11 p.m.". */
static bool is_half(const struct word *word)
{
    return word && (word->text[0] == 'a' || word->text[0] == 'p') && word->text[1] == 'm' &&
           word->text[2] == 0;
}

bool word_may_be_date(const struct word *before, const struct word *word, const struct word *after)
{
    if (word->number)
        return (is_day(word) &&
                (is_month_word(before) || is_month_word(after) || is_half(after))) ||
               (is_year(word) && (is_month_word(before) || is_day(before)));
    return is_in_lists(weekdays, word) ||
           ((is_day(before) || is_day(after)) && is_month_word(word)) ||
           (is_day(before) && is_half(word));
}
