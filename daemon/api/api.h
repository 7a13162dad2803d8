/* Stored records as JSON under /api/v1: events, their articles and reasons, feeds, health. */
#ifndef API_API_H
#define API_API_H

#include "api/context.h"

routes_handler api_event, api_event_articles, api_event_posts, api_event_reasons, api_event_history,
    api_article, api_feeds, api_health;

/* Ends a list: `next` is the cursor of the next page, 0 if there is none. */
void api_end_list(struct reply *out, uint64_t next);

/* What several files here answer with: one record by its number, and that the store failed. `what`
 * is "article", "decision", ... for the message. */
void api_record(struct routes_context *c, const struct request *r, struct reply *out,
                const char *what, int (*get)(story_view *, uint64_t, struct story_entry *));
void api_failed(struct reply *out, int error);
/* Finds the event that the request names: its path is /event/{number} or /api/v1/events/{number},
 * with what may follow. False once the request is answered otherwise: 404, 410, or a redirect to
 * the event that absorbed it. The caller ends the view in any case. */
bool api_asked_event(struct routes_context *c, const struct request *r, struct reply *out,
                     story_view **view, struct story_entry *e);
/* 404, or 410 with the tombstone, if there is one, for an event that story_event() did not find. */
void api_no_event(struct reply *out, story_view *view, int error, uint64_t event);

#endif
