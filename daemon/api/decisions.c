/* Reads a decision's JSON body, passes it to ingest/decide.h, and writes the response. */
#define _GNU_SOURCE /* memmem */
#include "api/decisions.h"

#include "base/clock.h"
#include "ingest/decide.h"
#include "api/api.h"
#include "api/ask.h"
#include "api/live.h"
#include "counts.h"
#include "store/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST = 500,
    USUAL = 100,
    LOOKS = 20000, /* decisions that are looked at for one answer */
    HEAD = 16384,  /* bytes: who and why, at most six for each of theirs, and the numbers */
};

/* Whether the decision is about the event, or into it. Records are compact JSON, and these two
 * fields precede those with editors' texts, so a long record need not be read to its end. */
static bool is_decision_of(const struct story_entry *e, uint64_t event)
{
    static const char *const fields[] = {"event", "into"};
    const size_t head = e->length < HEAD ? e->length : HEAD;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        char mark[40];
        size_t n = (size_t)snprintf(mark, sizeof mark, "\"%s\":%" PRIu64, fields[i], event);
        const char *at = memmem(e->json, head, mark, n);
        if (at && at + n < e->json + e->length && strchr(",}", at[n]))
            return true;
    }
    return false;
}

/* Latest first. The cursor continues before a number, even if none of the decisions that were
 * examined is of the event. */
void decisions_list(struct routes_context *c, const struct request *r, struct reply *out)
{
    static const struct ask_parameter known[] = {
        {"event", 1, INT64_MAX, 0}, {"cursor", 1, INT64_MAX, 0}, {"limit", 1, MOST, USUAL}};
    int64_t values[3];
    uint64_t last = 0, next = 0, shown = 0;
    story_view *view;
    story_list *list;
    struct story_entry e;
    if (!ask_numbers(r, known, 3, values, out))
        return;
    const uint64_t event = (uint64_t)values[0], limit = (uint64_t)values[2];
    out->type = "application/json";
    int error = story_view_begin(c->db, &view);
    if (!error)
        error = story_decisions(view, (uint64_t)values[1], &list);
    if (error) {
        story_view_end(view);
        api_failed(out, error);
        return;
    }
    buf_adds(&out->body, "{\"decisions\":[");
    for (int looks = 0; !(error = story_next(list, &e)); looks++) {
        if (looks == LOOKS) {
            next = e.number + 1;
            break;
        }
        if (event && !is_decision_of(&e, event))
            continue;
        if (shown == limit || out->body.len > REPLY_PAGE) {
            next = last;
            break;
        }
        buf_adds(&out->body, shown++ ? "," : "");
        buf_add(&out->body, e.json, e.length);
        last = e.number;
    }
    api_end_list(out, next);
    story_list_free(list);
    story_view_end(view);
    if (error && error != STORY_END)
        api_failed(out, error);
}

void decisions_one(struct routes_context *c, const struct request *r, struct reply *out)
{
    api_record(c, r, out, "decision", story_decision);
}

/* A problem document with one more member: the event as it is now. */
static void conflict(struct reply *out, const struct decided *d)
{
    reply_problem(out, 409, "%s", d->message);
    if (!d->record)
        return;
    while (out->body.len > 0 && out->body.p[--out->body.len] != '}')
        ;
    buf_adds(&out->body, ",\"event\":");
    buf_adds(&out->body, d->record);
    buf_adds(&out->body, "}\n");
}

void decisions_make(struct routes_context *c, const struct request *r, struct reply *out)
{
    struct decided d;
    json_error_t error;
    json_t *ask = json_loadb(r->body ? r->body : "", r->body_length, 0, &error);
    if (!json_is_object(ask)) {
        reply_problem(out, 400, "body: expected a JSON object; %s",
                      ask ? "it is not one" : error.text);
        json_decref(ask);
        return;
    }
    if (r->user) /* a client cannot claim to be somebody else */
        json_object_set_new(ask, "who", json_string(r->user));
    decide(c->ingest, ask, wall_clock(), &d);
    json_decref(ask);
    char location[64];
    switch (d.status) {
    case DECIDE_DONE:
        c->counts->decisions++;
        live_committed(c->live);
        out->status = 201;
        out->type = "application/json";
        snprintf(location, sizeof location, "/api/v1/decisions/%" PRIu64, d.number);
        reply_header(out, "Location", location);
        buf_adds(&out->body, d.record);
        break;
    case DECIDE_INVALID:
        reply_problem(out, 422, "%s", d.message);
        break;
    case DECIDE_NOT_FOUND:
        reply_problem(out, 404, "%s", d.message);
        break;
    case DECIDE_CONFLICT:
        conflict(out, &d);
        break;
    case DECIDE_FAILED:
        reply_problem(out, 503, "the store failed: %s", d.message);
        break;
    }
    free(d.record);
}
