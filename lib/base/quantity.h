/* Numbers with a unit, as people write durations and sizes: "90m", "1.5 h", "64KiB". */
#ifndef BASE_QUANTITY_H
#define BASE_QUANTITY_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct quantity_unit {
    const char *name; /* NULL behind the last one */
    int64_t factor;   /* what one of it is in the smallest */
};

extern const struct quantity_unit quantity_durations[]; /* in milliseconds: ms s m h d */
extern const struct quantity_unit quantity_sizes[];     /* in bytes: KiB MiB GiB TiB */
extern const struct quantity_unit quantity_counts[];    /* of no unit */

/* A text that begins with a digit and ends with one of the units, in either case, rounded to a
 * whole number of the smallest; INT64_MAX where it would be more. False for all else. */
bool quantity_read(const struct quantity_unit *units, const char *text, int64_t *out);

/* In the greatest unit that divides it: how a person would write it. */
void quantity_write(const struct quantity_unit *units, int64_t number, struct buf *out);

#endif
