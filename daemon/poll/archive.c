/* Fetches older documents of a new feed (RFC 5005, prev-archive), one after the other, before its
 * regular polls. */
#include "poll/archive.h"

#include "base/clock.h"
#include "base/mem.h"
#include "log.h"
#include "poll/apart_hooks.h"
#include "poll/feed_state.h"
#include "poll/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each document names the one before it; reads at most MOST of them. */
static void end_archive(struct feed_state *f, const char *older, int error)
{
    enum { MOST = 10 };
    struct feed_record *sub = f->sub;
    sub->archives += !error;
    bool more = older && sub->archives < MOST && strcmp(older, sub->archive) != 0;
    char *next = more ? mem_str(older) : NULL;
    free(sub->archive);
    sub->archive = next;
    if (f->poll->apart_fetcher)
        f->poll->apart_fetcher->polled(f->poll->apart_fetcher->arg, sub, NULL);
    plan_queue(f);
    poll_keep(f, error);
}

static void give_up_archive(struct feed_state *f, const char *why)
{
    log_line(LOG_WARNING, "archive_failed", "cannot read the feed's archive of older articles",
             LOG_T("feed", f->sub->url), LOG_T("archive", f->sub->archive), LOG_T("error", why));
    end_archive(f, NULL, 0);
}

void archive_done(void *arg, const struct fetch_answer *a)
{
    struct feed_state *f = arg;
    char status[32];
    poll_end_request(f);
    if (f->poll->broken)
        return;
    poll_wake(f->poll);
    if (!a->error && fetch_is_document(a->status) && f->intake) {
        document_close(f);
        return;
    }
    snprintf(status, sizeof status, "HTTP %ld", a->status);
    document_drop(f);
    give_up_archive(f, a->error ? a->error : status);
}

static void archive_began(struct feed_state *f, enum feed_status status, struct feed *feed,
                          struct intake_hashes hashes)
{
    (void)hashes;
    if (status != FEED_OK) {
        give_up_archive(f, feed_strerror(status));
        return;
    }
    free(f->older);
    f->older = feed->prev_archive ? mem_str(feed->prev_archive) : NULL;
    document_begin(f, feed, wall_clock());
}

static void archive_ended(struct feed_state *f, const struct ingest_counts *counts, int error)
{
    f->sub->articles += counts->articles;
    end_archive(f, f->older, error);
}

const struct delivery archive_delivery = {archive_began, archive_ended};
