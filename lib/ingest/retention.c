/* Deletes records that are older than the operator wants to keep them; see retention.h. Called by
 * the daemon between batches, and by storyctl replay. Each kind of record is a job of its own; a
 * job walks through a database and remembers its place. */
#include "ingest/retention.h"

#include "base/mem.h"
#include "digest/digest.h"
#include "ingest/batch.h"
#include "ingest/held.h"
#include "ingest/ingest.h"
#include "ingest/ingest_state.h"
#include "ingest/recall.h"
#include "store/full_text.h"
#include "store/reading.h"

#include <stdlib.h>
#include <string.h>

enum {
    HOUR = 3600,
    DAY = 24 * HOUR,
    SOON = 600,  /* until a job that reached its limit continues */
    MOST = 2000, /* entries of an index that are looked at in one step */
    FEEDS = 50,  /* the same for the feeds' last documents */
};

enum {
    CHANGES,
    ARTICLES,
    POSTS,
    EVENTS,
    TOMBSTONES,
    ITEMS,
    POST_ITEMS,
    EARLIER,
    ALERTS,
    READING,
    JOBS
};

struct retention {
    struct retention_policy policy;
    struct retention_counts counts;
    void (*deleted_event)(void *, uint64_t), (*deleted_article)(void *, uint64_t);
    void *deleted_arg;
    int64_t due[JOBS];
    /* the job at work; JOBS: none */
    size_t job;
    int64_t now, limit; /* nothing from `limit` on is deleted in this turn; 0: not known yet */
    uint64_t next;      /* number */
    struct store_place place; /* the same, for walks */
    bool listing;             /* ITEMS: the feeds' documents are being read */
    struct map listed;        /* guids and addresses in them */
};

/* ---- deleting -------------------------------------------------------------------------------- */

static int drop_number(struct ingest *in, enum store_db db, uint64_t number)
{
    int error = store_delete_u64(in->store, db, number);
    return error == STORE_NOT_FOUND ? 0 : error;
}

static bool stays(const struct ingest *in, uint64_t event)
{
    return held_is(in, event) || engine_has_event(in->engine, event);
}

/* From this number on, no record was deleted. */
static int all_from(struct ingest *in, const char *name, uint64_t number)
{
    return store_number(in->store, name) < number ? store_set_number(in->store, name, number) : 0;
}

/* Such a record ends the turn: of an age to be kept, or a day younger than the first deleted one.
 */
static bool is_too_young(struct retention *r, int64_t time, int64_t keep)
{
    return time >= r->now - keep || (r->limit && time >= r->limit);
}

static void will_delete(struct retention *r, int64_t time)
{
    if (!r->limit)
        r->limit = time + DAY;
}

/* The next record of a database, from r->next on; number 0 behind the last. The caller frees it. */
struct next_record {
    uint64_t number;
    const struct codec_table *table;
    void *out;
};

static int take_record(void *arg, uint64_t number, struct store_value v)
{
    struct next_record *n = arg;
    n->number = number;
    return codec_load(n->table, v.p, v.n, n->out) ? STORE_NOT_FOUND : STORE_CORRUPT;
}

static int next_record(struct ingest *in, enum store_db db, const struct codec_table *table,
                       uint64_t *number, void *out)
{
    struct next_record n = {0, table, out};
    memset(out, 0, table->size);
    int error = store_each(in->store, db, in->retention->next, take_record, &n);
    in->retention->next = n.number + 1;
    *number = n.number;
    return error;
}

/* ---- changes --------------------------------------------------------------------------------- */

static int delete_change(struct ingest *in, uint64_t seq, const struct change_record *change)
{
    const uint64_t events[] = {change->event, change->from, change->into};
    int error = store_delete_u64(in->store, STORE_CHANGES, seq);
    for (size_t i = 0; !error && i < sizeof events / sizeof *events; i++)
        error = events[i] ? store_unremember(in->store, events[i], seq) : 0;
    in->retention->counts.changes++;
    return error ? error : all_from(in, "changes_from", seq + 1);
}

