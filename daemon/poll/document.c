#include "poll/feed_state.h"

#include "base/mem.h"
#include "base/url.h"
#include "log.h"
#include "base/clock.h"
#include "poll/poll.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    SLICE_MS = 3,
    SLICE_BYTES = 1 << 16,     /* read between two looks at the clock */
    SMALL_DOCUMENT = 1 << 20,  /* always let in */
    MAX_UNDER_WAY = 256 << 20, /* bytes of all longer documents together */
};

void document_in_turn(struct feed_state *f)
{
    struct poll *p = f->poll;
    const struct timeval at_once = {0, 0};
    if (f->in_turn)
        return;
    f->in_turn = true;
    f->behind_document = NULL;
    *p->last_document = f;
    p->last_document = &f->behind_document;
    evtimer_add(p->slice, &at_once);
}

static void leave_turn(struct feed_state *f)
{
    struct poll *p = f->poll;
    struct feed_state **at = &p->first_document;
    if (!f->in_turn)
        return;
    while (*at != f)
        at = &(*at)->behind_document;
    *at = f->behind_document;
    if (p->last_document == &f->behind_document)
        p->last_document = at;
    f->in_turn = false;
}

/* What came with a document: the record has it only with the document's items. */
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

static void keep_head(struct subscription *sub, struct arrival *from)
{
    move_text(&sub->etag, &from->etag);
    move_text(&sub->last_modified, &from->last_modified);
    move_text(&sub->coding, &from->coding);
    move_text(&sub->document_url, &from->url);
    if (from->whole)
        sub->document_time = sub->last_poll;
}

void document_free_head(struct arrival *head)
{
    free(head->etag);
    free(head->last_modified);
    free(head->coding);
    free(head->url);
    free(head->broke);
}

/* RFC 3229: the answer holds new entries alone. */
bool document_is_part(const struct fetch_answer *a)
{
    const char *im = a->header[FETCH_IM];
    return a->status == 226 && im && !strcasecmp(im, "feed");
}

/* A piece of an answer's body. The memory for all documents has a ceiling: short ones always fit.
 */
const char *document_take_piece(void *arg, const struct fetch_answer *head, const char *bytes,
                                size_t n)
{
    struct feed_state *f = arg;
    struct subscription *sub = f->sub;
    const struct intake_hashes last = {sub->head_hash,
                                       sub->errors || f->archive ? 0 : sub->body_hash};
    if (!fetch_is_document(head->status) && !document_is_part(head))
        return NULL;
    if (!f->intake)
        f->intake = intake_new(head->url, head->content_type, last);
    if (intake_length(f->intake) + n > SMALL_DOCUMENT) {
        if (f->poll->under_way + n > MAX_UNDER_WAY)
            return "too many long documents at once; it is asked for again later";
        f->poll->under_way += n;
        f->long_bytes += n;
    }
    intake_add(f->intake, bytes, n);
    document_in_turn(f);
    return NULL;
}

static void forget_length(struct feed_state *f)
{
    f->poll->under_way -= f->long_bytes;
    f->long_bytes = 0;
}

void document_drop(struct feed_state *f)
{
    leave_turn(f);
    intake_abandon(f->intake);
    f->intake = NULL;
    forget_length(f);
}

/* All of it is there; unless it is the last one again, what is left is read in turn. */
void document_take(struct feed_state *f, const struct fetch_answer *a, int64_t now,
                   enum when_outcome *outcome)
{
    struct subscription *sub = f->sub;
    if (!f->intake) {
        subscription_failed(sub, feed_strerror(FEED_EMPTY));
        return;
    }
    intake_close(f->intake);
    take_head(&f->arrival, a);
    if (!intake_unchanged(f->intake)) {
        document_in_turn(f);
        return;
    }
    document_drop(f);
    keep_head(sub, &f->arrival);
    sub->unchanged++;
    *outcome = WHEN_UNCHANGED;
    subscription_succeeded(sub, 0, now);
}

/* How often a feed says that it changes; sy:updateFrequency alone is times a day. */
static void take_rhythm(struct subscription *sub, const struct feed *feed)
{
    enum { DAY = 86400 };
    int period = feed->update_period ? feed->update_period : feed->update_frequency ? DAY : 0;
    sub->ttl = (uint64_t)feed->ttl * 60;
    sub->updates = (uint64_t)(period / (feed->update_frequency ? feed->update_frequency : 1));
    sub->skip_hours = feed->skip_hours;
    sub->skip_days = feed->skip_days;
}

