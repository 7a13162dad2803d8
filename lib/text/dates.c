#include "text/dates.h"

#include <stddef.h>
#include <string.h>

/* folded; some of them ("may", "march", "mars") mean other things, so that a number must be near */
static const char *const months[] = {
    "january",  "february",  "march",      "april",    "may",       "june",      "july",
    "august",   "september", "october",    "november", "december",  "jan",       "feb",
    "mar",      "apr",       "jun",        "jul",      "aug",       "sep",       "sept",
    "oct",      "nov",       "dec",        "januar",   "februar",   "märz",      "mai",
    "juni",     "juli",      "oktober",    "dezember", "janvier",   "février",   "mars",
    "avril",    "juin",      "juillet",    "août",     "septembre", "octobre",   "novembre",
    "décembre", "enero",     "febrero",    "marzo",    "abril",     "mayo",      "junio",
    "julio",    "agosto",    "septiembre", "octubre",  "noviembre", "diciembre",
};

static const char *const weekdays[] = {
    "monday", "tuesday",  "wednesday", "thursday",   "friday",   "saturday", "sunday",
    "montag", "dienstag", "mittwoch",  "donnerstag", "freitag",  "samstag",  "sonntag",
    "lundi",  "mardi",    "mercredi",  "jeudi",      "vendredi", "samedi",   "dimanche",
    "lunes",  "martes",   "miércoles", "jueves",     "viernes",  "sábado",   "domingo",
};

static bool is_in(const char *const *list, size_t n, const struct word *word)
{
    for (size_t i = 0; i < n; i++)
        if (list[i][0] == word->text[0] && !strcmp(list[i], word->text))
            return true;
    return false;
}

static bool is_month(const struct word *word)
{
    return word && is_in(months, sizeof months / sizeof *months, word);
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

bool word_may_be_date(const struct word *before, const struct word *word, const struct word *after)
{
    if (word->number)
        return (is_day(word) && (is_month(before) || is_month(after))) ||
               (is_year(word) && (is_month(before) || is_day(before)));
    return is_in(weekdays, sizeof weekdays / sizeof *weekdays, word) ||
           ((is_day(before) || is_day(after)) && is_month(word));
}