/* The last change stays, because readers take its number for the end of the log. */
static int changes_step(struct ingest *in, bool *more)
{
    struct retention *r = in->retention;
    struct change_record c;
    uint64_t seq;
    int error = next_record(in, STORE_CHANGES, &change_table, &seq, &c);
    *more = !error && seq && seq < in->seq && !is_too_young(r, c.time, r->policy.changes);
    if (*more) {
        will_delete(r, c.time);
        error = delete_change(in, seq, &c);
    }
    codec_free(&change_table, &c);
    return error;
}

/* ---- articles -------------------------------------------------------------------------------- */

/* Written at once, unless the event is in the batch anyway: an old event is not news for anybody
 * who is told of the batch's events. */
static int count_deleted(struct ingest *in, uint64_t number)
{
    struct event_record *in_batch = map_get(&in->events, number), event;
    if (in_batch) {
        in_batch->articles_deleted++;
        return 0;
    }
    int error = batch_stored_event(in->store, number, &event);
    event.articles_deleted++;
    if (!error)
        error = batch_put_event(in->store, &event);
    codec_free(&event_table, &event);
    return error;
}

static int delete_article(struct ingest *in, uint64_t article, uint64_t event)
{
    static const enum store_db of_article[] = {STORE_ARTICLES, STORE_PAGES, STORE_PACKED};
    int error = store_unlink(in->store, event, article);
    for (size_t i = 0; !error && i < sizeof of_article / sizeof *of_article; i++)
        error = drop_number(in, of_article[i], article);
    if (!error)
        error = full_text_drop(in->store, article);
    if (!error)
        error = count_deleted(in, event);
    digester_forget(in->digester, article);
    if (in->retention->deleted_article)
        in->retention->deleted_article(in->retention->deleted_arg, article);
    in->retention->counts.articles++;
    return error ? error : all_from(in, "articles_from", article + 1);
}

static int articles_step(struct ingest *in, bool *more)
{
    struct retention *r = in->retention;
    struct article_record a;
    uint64_t number;
    int error = next_record(in, STORE_ARTICLES, &article_table, &number, &a);
    *more = !error && number && number < engine_oldest(in->engine) &&
            !is_too_young(r, a.seen, r->policy.articles);
    if (*more && !stays(in, a.event)) {
        will_delete(r, a.seen);
        error = delete_article(in, number, a.event);
    }
    codec_free(&article_table, &a);
    return error;
}

/* ---- posts ----------------------------------------------------------------------------------- */

static int delete_post(struct ingest *in, uint64_t post, uint64_t event)
{
    int error = store_unlink_post(in->store, event, post);
    if (!error)
        error = store_delete_u64(in->store, STORE_POSTS, post);
    in->retention->counts.posts++;
    return error ? error : all_from(in, "posts_from", post + 1);
}

static int posts_step(struct ingest *in, bool *more)
{
    struct retention *r = in->retention;
    struct post_record p;
    uint64_t number;
    int error = next_record(in, STORE_POSTS, &post_table, &number, &p);
    *more = !error && number && !is_too_young(r, p.seen, r->policy.articles);
    if (*more && !stays(in, p.event)) {
        will_delete(r, p.seen);
        error = delete_post(in, number, p.event);
    }
    codec_free(&post_table, &p);
    return error;
}

/* ---- events ---------------------------------------------------------------------------------- */

static int bury(struct ingest *in, uint64_t number, const struct event_record *event)
{
    struct tombstone_record tombstone = {.event = number,
                                         .first_seen = event->first_seen,
                                         .updated = event->updated,
                                         .deleted = in->retention->now};
    codec_set_string(&tombstone.title, event->title);
    int error = batch_put_tombstone(in->store, &tombstone);
    codec_free(&tombstone_table, &tombstone);
    return error;
}

