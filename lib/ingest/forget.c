/* Removes the text of articles on request; see forget.h. Called by api/removal.c and, for the
 * steps, by storyd.c. */
#define _GNU_SOURCE /* memmem */
#include "ingest/forget.h"

#include "cluster/engine.h"
#include "digest/digest.h"
#include "ingest/apply.h"
#include "ingest/batch.h"
#include "ingest/ingest.h"
#include "ingest/ingest_state.h"
#include "ingest/says.h"
#include "store/full_text.h"
#include "store/generated.h"
#include "store/page_outcome.h"

#include "text/title_faults.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- one article ----------------------------------------------------------------------------- */

/* Not requested again. */
static int forget_page(struct ingest *in, uint64_t article, int64_t now)
{
    struct page_record page;
    int error = batch_page(in->store, article, &page);
    if (!error) {
        codec_set_string(&page.state, page_outcome_state(PAGE_FORGOTTEN_OUTCOME));
        codec_set_text(&page.why, page_outcome_why(PAGE_FORGOTTEN_OUTCOME));
        page.done = now;
        error = batch_put_page(in->store, &page);
    }
    codec_free(&page_record_table, &page);
    if (!error || error == STORE_NOT_FOUND)
        error = full_text_drop(in->store, article);
    return error;
}

/* In the window, the article goes on as its title alone. */
static int forget_in_engine(struct ingest *in, struct article_record *a)
{
    const struct engine_article what = {.title = a->title,
                                        .lang = codec_text(a->lang),
                                        .publisher = article_first_domain(&a->source),
                                        .agency = a->agency,
                                        .title_faults = headline_faults(a->title),
                                        .published = a->published};
    const struct engine_change *changes;
    if (!engine_edit(in->engine, a->number, &what))
        return 0;
    size_t n = engine_changes(in->engine, &changes);
    int error = apply_changes(in, changes, n, a);
    return error ? error : apply_pack_again(in, a->number, a->event);
}

/* What the event says is made anew of what its other articles say, even if some were deleted. */
static int forget_in_event(struct ingest *in, const struct article_record *a, int64_t now)
{
    struct event_record *event;
    digester_forget(in->digester, a->number);
    int error = batch_event(in, a->event, &event);
    if (error)
        return error;
    generated_uncite(event, a->number);
    error = event->articles_deleted ? says_refresh(in->digester, in->store, event, NULL, NULL)
                                    : apply_refresh(in, event);
    if (!error)
        error = batch_log_at(in, now, "updated", a->event,
                             &(struct change_record){.article = a->number});
    return error ? error : batch_touch(in, event);
}

int forget_article(struct ingest *in, uint64_t number, int64_t now, uint64_t *event)
{
    struct article_record a;
    int error = ingest_commit_end(in);
    *event = 0;
    if (!error)
        error = batch_article(in->store, number, &a);
    if (error)
        return error;
    int64_t clock = engine_clock(in->engine); /* times of changes never decrease */
    now = now < clock ? clock : now;
    *event = a.event;
    if (!a.forgotten) {
        article_record_forget(&a, now);
        error = forget_page(in, number, now);
        if (!error)
            error = forget_in_engine(in, &a);
        *event = a.event;
        if (!error)
            error = batch_put_article(in->store, &a);
        if (!error)
            error = forget_in_event(in, &a, now);
    }
    codec_free(&article_table, &a);
    return error;
}

/* ---- all of a feed --------------------------------------------------------------------------- */

int forget_feed(struct ingest *in, uint64_t feed)
{
    struct store_value v;
    int error = ingest_commit_end(in);
    if (!error)
        error = store_get_u64(in->store, STORE_FEEDS, feed, &v);
    if (!error && store_number(in->store, "forget_feed"))
        error = STORE_BUSY;
    if (!error)
        error = store_set_number(in->store, "forget_feed", feed);
    if (!error)
        error = store_set_number(in->store, "forget_to", in->articles);
    return error ? error : store_set_number(in->store, "forget_from", 1);
}

struct feed_search {
    char mark[32]; /* records are compact: a field of the feed's number */
    size_t n;
    uint64_t next, found;
    int left;
};

static int search_feed(void *arg, uint64_t number, struct store_value v)
{
    struct feed_search *s = arg;
    if (s->left-- == 0)
        return STORE_NOT_FOUND; /* ends the walk */
    s->next = number + 1;
    s->found = memmem(v.p, v.n, s->mark, s->n) ? number : 0;
    return s->found ? STORE_NOT_FOUND : 0;
}

/* The mark may also be that of a feed that carries the article of another. */
static int forget_if_of(struct ingest *in, uint64_t number, uint64_t feed, int64_t now)
{
    struct article_record a;
    uint64_t event;
    int error = batch_article(in->store, number, &a);
    bool of = !error && a.feed == feed;
    codec_free(&article_table, &a);
    return of ? forget_article(in, number, now, &event) : error;
}

int forget_step(struct ingest *in, int64_t now, bool *more)
{
    enum { MOST = 500 }; /* articles that are looked at in one step */
    int error = ingest_commit_end(in);
    uint64_t feed = error ? 0 : store_number(in->store, "forget_feed");
    *more = feed != 0;
    if (!feed)
        return error;
    uint64_t last = store_number(in->store, "forget_to");
    struct feed_search s = {.next = last + 1, .left = MOST};
    s.n = (size_t)snprintf(s.mark, sizeof s.mark, "\"feed\":%" PRIu64 ",", feed);
    error = store_each(in->store, STORE_ARTICLES, store_number(in->store, "forget_from"),
                       search_feed, &s);
    if (!error && s.found && s.found <= last)
        error = forget_if_of(in, s.found, feed, now);
    if (!error)
        error = store_set_number(in->store, "forget_from", s.next);
    if (!error && s.next > last)
        error = store_set_number(in->store, "forget_feed", 0);
    return error;
}
