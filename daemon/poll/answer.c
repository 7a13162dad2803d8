/* Processes the response to a poll: the status, then the document or an error, and at the end the
 * plan for the next poll. */
#include "poll/answer.h"

#include "base/clock.h"
#include "base/mem.h"
#include "log.h"
#include "poll/apart_hooks.h"
#include "poll/feed_state.h"
#include "poll/hub.h"
#include "poll/move.h"
#include "poll/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Remembers the response headers; keep_head() stores them together with the document's items. */
static void take_head(struct arrival *to, const struct fetch_answer *a)
{
    to->cut = a->cut;
    free(to->broke);
    to->broke = a->cut && a->error ? mem_str(a->error) : NULL;
    subscription_set_bytes(&to->etag, a->cut ? NULL : a->header[FETCH_ETAG]);
    subscription_set_bytes(&to->last_modified, a->cut ? NULL : a->header[FETCH_LAST_MODIFIED]);
    subscription_set(&to->coding, a->header[FETCH_CODING]);
    free(to->url);
    to->url = mem_str(a->url);
    to->whole = fetch_is_document(a->status);
}

static void move_text(char **to, char **from)
{
    free(*to);
    *to = *from;
    *from = NULL;
}

static void keep_head(struct feed_record *sub, struct arrival *from)
{
    move_text(&sub->etag, &from->etag);
    move_text(&sub->last_modified, &from->last_modified);
    move_text(&sub->coding, &from->coding);
    move_text(&sub->document_url, &from->url);
    if (from->whole)
        sub->document_time = sub->last_poll;
}

/* The document is complete. Unless it is unchanged, the rest is parsed in turn. */
static void take_poll_document(struct feed_state *f, const struct fetch_answer *a, int64_t now,
                               enum when_outcome *outcome)
{
    struct feed_record *sub = f->sub;
    if (!f->intake) {
        subscription_failed(sub, feed_strerror(FEED_EMPTY));
        return;
    }
    document_close(f);
    take_head(&f->arrival, a);
    if (!intake_unchanged(f->intake))
        return;
    document_drop(f);
    keep_head(sub, &f->arrival);
    sub->unchanged++;
    *outcome = WHEN_UNCHANGED;
    subscription_succeeded(sub, 0, now);
}

const char *answer_status_text(long status, char text[ANSWER_TEXT])
{
    static const struct {
        long status;
        const char *message;
    } messages[] = {
        {226, "HTTP 226: a delta in a format that was not requested"},
        {304, "HTTP 304: \"not modified\" in response to an unconditional request"},
        {401, "HTTP 401: the feed requires a login"},
        {403, "HTTP 403: the server denies access"},
        {404, "HTTP 404: no feed at this address; look for a new address"},
        {410, "HTTP 410: the feed is gone and is no longer polled; remove it from the list"},
        {429, "HTTP 429: too many requests"},
        {503, "HTTP 503: the server is overloaded"},
    };
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
        if (messages[i].status == status)
            return messages[i].message;
    snprintf(text, ANSWER_TEXT, "HTTP %ld", status);
    return text;
}