void document_begin(struct feed_state *f, struct feed *feed, int64_t now)
{
    struct subscription *sub = f->sub;
    const struct feed_origin origin = subscription_origin(sub);
    f->document = ingest_begin(f->poll->ingest, sub->number, &origin, &sub->speaker, feed, now);
}

/* The document is read: it is a feed with items to take, or none. */
static void end_intake(struct feed_state *f)
{
    struct subscription *sub = f->sub;
    struct feed *feed;
    const struct intake_hashes hashes = intake_hashes(f->intake);
    enum feed_status status = intake_end(f->intake, &feed);
    f->intake = NULL;
    forget_length(f);
    if (f->archive) {
        archive_begin(f, status, feed);
        return;
    }
    if (f->pushed) {
        hub_begin_push(f, status, feed);
        return;
    }
    bool whole = status == FEED_OK && !(f->arrival.broke && feed->malformed);
    if (!whole) {
        feed_free(feed);
        subscription_failed(sub, f->arrival.broke ? f->arrival.broke : feed_strerror(status));
        answer_end(f, WHEN_FAILED, 0);
        return;
    }
    if (f->arrival.cut && feed->malformed) {
        log_line(LOG_WARNINGS, "a feed breaks off; what is whole of it is taken",
                 LOG_T("feed", sub->url));
        if (feed->n_items)
            feed_drop_last(feed);
    }
    if (feed->dropped)
        log_line(LOG_WARNINGS, "feed is too long", LOG_T("feed", sub->url),
                 LOG_N("left_out", feed->dropped));
    if (!sub->document_time && feed->prev_archive)
        sub->archive = mem_str(feed->prev_archive);
    sub->body_hash = f->arrival.cut ? 0 : hashes.all; /* stored with the last of the items only */
    sub->head_hash = f->arrival.cut ? 0 : hashes.head;
    keep_head(sub, &f->arrival);
    take_rhythm(sub, feed);
    hub_take(f, feed);
    if (!sub->title)
        subscription_set(&sub->title, feed->title);
    subscription_set(&sub->site, feed->link);
    document_begin(f, feed, sub->last_poll);
}

static void end_document(struct feed_state *f, int error)
{
    struct subscription *sub = f->sub;
    struct ingest_counts counts = ingest_end(f->document);
    f->document = NULL;
    if (f->pushed) {
        hub_end_push(f, counts.articles, error);
        return;
    }
    if (f->archive) {
        sub->articles += counts.articles;
        archive_end(f, f->older, error);
        return;
    }
    subscription_succeeded(sub, counts.articles, sub->last_poll);
    log_line(LOG_DEBUGS, "read", LOG_T("feed", sub->url), LOG_N("new", counts.articles),
             LOG_N("known", counts.known), LOG_N("edited", counts.updated));
    answer_end(f, counts.articles || counts.updated ? WHEN_NEW : WHEN_UNCHANGED, error);
}

/* Reads or takes of one feed's document until the time is up. True when there is more to do. */
static bool work(struct feed_state *f, int64_t until, int *error)
{
    bool more = true;
    while (more && f->intake && monotonic_ms() < until) {
        more = intake_read(f->intake, SLICE_BYTES);
        if (!more && !f->fetch) {
            end_intake(f);
            more = f->document != NULL;
        }
    }
    while (more && f->document && !*error && monotonic_ms() < until)
        *error = ingest_next(f->document, &more);
    if (f->document && (!more || *error)) {
        end_document(f, *error);
        return false;
    }
    return more;
}

/* The first in line has its turn; then the loop has its own, and the document goes behind the
 * others: a long one keeps no short one waiting. */
void document_slice(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct poll *p = arg;
    struct feed_state *f = p->first_document;
    const struct timeval at_once = {0, 0};
    int error = 0;
    if (!f || p->broken || ingest_is_committing(p->ingest))
        return;
    leave_turn(f);
    if (work(f, monotonic_ms() + SLICE_MS, &error)) {
        document_in_turn(f);
        if (f->document)
            p->wrote(p->wrote_arg, 0);
    }
    if (p->first_document)
        evtimer_add(p->slice, &at_once);
    poll_start_due(p);
}

void poll_go_on(struct poll *p)
{
    const struct timeval at_once = {0, 0};
    if (p->first_document)
        evtimer_add(p->slice, &at_once);
}
