/* What a reader has seen, starred and follows, kept under the reader's name (r->reader). Used by
 * the page, by other programs, and by greader.c for feed readers. */
#ifndef API_ME_H
#define API_ME_H

#include "api/context.h"
#include "api/listing.h"
#include "store/reading.h"

/* GET /api/v1/me, /api/v1/me/state; POST /api/v1/me/state */
routes_handler me_who, me_state, me_change;

/* The reader's state, with what was written last; end both. False after writing the response. */
bool me_begin(struct routes_context *c, const struct request *r, story_view **view,
              struct reading_state *state, struct reply *out);
void me_end(story_view *view, struct reading_state *state);

/* Sets and clears flags of events; *done of them exist. The number of a merged event means the one
 * that absorbed it. False after writing the response. */
bool me_flag(struct routes_context *c, const struct request *r, const uint64_t *events, size_t n,
             unsigned set, unsigned clear, size_t *done, struct reply *out);

/* Marks the listed events as seen for which `is` returns true. `all`: no kind of event is excluded
 * by it, so that older events, which are not listed any more, count as seen too. */
bool me_mark(struct routes_context *c, const struct request *r,
             bool (*is)(void *, const struct listing_event *), void *arg, bool all,
             struct reply *out);

#endif
