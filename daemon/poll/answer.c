#include "poll/feed_state.h"

#include "base/mem.h"
#include "log.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void take_status(struct feed_state *f, const struct fetch_answer *a, int64_t now,
                        enum when_outcome *outcome)
{
    struct subscription *sub = f->sub;
    if (fetch_is_document(a->status) || document_is_part(a)) {
        document_take(f, a, now, outcome);
        return;
    }
    if (a->status == 304 && a->conditional) {
        if (a->header[FETCH_ETAG])
            subscription_set_bytes(&sub->etag, a->header[FETCH_ETAG]);
        if (a->header[FETCH_LAST_MODIFIED])
            subscription_set_bytes(&sub->last_modified, a->header[FETCH_LAST_MODIFIED]);
        sub->unchanged++;
        subscription_succeeded(sub, 0, now);
        *outcome = WHEN_UNCHANGED;
        return;
    }
    static const struct {
        long status;
        const char *message;
    } messages[] = {
        {226, "HTTP 226: a part of the feed in a form that was not asked for"},
        {304, "HTTP 304: \"as before\" to a request that named nothing before"},
        {401, "HTTP 401: the feed wants a login"},
        {403, "HTTP 403: the server refuses us"},
        {404, "HTTP 404: there is no feed at this address; look for its new one"},
        {410,
         "HTTP 410: the feed is gone for good; it is not asked any more; take it off the list"},
        {429, "HTTP 429: the server asks us to slow down"},
        {503, "HTTP 503: the server has too much to do"},
    };
    char text[64];
    snprintf(text, sizeof text, "HTTP %ld", a->status);
    const char *message = text;
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
        if (messages[i].status == a->status)
            message = messages[i].message;
    subscription_failed(sub, message);
    *outcome = a->status == 429 || a->status == 503 ? WHEN_BUSY : WHEN_FAILED;
}

/* Another feed may have come that has a better right to the publisher that this one speaks for. */
static int look_for_own(struct feed_state *f)
{
    struct subscription *sub = f->sub;
    const struct feed_origin origin = subscription_origin(sub);
    int error = ingest_look(f->poll->ingest, sub->number, &origin, &sub->speaker);
    if (sub->speaker.own && !f->told_of_own)
        log_line(LOG_WARNINGS,
                 "feed speaks for a publisher that another feed is the own of; it counts for that "
                 "publisher, and takes no article over. If that is wrong, give it an htmlUrl",
                 LOG_T("feed", sub->url), LOG_T("publisher", sub->speaker.domain),
                 LOG_N("own_feed", sub->speaker.own));
    f->told_of_own = sub->speaker.own != 0;
    return error;
}

/* The poll is over: what came of it is kept, and the next one planned. */
void answer_end(struct feed_state *f, enum when_outcome outcome, int error)
{
    struct poll *p = f->poll;
    struct subscription *sub = f->sub;
    if (sub->last_error)
        log_line(LOG_WARNINGS, "feed failed", LOG_T("feed", sub->url),
                 LOG_T("error", sub->last_error), LOG_N("in_a_row", sub->errors));
    plan_next(f, outcome);
    if (sub->status == 410) {
        sub->state = "gone";
        sub->next_poll = 0;
    }
    if (!error && (outcome == WHEN_NEW || outcome == WHEN_UNCHANGED)) {
        hub_ask(f);
        error = look_for_own(f);
        if (!error)
            error = move_settle(f);
    }
    plan_queue(f);
    if (!error && outcome == WHEN_BUSY)
        plan_spare_host(p, f->turn.host, sub->last_poll);
    poll_keep(f, error);
}

void answer_take(struct feed_state *f, const struct fetch_answer *a, int64_t now)
{
    struct poll *p = f->poll;
    struct subscription *sub = f->sub;
    enum when_outcome outcome = WHEN_FAILED;
    poll_end_request(f);
    if (p->broken)
        return;
    if (f->archive) {
        archive_done(f, a);
        poll_start_due(p);
        return;
    }
    sub->polls++;
    sub->last_poll = now;
    free(f->moved);
    f->moved = a->moved ? mem_str(a->moved) : NULL;
    free(f->link_hub);
    free(f->link_self);
    f->link_hub = websub_link(a->header[FETCH_LINK], "hub");
    f->link_self = websub_link(a->header[FETCH_LINK], "self");
    sub->status = (uint64_t)(a->status > 0 ? a->status : 0);
    f->facts = plan_facts(a, now);
    if (a->error && !(a->cut && f->intake)) {
        document_drop(f);
        subscription_failed(sub, a->error);
    } else if (fetch_is_document(a->status) && move_is_anothers(f, a->url)) {
        document_drop(f);
        subscription_succeeded(sub, 0, now);
        outcome = WHEN_UNCHANGED;
    } else {
        take_status(f, a, now, &outcome);
    }
    if (!f->intake)
        answer_end(f, outcome, 0);
    poll_start_due(p);
}

void answer_done(void *arg, const struct fetch_answer *a)
{
    answer_take(arg, a, wall_clock());
}
