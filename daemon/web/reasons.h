/* Why an article is in its event, in words. */
#ifndef WEB_REASONS_H
#define WEB_REASONS_H

#include "base/buf.h"
#include "web/event_view.h"

/* "It is all but certain (99.8 %) that it belongs here. ..." */
void why_article(struct buf *out, const struct event_view *v, const struct article_record *article);

/* The events that articles of this one nearly joined, as the list of similar events; nothing when
 * there are none. */
void why_similar(struct buf *out, const struct event_view *v);

#endif
