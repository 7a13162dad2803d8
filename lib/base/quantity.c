/* Parses and prints quantities by tables of units. Used by the configuration, the API and
 * storyctl. */
#include "base/quantity.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct quantity_unit quantity_durations[] = {{"ms", 1},      {"s", 1000},     {"m", 60000},
                                                   {"h", 3600000}, {"d", 86400000}, {0}};
const struct quantity_unit quantity_sizes[] = {
    {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", INT64_C(1) << 40}, {0}};
const struct quantity_unit quantity_counts[] = {{"", 1}, {0}};

bool quantity_read(const struct quantity_unit *units, const char *text, int64_t *out)
{
    char *end;
    errno = 0;
    double value = strtod(text, &end);
    if (end == text || !isdigit((unsigned char)*text) || strpbrk(text, "xX") || errno ||
        !isfinite(value))
        return false;
    while (*end == ' ')
        end++;
    for (; units->name; units++)
        if (!strcasecmp(units->name, end)) {
            value *= (double)units->factor;
            *out = value < 9e18 ? llround(value) : INT64_MAX;
            return true;
        }
    return false;
}

void quantity_write(const struct quantity_unit *units, int64_t number, struct buf *out)
{
    const struct quantity_unit *best = units;
    for (; units->name; units++)
        if (number % units->factor == 0)
            best = units;
    buf_addf(out, "%" PRId64 "%s", number / best->factor, best->name);
}
