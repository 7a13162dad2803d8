/* Writes HTML around untrusted text: feeds' text always comes out as text, never as markup, in
 * elements and in quoted attributes. */
#ifndef WEB_MARKUP_H
#define WEB_MARKUP_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* printf whose %s are escaped (ESCAPE_PAGE): the format is markup, the values never are. Knows %s,
 * %d, %zu, the numbers of <inttypes.h>, %.1f and its like, and %%. */
void html_addf(struct buf *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "17 Mar 14:05 UTC", which the page's script writes in the reader's own zone and way. */
void html_time(struct buf *out, int64_t time, int64_t now);

/* The age: "5 min", "2 h", "3 d", with the full date as a tooltip. */
void html_age(struct buf *out, int64_t time, int64_t now);

/* The day alone: "Mar 17", with the year when it is not this one's. */
void html_day(struct buf *out, int64_t time, int64_t now);

/* "1 source", "2 sources". */
void html_count(struct buf *out, uint64_t n, const char *one, const char *many);

#endif