static int delete_event(struct ingest *in, uint64_t number, const struct event_record *event)
{
    static const enum store_db of_event[] = {STORE_EVENTS, STORE_HISTORY, STORE_SIGNATURES};
    struct retention *r = in->retention;
    bool merged = event->merged_into;
    int error = merged ? 0 : bury(in, number, event);
    if (!error && !merged && strcmp(event->status, "archived") != 0)
        error = drop_number(in, STORE_EVENTS_BY_UPDATE, event->seq);
    for (size_t i = 0; !error && i < sizeof of_event / sizeof *of_event; i++)
        error = drop_number(in, of_event[i], number);
    r->counts.events++;
    if (!error && r->deleted_event)
        r->deleted_event(r->deleted_arg, number);
    return error ? error : all_from(in, "events_from", number + 1);
}

static bool has_record(struct ingest *in, enum store_db db, uint64_t number)
{
    struct store_value v;
    return !store_get_u64(in->store, db, number, &v);
}

/* Where a merge leads stays known as long as the event there, or its tombstone. */
static int may_delete_event(struct ingest *in, uint64_t number, const struct event_record *event,
                            bool *may)
{
    uint64_t into = event->merged_into, *left = NULL;
    size_t n_articles = 0, n_posts = 0;
    int error = 0;
    *may = false;
    if (map_get(&in->events, number) || stays(in, number))
        return 0;
    if (into) {
        *may = !has_record(in, STORE_EVENTS, into) && !has_record(in, STORE_TOMBSTONES, into);
        return 0;
    }
    if (event->updated >= in->retention->now - in->retention->policy.events)
        return 0;
    error = store_linked(in->store, number, &left, &n_articles);
    free(left);
    left = NULL;
    if (!error)
        error = store_linked_posts(in->store, number, &left, &n_posts);
    free(left);
    *may = !error && !n_articles && !n_posts;
    return error;
}

/* Events are numbered by the time at which they began; a merged one has none. */
static int events_step(struct ingest *in, bool *more)
{
    struct retention *r = in->retention;
    struct event_record e;
    uint64_t number;
    bool may = false;
    int error = next_record(in, STORE_EVENTS, &event_table, &number, &e);
    bool merged = e.merged_into;
    int64_t began = merged ? e.updated : e.first_seen;
    *more = !error && number && (merged || !is_too_young(r, began, r->policy.events));
    if (*more)
        error = may_delete_event(in, number, &e, &may);
    if (may && !merged)
        will_delete(r, began);
    if (may)
        error = delete_event(in, number, &e);
    codec_free(&event_table, &e);
    return error;
}

static int tombstones_step(struct ingest *in, bool *more)
{
    struct retention *r = in->retention;
    struct tombstone_record t;
    uint64_t number;
    int error = next_record(in, STORE_TOMBSTONES, &tombstone_table, &number, &t);
    *more = !error && number && !is_too_young(r, t.deleted, r->policy.tombstones);
    if (*more) {
        will_delete(r, t.deleted);
        error = store_delete_u64(in->store, STORE_TOMBSTONES, number);
    }
    codec_free(&tombstone_table, &t);
    return error;
}

/* ---- indexes --------------------------------------------------------------------------------- */

/* Entries of indexes lead to records. `from`: from this number on, all records exist. */
struct index_walk {
    struct ingest *in;
    enum store_db records;
    uint64_t from;
};

static bool leads_nowhere(const struct index_walk *w, uint64_t number)
{
    return number < w->from && !has_record(w->in, w->records, number);
}

static uint64_t value_number(struct store_value v)
{
    uint64_t number = 0;
    if (v.n >= sizeof number)
        memcpy(&number, v.p, sizeof number);
    return number;
}

/* A key that was found to identify nothing has, in place of an article's hash, the number of the
 * newest article at that time. */
