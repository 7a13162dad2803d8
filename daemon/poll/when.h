/* When a feed is asked next. Pure: the clock and the chance are the caller's. */
#ifndef POLL_WHEN_H
#define POLL_WHEN_H

#include "config.h"

#include <stdint.h>

enum when_outcome { WHEN_NEW, WHEN_UNCHANGED, WHEN_FAILED, WHEN_BUSY /* 429, 503 */ };

/* Seconds until the next request, after an answer. `errors` in a row, this one counted.
 * `retry_after` in seconds, -1 when not said. `chance` from 0 to 1 adds up to a tenth: it only ever
 * makes the wait longer. */
int64_t when_next(const struct config *c, enum when_outcome outcome, uint64_t errors,
                  int64_t retry_after, double chance);

/* The seconds that a Retry-After header asks for, at `now`: a number or a date. -1 for nonsense. */
int64_t when_retry_after(const char *header, int64_t now);

#endif
