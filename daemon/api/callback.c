/* Translates hubs' requests into calls of poll/hub.h and its replies into HTTP statuses. */
#include "api/callback.h"

#include "poll/hub.h"
#include "poll/poll.h"

#include <stdlib.h>

void callback_verify(struct routes_context *c, const struct request *r, struct reply *out)
{
    const char *lease = request_parameter(r, "hub.lease_seconds"),
               *challenge = request_parameter(r, "hub.challenge");
    const struct hub_call call = {.mode = request_parameter(r, "hub.mode"),
                                  .topic = request_parameter(r, "hub.topic"),
                                  .reason = request_parameter(r, "hub.reason"),
                                  .lease = lease ? strtoll(lease, NULL, 10) : 0};
    if (!call.mode || !call.topic || !hub_verify(c->poll, r->number, r->rest, &call)) {
        reply_problem(out, 404, "unknown subscription");
        return;
    }
    out->type = "text/plain; charset=utf-8";
    buf_adds(&out->body, challenge ? challenge : "");
}

void callback_deliver(struct routes_context *c, const struct request *r, struct reply *out)
{
    switch (hub_deliver(c->poll, r->number, r->rest, request_header(r, "X-Hub-Signature"),
                        request_header(r, "Content-Type"), r->body, r->body_length)) {
    case HUB_TAKEN:
    case HUB_IGNORED: /* a forger learns nothing */
        out->status = 202;
        break;
    case HUB_BUSY:
        reply_header(out, "Retry-After", "10");
        reply_problem(out, 503, "busy; try again later");
        break;
    case HUB_GONE:
        reply_problem(out, 410, "this feed is no longer subscribed");
        break;
    case HUB_UNKNOWN:
        reply_problem(out, 404, "no such subscription");
        break;
    }
}
