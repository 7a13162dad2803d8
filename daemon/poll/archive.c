#include "poll/feed_state.h"

#include "base/mem.h"
#include "log.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So many are read of a feed that is new; each names the one before it. */
void archive_end(struct feed_state *f, const char *older, int error)
{
    enum { MOST = 10 };
    struct subscription *sub = f->sub;
    f->archive = false;
    sub->archives += !error;
    bool more = older && sub->archives < MOST && strcmp(older, sub->archive) != 0;
    char *next = more ? mem_str(older) : NULL;
    free(sub->archive);
    sub->archive = next;
    plan_queue(f);
    poll_keep(f, error);
}

static void give_up_archive(struct feed_state *f, const char *why)
{
    log_line(LOG_WARNINGS, "older articles of a feed cannot be read", LOG_T("feed", f->sub->url),
             LOG_T("archive", f->sub->archive), LOG_T("error", why));
    archive_end(f, NULL, 0);
}

void archive_done(struct feed_state *f, const struct fetch_answer *a)
{
    char status[32];
    if (!a->error && fetch_is_document(a->status) && f->intake) {
        intake_close(f->intake);
        document_in_turn(f);
        return;
    }
    snprintf(status, sizeof status, "HTTP %ld", a->status);
    document_drop(f);
    give_up_archive(f, a->error ? a->error : status);
}

void archive_begin(struct feed_state *f, enum feed_status status, struct feed *feed)
{
    if (status != FEED_OK) {
        give_up_archive(f, feed_strerror(status));
        return;
    }
    free(f->older);
    f->older = feed->prev_archive ? mem_str(feed->prev_archive) : NULL;
    document_begin(f, feed, wall_clock());
}