static enum store_verdict judge_item(void *arg, struct store_value key, struct store_value v)
{
    const struct index_walk *w = arg;
    uint64_t hash, of[2];
    if (key.n < sizeof hash || v.n != sizeof of)
        return STORE_KEEP; /* `storyctl check` reports it */
    memcpy(&hash, key.p, sizeof hash);
    memcpy(of, v.p, sizeof of);
    bool gone = of[0] ? leads_nowhere(w, of[0]) : of[1] < w->from;
    return gone && !map_get(&w->in->retention->listed, hash | 1) ? STORE_DROP : STORE_KEEP;
}

static enum store_verdict judge_post_item(void *arg, struct store_value key, struct store_value v)
{
    uint64_t post = value_number(v);
    (void)key;
    return post && leads_nowhere(arg, post) ? STORE_DROP : STORE_KEEP;
}

static enum store_verdict judge_earlier(void *arg, struct store_value key, struct store_value v)
{
    (void)key;
    return v.n == 8 && leads_nowhere(arg, store_from_u64(v.p)) ? STORE_DROP : STORE_KEEP;
}

static enum store_verdict judge_alert(void *arg, struct store_value key, struct store_value v)
{
    (void)v;
    return key.n == 16 && leads_nowhere(arg, store_from_u64((const unsigned char *)key.p + 8))
               ? STORE_DROP
               : STORE_KEEP;
}

/* Of a reader who has done nothing for as long as events are kept, nothing is left. */
static enum store_verdict judge_reading(void *arg, struct store_value key, struct store_value v)
{
    const struct index_walk *w = arg;
    const struct retention *r = w->in->retention;
    if (key.n != STORE_READING_KEY || v.n != STORE_READING_VALUE)
        return STORE_KEEP; /* `storyctl check` reports it */
    const struct reading_entry e = reading_entry_of(key.p, v.p);
    const bool gone = e.event ? leads_nowhere(w, e.event) : e.time < r->now - r->policy.events;
    return gone ? STORE_DROP : STORE_KEEP;
}

static int walk_index(struct ingest *in, enum store_db index, store_judge *judge,
                      enum store_db records, const char *from, bool *more)
{
    struct index_walk w = {in, records, store_number(in->store, from)};
    *more = false;
    return w.from ? store_walk(in->store, index, &in->retention->place, MOST, judge, &w, more) : 0;
}

static enum store_verdict list_document(void *arg, struct store_value key, struct store_value v)
{
    struct retention *r = arg;
    struct recall_item item;
    (void)key;
    for (size_t at = 0; at + sizeof item <= v.n; at += sizeof item) {
        memcpy(&item, (const char *)v.p + at, sizeof item);
        if (item.guid)
            map_put(&r->listed, item.guid, r);
        if (item.url)
            map_put(&r->listed, item.url, r);
    }
    return STORE_KEEP;
}

static int items_step(struct ingest *in, bool *more)
{
    struct retention *r = in->retention;
    int error = 0;
    *more = store_number(in->store, "articles_from") > 0;
    if (*more && r->listing) {
        error =
            store_walk(in->store, STORE_DOCUMENTS, &r->place, FEEDS, list_document, r, &r->listing);
        if (!r->listing)
            r->place = (struct store_place){.n = 0};
    } else if (*more) {
        error = walk_index(in, STORE_ITEMS, judge_item, STORE_ARTICLES, "articles_from", more);
    }
    if (error || !*more) {
        map_free(&r->listed);
        r->listed = (struct map){0};
    }
    return error;
}

static int post_items_step(struct ingest *in, bool *more)
{
    return walk_index(in, STORE_POST_ITEMS, judge_post_item, STORE_POSTS, "posts_from", more);
}

static int earlier_step(struct ingest *in, bool *more)
{
    return walk_index(in, STORE_EARLIER, judge_earlier, STORE_EVENTS, "events_from", more);
}

