/* Parts that an event has both in the list and on its own page. */
#ifndef WEB_MARK_H
#define WEB_MARK_H

#include "base/buf.h"

#include "pages/shrink.h"
#include "store/event_record.h"
#include <stdbool.h>
#include <stdint.h>

/* A title, in its own language (NULL: unknown) and direction: attributes of the element around it.
 */
void mark_language(struct buf *out, const char *lang);

/* "new", "growing", "pinned": what the reader should know at a glance. */
void mark_state(struct buf *out, const struct event_record *event, int64_t now);

/* The tags that editors gave and the event's categories, each a link to the events that have
 * it; at most `most` of the latter. */
void mark_tags(struct buf *out, const struct event_record *event, size_t most);

/* When the last of its sources joined; 0 without any. */
int64_t mark_last_source(const struct event_record *event);

/* "5 sources", and in how many reports and articles, where that is another number. */
void mark_counts(struct buf *out, const struct event_record *event);

/* "BBC, CNN and 7 more" */
void mark_sources(struct buf *out, const struct event_record *event, size_t most);

/* A small line of how coverage grew: sources over time, from the first to the last. Nothing for two
 * sources or fewer, whose lines are all alike. */
void mark_growth(struct buf *out, const struct event_record *event);

/* A picture of pages/pictures.h, shown at half its size, which holds its place while it loads;
 * nothing for key 0. */
void mark_picture(struct buf *out, uint64_t key, enum shrink_size size);

/* A source's name, isolated from the surrounding writing direction. */
void mark_name(struct buf *out, const char *name);

#endif
