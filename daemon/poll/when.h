/* When a feed is asked next. Pure: the clock and the chance are the caller's. */
#ifndef POLL_WHEN_H
#define POLL_WHEN_H

#include "config.h"

#include <stdbool.h>
#include <stdint.h>

enum when_outcome { WHEN_NEW, WHEN_UNCHANGED, WHEN_FAILED, WHEN_BUSY /* 429, 503 */ };

/* Seconds until the next request, after an answer. `errors` in a row, this one counted.
 * `retry_after` in seconds, -1 when not said. `chance` from 0 to 1 adds up to a tenth: it only ever
 * makes the wait longer. */
int64_t when_next(const struct config *c, enum when_outcome outcome, uint64_t errors,
                  int64_t retry_after, double chance);

/* Whether a document that nothing but 304s stood for since `document_time` is asked for without
 * validators: a server may be stuck on them. */
bool when_asks_anew(int64_t document_time, int64_t now);

/* The seconds that a Retry-After header asks for, at `now`: a number or a date. -1 for nonsense. */
int64_t when_retry_after(const char *header, int64_t now);

#endif