static int alerts_step(struct ingest *in, bool *more)
{
    return walk_index(in, STORE_ALERTS, judge_alert, STORE_EVENTS, "events_from", more);
}

static int reading_step(struct ingest *in, bool *more)
{
    return walk_index(in, STORE_READING, judge_reading, STORE_EVENTS, "events_from", more);
}

/* ---- jobs ------------------------------------------------------------------------------------ */

/* A job does nothing while its policy, or that of the records that its index leads to, is 0. */
static const struct retention_job {
    int (*step)(struct ingest *in, bool *more);
    int64_t every; /* seconds */
    size_t policy; /* offset */
} jobs[JOBS] = {
    [CHANGES] = {changes_step, HOUR, offsetof(struct retention_policy, changes)},
    [ARTICLES] = {articles_step, HOUR, offsetof(struct retention_policy, articles)},
    [POSTS] = {posts_step, HOUR, offsetof(struct retention_policy, articles)},
    [EVENTS] = {events_step, HOUR, offsetof(struct retention_policy, events)},
    [TOMBSTONES] = {tombstones_step, HOUR, offsetof(struct retention_policy, tombstones)},
    [ITEMS] = {items_step, DAY, offsetof(struct retention_policy, articles)},
    [POST_ITEMS] = {post_items_step, DAY, offsetof(struct retention_policy, articles)},
    [EARLIER] = {earlier_step, DAY, offsetof(struct retention_policy, events)},
    [ALERTS] = {alerts_step, DAY, offsetof(struct retention_policy, events)},
    [READING] = {reading_step, DAY, offsetof(struct retention_policy, events)},
};

static int64_t policy_of(const struct retention *r, size_t job)
{
    return *(const int64_t *)((const char *)&r->policy + jobs[job].policy);
}

/* Also when the clock was set back. */
static bool is_job_due(const struct retention *r, size_t job, int64_t now)
{
    return policy_of(r, job) && (r->due[job] <= now || r->due[job] > now + jobs[job].every);
}

static void begin_job(struct retention *r, int64_t now)
{
    for (r->job = 0; r->job < JOBS && !is_job_due(r, r->job, now);)
        r->job++;
    r->now = now;
    r->limit = 0;
    r->next = 0;
    r->place = (struct store_place){.n = 0};
    r->listing = true;
}

static void end_job(struct retention *r)
{
    bool reached_limit = r->limit && r->limit < r->now - policy_of(r, r->job);
    r->due[r->job] = r->now + (reached_limit ? SOON : jobs[r->job].every);
    r->job = JOBS;
}

int retention_step(struct ingest *in, int64_t now, bool *more)
{
    struct retention *r = in->retention;
    bool again = false;
    int error = ingest_commit_end(in);
    *more = false;
    if (error)
        return error;
    if (r->job == JOBS)
        begin_job(r, now);
    if (r->job == JOBS)
        return 0;
    error = jobs[r->job].step(in, &again);
    if (!again)
        end_job(r);
    *more = !error;
    return error;
}

void retention_set(struct ingest *in, const struct retention_policy *policy)
{
    in->retention->policy = *policy;
    in->keep_articles = policy->articles;
    retention_stop(in->retention); /* what has begun under another policy */
}

void retention_on_deleted(struct ingest *in, void (*event)(void *, uint64_t event),
                          void (*article)(void *, uint64_t article), void *arg)
{
    in->retention->deleted_event = event;
    in->retention->deleted_article = article;
    in->retention->deleted_arg = arg;
}

struct retention_counts retention_counts(const struct ingest *in)
{
    return in->retention->counts;
}

struct retention *retention_new(void)
{
    struct retention *r = mem_zero(sizeof *r);
    r->job = JOBS;
    return r;
}

void retention_stop(struct retention *r)
{
    map_free(&r->listed);
    r->listed = (struct map){0};
    r->job = JOBS;
}

void retention_free(struct retention *r)
{
    if (!r)
        return;
    retention_stop(r);
    free(r);
}