static void take_status(struct feed_state *f, const struct fetch_answer *a, int64_t now,
                        enum when_outcome *outcome)
{
    struct feed_record *sub = f->sub;
    if (fetch_is_document(a->status) || document_is_part(a)) {
        take_poll_document(f, a, now, outcome);
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
    char text[ANSWER_TEXT];
    subscription_failed(sub, answer_status_text(a->status, text));
    *outcome = a->status == 429 || a->status == 503 ? WHEN_BUSY : WHEN_FAILED;
}

/* A newer feed may have a better claim to the publisher that this feed speaks for. */
int answer_look_for_own(struct feed_state *f)
{
    struct feed_record *sub = f->sub;
    const struct feed_origin origin = subscription_origin(sub);
    int error = ingest_look(f->poll->ingest, sub->number, &origin, &sub->speaker);
    if (sub->speaker.own && !f->told_of_own)
        log_line(LOG_WARNING, "feed_speaks_for_other",
                 "feed speaks for a publisher that has its own feed; its articles count for that "
                 "publisher, but it takes over no articles. If that is wrong, set htmlUrl in the "
                 "feed list",
                 LOG_T("feed", sub->url), LOG_T("publisher", sub->speaker.domain),
                 LOG_N("own_feed", sub->speaker.own));
    f->told_of_own = sub->speaker.own != 0;
    return error;
}

/* Ends a poll: stores the outcome and plans the next one. */
static void end_poll(struct feed_state *f, enum when_outcome outcome, int error)
{
    struct poll *p = f->poll;
    struct feed_record *sub = f->sub;
    p->counts.polls[outcome]++;
    if (sub->last_error)
        log_line(LOG_WARNING, "feed_failed", "feed failed", LOG_T("feed", sub->url),
                 LOG_T("error", sub->last_error), LOG_N("in_a_row", sub->errors));
    plan_next(f, outcome);
    if (sub->status == 410)
        subscription_become(sub, SUBSCRIPTION_GONE);
    if (p->apart_fetcher) {
        p->apart_fetcher->polled(p->apart_fetcher->arg, sub, f->moved);
    } else if (!error && (outcome == WHEN_NEW || outcome == WHEN_UNCHANGED)) {
        hub_ask(f);
        error = answer_look_for_own(f);
        if (!error)
            error = move_settle(f);
    }
    plan_queue(f);
    if (!error && outcome == WHEN_BUSY)
        plan_spare_host(p, f->turn.host, sub->last_poll);
    poll_keep(f, error);
}

/* The update interval that the feed declares; the default of sy:updatePeriod is daily. */
static void take_rhythm(struct feed_record *sub, const struct feed *feed)
{
    enum { DAY = 86400 };
    int period = feed->update_period ? feed->update_period : feed->update_frequency ? DAY : 0;
    sub->ttl = (uint64_t)feed->ttl * 60;
    sub->updates = (uint64_t)(period / (feed->update_frequency ? feed->update_frequency : 1));
    sub->skip_hours = feed->skip_hours;
    sub->skip_days = feed->skip_days;
}

/* The document was read: it is a feed with items to ingest, or none. */
static void poll_began(struct feed_state *f, enum feed_status status, struct feed *feed,
                       struct intake_hashes hashes)
{
    struct feed_record *sub = f->sub;
    bool whole = status == FEED_OK && !(f->arrival.broke && feed->malformed);
    if (!whole) {
        feed_free(feed);
        subscription_failed(sub, f->arrival.broke ? f->arrival.broke : feed_strerror(status));
        end_poll(f, WHEN_FAILED, 0);
        return;
    }
    if (f->arrival.cut && feed->malformed) {
        log_line(LOG_WARNING, "feed_truncated",
                 "feed document is truncated; its complete items are used",
                 LOG_T("feed", sub->url));
        if (feed->n_items)
            feed_drop_last(feed);
    }
    if (feed->dropped)
        log_line(LOG_WARNING, "feed_too_long", "feed has too many items", LOG_T("feed", sub->url),
                 LOG_N("left_out", feed->dropped));
    if (!sub->document_time && feed->prev_archive)
        sub->archive = mem_str(feed->prev_archive);
    sub->body_hash =
        f->arrival.cut ? 0 : hashes.all; /* stored only after the last item (poll_save()) */
    sub->head_hash = f->arrival.cut ? 0 : hashes.head;
    keep_head(sub, &f->arrival);
    take_rhythm(sub, feed);
    hub_take(f, feed);
    if (!sub->title)
        subscription_set(&sub->title, feed->title);
    subscription_set(&sub->site, feed->link);
    document_begin(f, feed, sub->last_poll);
}

static void poll_ended(struct feed_state *f, const struct ingest_counts *counts, int error)
{
    struct feed_record *sub = f->sub;
    subscription_succeeded(sub, counts->articles, sub->last_poll);
    log_line(LOG_DEBUG, "feed_read", "read", LOG_T("feed", sub->url),
             LOG_N("new", counts->articles), LOG_N("known", counts->known),
             LOG_N("edited", counts->updated));
    end_poll(f, counts->articles || counts->updated ? WHEN_NEW : WHEN_UNCHANGED, error);
}

const struct delivery answer_delivery = {poll_began, poll_ended};

void answer_take(struct feed_state *f, const struct fetch_answer *a, int64_t now)
{
    struct poll *p = f->poll;
    struct feed_record *sub = f->sub;
    enum when_outcome outcome = WHEN_FAILED;
    poll_end_request(f);
    if (p->broken)
        return;
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
        end_poll(f, outcome, 0);
    poll_wake(p);
}

void answer_done(void *arg, const struct fetch_answer *a)
{
    struct feed_state *f = arg;
    histogram_add(&f->poll->counts.requests, monotonic_us() - f->asked);
    answer_take(f, a, wall_clock());
}
