/* Both sides of polling apart from ingesting; see apart.h. */
#include "poll/apart.h"

#include "base/clock.h"
#include "base/mem.h"
#include "poll/answer.h"
#include "poll/document.h"
#include "poll/feed_list.h"
#include "poll/feed_state.h"
#include "poll/move.h"
#include "poll/plan.h"
#include "poll/poll.h"

#include <stdlib.h>
#include <string.h>

/* What a poll changes in a record, except what only the engine knows. */
static const char *const polled_fields[] = {
    "etag",      "last_modified", "document_url", "coding",    "document_time", "body_hash",
    "head_hash", "archive",       "archives",     "ttl",       "updates",       "skip_hours",
    "skip_days", "last_poll",     "next_poll",    "because",   "waits",         "status",
    "errors",    "last_error",    "polls",        "unchanged", "site",
};
/* What the list, or the engine, says of a feed. */
static const char *const listed_fields[] = {"url",  "listed", "title",     "group",
                                            "home", "lang",   "attributes"};
enum {
    N_POLLED = sizeof polled_fields / sizeof *polled_fields,
    N_LISTED = sizeof listed_fields / sizeof *listed_fields
};

static void copy_fields(struct feed_record *to, const json_t *from, const char *const *names,
                        size_t n)
{
    for (size_t i = 0; i < n; i++)
        codec_set(&feed_table, to, names[i], json_object_get(from, names[i]));
}

/* ---- the process that polls ----------------------------------------------------------------- */

void apart_fetch(struct poll *p, const struct apart_fetcher *client)
{
    p->apart_fetcher = client;
}

static void take_login(struct feed_state *f, const char *login)
{
    free(f->login);
    f->login = login ? mem_str(login) : NULL;
}

static void relist(struct feed_state *f, struct feed_record *sub)
{
    json_t *listed = codec_write(&feed_table, sub);
    bool moves = strcmp(sub->url, f->sub->url) != 0;
    copy_fields(f->sub, listed, listed_fields, N_LISTED);
    json_decref(listed);
    subscription_free(sub);
    if (!moves || f->fetch)
        return; /* the host changes with the next adoption */
    hosts_end(f->poll->hosts, &f->turn);
    hosts_leave(f->turn.host);
    f->turn.host = hosts_find(f->poll->hosts, f->sub->url);
    f->awaited = false;
    plan_queue(f);
}

void apart_adopt(struct poll *p, struct feed_record *sub, const char *login)
{
    struct feed_state *f = map_get(&p->by_number, sub->number);
    if (f) {
        take_login(f, login);
        relist(f, sub);
        return;
    }
    f = mem_zero(sizeof *f);
    f->poll = p;
    f->sub = sub;
    take_login(f, login);
    f->turn = (struct hosts_entry){.host = hosts_find(p->hosts, sub->url), .ask = p->ask};
    f->entry.order = sub->number;
    MEM_GROW(p->feeds, p->n, p->cap);
    p->feeds[p->n++] = f;
    map_put(&p->by_number, sub->number, f);
    if (subscription_is_polled(sub))
        plan_queue(f);
    poll_wake(p);
}

bool apart_has(const struct poll *p, uint64_t feed)
{
    return map_get(&p->by_number, feed) != NULL;
}

static bool is_not(void *arg, const struct feed_record *sub)
{
    return sub->number != *(const uint64_t *)arg;
}

void apart_release(struct poll *p, uint64_t feed)
{
    if (map_get(&p->by_number, feed))
        apart_keep(p, is_not, &feed);
}

void apart_keep(struct poll *p, bool (*stays)(void *arg, const struct feed_record *sub), void *arg)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (stays(arg, p->feeds[i]->sub))
            p->feeds[kept++] = p->feeds[i];
        else
            list_drop_feed(p, p->feeds[i]);
    }
    p->n = kept;
}

void apart_grant(struct poll *p, uint64_t feed, bool yes, int64_t next)
{
    struct feed_state *f = map_get(&p->by_number, feed);
    if (!f || !f->awaited)
        return;
    f->awaited = false;
    if (yes) {
        f->granted = true;
        p->ask(&f->turn);
        return;
    }
    poll_end_request(f);
    f->sub->next_poll = next;
    plan_queue(f);
    poll_wake(p);
}

void apart_pause(struct poll *p, bool pause)
{
    p->paused = pause;
    if (!pause)
        poll_wake(p);
}

/* ---- the process that ingests --------------------------------------------------------------- */

void apart_engine(struct poll *p, const struct apart_engine *client)
{
    p->apart_engine = client;
    p->paused = true;
}

void apart_announce(struct poll *p)
{
    for (size_t i = 0; i < p->n; i++)
        p->apart_engine->saved(p->apart_engine->arg, p->feeds[i]->sub, p->feeds[i]->login);
}

static void take_state(struct feed_record *sub, const json_t *record)
{
    static const enum subscription_state states[] = {SUBSCRIPTION_OK, SUBSCRIPTION_ERROR,
                                                     SUBSCRIPTION_GONE};
    const char *name = json_string_value(json_object_get(record, "state"));
    for (size_t i = 0; name && i < sizeof states / sizeof *states; i++)
        if (!strcmp(name, subscription_state_name(states[i])) && subscription_is_polled(sub))
            subscription_become(sub, states[i]);
}

/* The end of a poll that needs the store. */
static void settle(struct feed_state *f, const struct ingest_counts *counts, int error)
{
    struct feed_record *sub = f->sub;
    if (counts) {
        sub->articles += counts->articles;
        if (counts->articles)
            sub->last_new = sub->last_poll;
    }
    if (!error && subscription_state(sub) == SUBSCRIPTION_OK) {
        error = answer_look_for_own(f);
        if (!error)
            error = move_settle(f);
    }
    poll_keep(f, error);
}

static void arrived(struct feed_state *f, const struct ingest_counts *counts, int error)
{
    const struct apart_engine *client = f->poll->apart_engine;
    uint64_t feed = f->sub->number;
    if (counts->missing) { /* the fetcher believes that we have what we do not */
        subscription_set(&f->sub->etag, NULL);
        subscription_set(&f->sub->last_modified, NULL);
        f->sub->body_hash = f->sub->head_hash = 0;
    }
    settle(f, counts, error);
    client->ended(client->arg, feed, counts, error);
}

static const struct delivery arriving = {.began = NULL, .ended = arrived};

bool apart_arrive(struct poll *p, uint64_t feed, const json_t *record, const char *moved,
                  struct feed *document)
{
    struct feed_state *f = map_get(&p->by_number, feed);
    if (!f || f->document) {
        feed_free(document); /* not listed any more */
        return false;
    }
    copy_fields(f->sub, record, polled_fields, N_POLLED);
    take_state(f->sub, record);
    free(f->moved);
    f->moved = moved ? mem_str(moved) : NULL;
    if (!document) {
        settle(f, NULL, 0);
        return false;
    }
    if (!f->sub->title)
        subscription_set(&f->sub->title, document->title);
    f->delivery = &arriving;
    document_take(f, document, f->sub->last_poll);
    return true;
}

void apart_relay_by(struct poll *p, const struct apart_relay *relay)
{
    p->apart_relay = relay;
}
