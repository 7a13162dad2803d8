/* Permanent redirects: decides when a feed adopts a new address, and merges feeds that meet at one
 * address. */
#include "poll/move.h"

#include "base/mem.h"
#include "log.h"
#include "poll/feed_state.h"

#include <stdlib.h>
#include <string.h>

/* Whether a redirect leads to the address of another listed feed. Only that feed's items are used
 * then. */
bool move_is_anothers(const struct feed_state *f, const char *url)
{
    uint64_t number = 0;
    if (!strcmp(url, f->sub->url))
        return false;
    return !subscription_number(ingest_store(f->poll->ingest), url, &number) && number &&
           number != f->sub->number && map_get(&f->poll->by_number, number);
}

static int move_feed(struct feed_state *f)
{
    struct poll *p = f->poll;
    struct feed_record *sub = f->sub;
    struct store *s = ingest_store(p->ingest);
    uint64_t other;
    int error = subscription_number(s, f->moved, &other);
    if (error)
        return error;
    log_line(LOG_INFO, "feed_moved", "feed moved", LOG_T("feed", sub->url), LOG_T("to", f->moved));
    if (move_is_anothers(f, f->moved))
        return subscription_merge(s, sub, other);
    error = subscription_move(s, sub, f->moved);
    hosts_leave(f->turn.host);
    f->turn.host = hosts_find(p->hosts, sub->url);
    sub->moved_since = 0;
    sub->moved_polls = 0;
    subscription_set(&sub->moved_to, NULL);
    return error;
}

/* Adopts a new address only if the server confirms it over several days, since a misconfiguration
 * may redirect too. */
int move_settle(struct feed_state *f)
{
    struct feed_record *sub = f->sub;
    bool same = f->moved && sub->moved_to && !strcmp(f->moved, sub->moved_to);
    if (!same) {
        free(sub->moved_to);
        sub->moved_to = f->moved ? mem_str(f->moved) : NULL;
        sub->moved_since = f->moved ? sub->last_poll : 0;
        sub->moved_polls = f->moved ? 1 : 0;
        return 0;
    }
    sub->moved_polls++;
    return when_moves(sub->moved_since, sub->moved_polls, sub->last_poll) ? move_feed(f) : 0;
}
