/* Processes the response to a poll: updates the feed's record and plans the next poll. */
#ifndef POLL_ANSWER_H
#define POLL_ANSWER_H

#include "net/fetch.h"
#include "poll/document.h"

extern const struct delivery answer_delivery; /* the document of a poll */

/* Processes a response received at `now`; answer_done() is the same as a fetch callback. */
void answer_take(struct feed_state *f, const struct fetch_answer *a, int64_t now);
void answer_done(void *arg, const struct fetch_answer *a);

/* Whether another feed is the publisher's own; 0, or an error of the store. */
int answer_look_for_own(struct feed_state *f);

/* What a status that is no document means, and what to do; a constant, or in `text`. */
enum { ANSWER_TEXT = 64 };
const char *answer_status_text(long status, char text[ANSWER_TEXT]);

#endif
