/* Receives feed documents, parses them and ingests their items, in slices of a few milliseconds
 * that documents take in turns. */
#include "poll/document.h"

#include "base/clock.h"
#include "poll/apart_hooks.h"
#include "poll/feed_state.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    SLICE_MS = 3,
    SLICE_BYTES = 1 << 16,     /* parsed between two checks of the clock */
    SMALL_DOCUMENT = 1 << 20,  /* bytes; always accepted */
    MAX_UNDER_WAY = 256 << 20, /* bytes, all longer documents together */
};

static void enter_turn(struct feed_state *f)
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

bool document_is_part(const struct fetch_answer *a)
{
    const char *im = a->header[FETCH_IM];
    return a->status == 226 && im && !strcasecmp(im, "feed");
}

const char *document_take_piece(void *arg, const struct fetch_answer *head, const char *bytes,
                                size_t n)
{
    struct feed_state *f = arg;
    if (!fetch_is_document(head->status) && !document_is_part(head))
        return NULL;
    if (!f->intake)
        f->intake = intake_new(head->url, head->content_type, f->last);
    if (intake_length(f->intake) + n > SMALL_DOCUMENT) {
        if (f->poll->under_way + n > MAX_UNDER_WAY)
            return "too many long documents at once; will be retried later";
        f->poll->under_way += n;
        f->long_bytes += n;
    }
    intake_add(f->intake, bytes, n);
    enter_turn(f);
    return NULL;
}

static void forget_intake(struct feed_state *f)
{
    f->intake = NULL;
    f->poll->under_way -= f->long_bytes;
    f->long_bytes = 0;
    f->parsing = 0;
}

void document_drop(struct feed_state *f)
{
    leave_turn(f);
    intake_abandon(f->intake);
    forget_intake(f);
}

void document_close(struct feed_state *f)
{
    intake_close(f->intake);
    enter_turn(f);
}

bool document_is_under_way(const struct feed_state *f)
{
    return f->intake || f->document;
}

/* Another process ingests it. */
static void hand_on(struct feed_state *f, struct feed *feed)
{
    const struct apart_fetcher *to = f->poll->apart_fetcher;
    struct ingest_counts counts = {0};
    int error = to->read(to->arg, f->sub, feed, &counts);
    feed_free(feed);
    f->delivery->ended(f, &counts, error);
}

void document_begin(struct feed_state *f, struct feed *feed, int64_t now)
{
    struct feed_record *sub = f->sub;
    if (f->poll->apart_fetcher) {
        hand_on(f, feed);
        return;
    }
    const struct feed_origin origin = subscription_origin(sub);
    f->document = ingest_begin(f->poll->ingest, sub->number, &origin, &sub->speaker, feed, now);
}

void document_take(struct feed_state *f, struct feed *feed, int64_t now)
{
    document_begin(f, feed, now);
    enter_turn(f);
}

static void end_intake(struct feed_state *f)
{
    struct feed *feed;
    const struct intake_hashes hashes = intake_hashes(f->intake);
    enum feed_status status = intake_end(f->intake, &feed);
    histogram_add(&f->poll->counts.parses, f->parsing);
    forget_intake(f);
    f->delivery->began(f, status, feed, hashes);
}

static void end_document(struct feed_state *f, int error)
{
    const struct ingest_counts counts = ingest_end(f->document);
    f->document = NULL;
    f->delivery->ended(f, &counts, error);
}

/* Parses and ingests one feed's document until `until`. Returns true if there is more to do. */
static bool work_on_feed(struct feed_state *f, int64_t until, int *error)
{
    bool more = true;
    while (more && f->intake && monotonic_ms() < until) {
        const int64_t began = monotonic_us();
        more = intake_read(f->intake, SLICE_BYTES);
        f->parsing += monotonic_us() - began;
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

/* Processes a slice of the first document, then requeues it behind the others, so that a long
 * document does not delay short ones, and returns to the event loop. */
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
    if (work_on_feed(f, monotonic_ms() + SLICE_MS, &error)) {
        enter_turn(f);
        if (f->document)
            p->wrote(p->wrote_arg, 0);
    }
    if (p->first_document)
        evtimer_add(p->slice, &at_once);
    poll_wake(p);
}
