/* What came back from a poll: the feed's record and its next poll follow from it. */
#ifndef POLL_ANSWER_H
#define POLL_ANSWER_H

#include "net/fetch.h"
#include "poll/document.h"

extern const struct delivery answer_delivery; /* the document of a poll */

/* The response to a poll, received at `now`; answer_done() as fetch.h calls it. */
void answer_take(struct feed_state *f, const struct fetch_answer *a, int64_t now);
void answer_done(void *arg, const struct fetch_answer *a);

#endif
