/* Tells seconds, ages and RFC 3339 apart by their form. */
#include "base/moment.h"

#include "base/date.h"
#include "base/quantity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DATE_LENGTH = 10, YEAR_LENGTH = 4, DAY = 86400 };

/* "2026-03-31", and behind it nothing but a time and a zone. */
static bool looks_like_rfc3339(const char *text)
{
    static const char form[] = "dddd-dd-dd";
    for (size_t i = 0; form[i]; i++)
        if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    const char *time = text + DATE_LENGTH;
    return !*time || (strchr("Tt ", *time) && !time[1 + strspn(time + 1, "0123456789:.,+-Zz")]);
}

static bool read_seconds(const char *text, int64_t *out)
{
    const char *digits = *text == '-' ? text + 1 : text;
    size_t n = strspn(digits, "0123456789");
    if (!n || digits[n] || n == YEAR_LENGTH)
        return false;
    errno = 0;
    *out = strtoll(text, NULL, 10);
    return !errno;
}

bool moment_read(const char *text, int64_t now, bool ends_span, int64_t *out)
{
    int64_t ago;
    if (quantity_read(quantity_durations, text, &ago)) {
        *out = now - ago / 1000;
        return true;
    }
    if (!looks_like_rfc3339(text))
        return read_seconds(text, out);
    *out = date_parse(text);
    if (*out != DATE_NONE && ends_span && strlen(text) == DATE_LENGTH)
        *out += DAY - 1;
    return *out != DATE_NONE;
}
