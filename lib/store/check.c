/* Verifies the invariants of a store's records and indexes; see check.h. Called by storyctl check.
 * Damaged pages are detected in pages.c; ingest/repair.c repairs what can be repaired. */
#include "store/check.h"

#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cluster/engine.h"
#include "store/article_record.h"
#include "store/change_record.h"
#include "store/decision_record.h"
#include "store/delivery_record.h"
#include "store/event_record.h"
#include "store/fault.h"
#include "store/feed_record.h"
#include "store/page_record.h"
#include "store/post_record.h"
#include "store/reading.h"
#include "store/schema.h"
#include "store/store.h"
#include "store/tombstone_record.h"
#include "store/whole.h"

#include <inttypes.h>
#include <lmdb.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_REDIRECTS = 1000, MOST_MOVES = 32 };

/* An event's counts according to its articles, to compare with its record. */
struct tally {
    uint64_t articles;
    struct map domains; /* hash -> number of articles, as a pointer */
    struct map reports; /* domains with an article that is no copy */
};

struct check {
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi[STORE_DATABASE_COUNT]; /* 0: missing in an older version */
    struct map tallies;                /* event number -> struct tally */
    struct map known;      /* article number -> present: those that an item identifies */
    struct map assignment; /* article number -> event, according to the change log */
    struct map joined;     /* article number -> present: those that joined an existing event */
    struct map decided;    /* decision number -> present: those mentioned in a change */
    /* from these numbers on no record was deleted (ingest/retention.h); 0: none ever */
    uint64_t articles_from, events_from, posts_from, changes_from;
    /* the numbers of the last records */
    uint64_t last_article, last_event, last_post, last_change, last_decision;
    uint64_t remembered; /* entries that _history must have */
    bool has_history;
    bool is_fetchers;      /* it has only what a fetcher keeps of feeds (daemon/roles/fetching.h) */
    struct engine *engine; /* reads its own packed data and keeps nothing */
    struct fault_sink sink;
    struct store_check *out; /* the same as in the sink */
};

#define fault(c, ...) fault_tell(&(c)->sink, __VA_ARGS__)

static bool get_record(struct check *c, enum store_db db, const void *key, size_t n, MDB_val *out)
{
    MDB_val k = {n, (void *)(uintptr_t)key};
    return c->dbi[db] && mdb_get(c->txn, c->dbi[db], &k, out) == 0;
}

static bool get_u64(struct check *c, enum store_db db, uint64_t number, MDB_val *out)
{
    unsigned char key[8];
    store_u64(number, key);
    return get_record(c, db, key, sizeof key, out);
}

/* False, with an empty struct, when there is no such record. */
static bool load_at(struct check *c, enum store_db db, uint64_t number,
                    const struct codec_table *table, void *out)
{
    MDB_val v;
    bool there = get_u64(c, db, number, &v);
    return codec_load(table, there ? v.mv_data : "", there ? v.mv_size : 0, out);
}

/* True when a number is stored under another. */
static bool is_under(struct check *c, enum store_db db, uint64_t number, uint64_t under)
{
    unsigned char key[8], value[8];
    store_u64(under, key);
    store_u64(number, value);
    MDB_val k = {sizeof key, key}, v = {sizeof value, value};
    MDB_cursor *cursor;
    if (!c->dbi[db] || mdb_cursor_open(c->txn, c->dbi[db], &cursor))
        return false;
    bool found = mdb_cursor_get(cursor, &k, &v, MDB_GET_BOTH) == 0;
    mdb_cursor_close(cursor);
    return found;
}

static bool is_linked_article(struct check *c, uint64_t event, uint64_t article)
{
    return is_under(c, STORE_EVENT_ARTICLES, article, event);
}

/* Its head; number 0 when there is no such event. */
static struct event_record event_at(struct check *c, uint64_t number)
{
    struct event_record head;
    load_at(c, STORE_EVENTS, number, &event_head_table, &head);
    return head;
}

/* 0 when there is no such article. */
static uint64_t event_of_article(struct check *c, uint64_t number)
{
    struct article_record article;
    load_at(c, STORE_ARTICLES, number, &article_table, &article);
    uint64_t event = article.event;
    codec_free(&article_table, &article);
    return event;
}

static void check_types(struct check *c, const char *what, uint64_t number,
                        const struct codec_table *table, const json_t *record)
{
    const char *field = codec_misfit(table, record);
    if (field)
        fault(c, "%s %" PRIu64 ": its %s has the wrong type", what, number, field);
}

/* 0 when it is missing or no number, which is reported elsewhere. */
static uint64_t meta_number(struct check *c, const char *name)
{
    MDB_val v;
    char text[24] = "";
    if (get_record(c, STORE_META, name, strlen(name), &v) && v.mv_size < sizeof text)
        memcpy(text, v.mv_data, v.mv_size);
    return strtoull(text, NULL, 10);
}

static void check_id(struct check *c, const char *what, uint64_t number, uint64_t id)
{
    if (id != number)
        fault(c, "%s %" PRIu64 ": its record has the number %" PRIu64, what, number, id);
}

/* ---- the change log -------------------------------------------------------------------------- */

static uint64_t resolve_event(struct check *c, uint64_t event)
{
    for (int i = 0; i < MOST_REDIRECTS; i++) {
        struct event_record head = event_at(c, event);
        uint64_t into = head.merged_into;
        codec_free(&event_head_table, &head);
        if (!into)
            return event;
        event = into;
    }
    fault(c, "event %" PRIu64 ": its redirects are circular", event);
    return event;
}

static void note_number(struct map *m, uint64_t number, void *value)
{
    if (number) /* a broken record may contain anything */
        map_put(m, number, value);
}

static bool is_deleted_event(struct check *c, uint64_t event)
{
    MDB_val v;
    return event < c->events_from && !get_u64(c, STORE_EVENTS, event, &v);
}

/* Checks that the change is in the history of each event that it names. */
static void check_remembered(struct check *c, uint64_t seq, const struct change_record *change)
{
    const uint64_t events[] = {change->event, change->from, change->into};
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        bool again = false;
        for (size_t k = 0; k < i; k++)
            again |= events[k] == events[i];
        if (!events[i] || again || is_deleted_event(c, events[i]))
            continue;
        c->remembered++;
        if (c->has_history && !is_under(c, STORE_HISTORY, seq, events[i]))
            fault(c, "_history: event %" PRIu64 " lacks change %" PRIu64, events[i], seq);
    }
}

/* The number after the gap that an engine left when it took over (ingest/jump.c), if there is one
 * at this number; or the number itself. */
static uint64_t after_jumps(struct check *c, const char *name, uint64_t number)
{
    char key[64];
    for (;;) {
        snprintf(key, sizeof key, "gap_%s_%" PRIu64, name, number);
        uint64_t last = meta_number(c, key);
        if (last < number)
            return number;
        number = last + 1;
    }
}

/* True unless every number between the last record and this one may have been deleted, or was
 * never given. */
static bool is_gap(struct check *c, const char *name, uint64_t last, uint64_t number, uint64_t from)
{
    uint64_t next = last + 1 > from ? last + 1 : from;
    return number <= last || (number > next && number > after_jumps(c, name, next));
}

static void check_change(struct check *c, uint64_t seq, const json_t *record, MDB_val k, MDB_val v)
{
    struct change_record change;
    (void)k, (void)v;
    c->out->changes++;
    if (is_gap(c, "seq", c->last_change, seq, c->changes_from))
        fault(c, "changes: found %" PRIu64 "; expected %" PRIu64, seq, c->last_change + 1);
    c->last_change = seq;
    codec_read(&change_table, record, &change);
    const char *kind = change.kind;
    const uint64_t *moved = change.articles.v;
    void *event = (void *)(uintptr_t)change.event;
    check_remembered(c, seq, &change);
    if (!strcmp(kind, "created") || !strcmp(kind, "joined"))
        note_number(&c->assignment, change.article, event);
    if (!strcmp(kind, "joined"))
        note_number(&c->joined, change.article, c);
    if (!strcmp(kind, "decided"))
        note_number(&c->decided, change.decision, c);
    for (size_t i = 0; !strcmp(kind, "split") && i < change.articles.n; i++)
        note_number(&c->assignment, moved[i], event);
    if (!strcmp(kind, "merged")) {
        struct event_record from = event_at(c, change.from);
        bool deleted = !from.number && change.from < c->events_from;
        if (!deleted && from.merged_into != change.event)
            fault(c,
                  "change %" PRIu64 ": event %" PRIu64 " was merged into %" PRIu64
                  "; its record states %" PRIu64,
                  seq, change.from, change.event, from.merged_into);
        codec_free(&event_head_table, &from);
    }
    codec_free(&change_table, &change);
}

/* ---- articles -------------------------------------------------------------------------------- */

/* An article within the window has a packed form until the engine no longer needs it. One that was
 * older at its arrival has none; the log does not show this, but such an article joins no event,
 * and an event that it created is archived. */
static void check_is_packed(struct check *c, const struct article_record *article)
{
    MDB_val v;
    uint64_t number = article->number;
    if (number < meta_number(c, "packed_from") || get_u64(c, STORE_PACKED, number, &v))
        return;
    struct event_record opened = event_at(c, (uintptr_t)map_get(&c->assignment, number));
    if (map_get(&c->joined, number) || !strcmp(opened.status, "open") ||
        ((!strcmp(opened.status, "closed") || !strcmp(opened.status, "merged")) &&
         article->published >= article->seen - STORE_SMALLEST_WINDOW))
        fault(c, "article %" PRIu64 ": no packed form; a restart would lose it", number);
    codec_free(&event_head_table, &opened);
}

static void tally_article(struct check *c, const struct article_record *article)
{
    struct tally *t = map_get(&c->tallies, article->event);
    if (!t)
        map_put(&c->tallies, article->event, t = mem_zero(sizeof *t));
    t->articles++;
    const char *domain = article_first_domain(&article->source);
    uint64_t hash = hash64(domain, strlen(domain), 0) | 1;
    uintptr_t before = (uintptr_t)map_get(&t->domains, hash);
    map_put(&t->domains, hash, (void *)(before + 1));
    if (!article->copy_of)
        map_put(&t->reports, hash, t);
}

static void check_article(struct check *c, uint64_t number, const json_t *record, MDB_val k,
                          MDB_val v)
{
    struct article_record article;
    (void)k, (void)v;
    c->out->articles++;
    if (is_gap(c, "articles", c->last_article, number, c->articles_from))
        fault(c, "articles: found %" PRIu64 "; expected %" PRIu64, number, c->last_article + 1);
    c->last_article = number;
    codec_read(&article_table, record, &article);
    check_id(c, "article", number, article.number);
    article.number = number;
    uint64_t event = article.event, copy_of = article.copy_of;
    if (!is_linked_article(c, event, number))
        fault(c, "article %" PRIu64 ": event %" PRIu64 " does not list it", number, event);
    if (copy_of >= number)
        fault(c, "article %" PRIu64 ": it copies %" PRIu64 ", which is not older", number, copy_of);
    uint64_t assigned = (uintptr_t)map_get(&c->assignment, number);
    uint64_t logged = assigned || !c->changes_from ? resolve_event(c, assigned) : event;
    if (logged != event)
        fault(c, "article %" PRIu64 ": it is in event %" PRIu64 "; the change log states %" PRIu64,
              number, event, logged);
    check_types(c, "article", number, &article_table, record);
    check_is_packed(c, &article);
    if (event) /* otherwise reported above */
        tally_article(c, &article);
    codec_free(&article_table, &article);
}

/* ---- events ---------------------------------------------------------------------------------- */

static void check_merged(struct check *c, const struct event_record *event)
{
    uint64_t number = event->number, into = event->merged_into;
    c->out->merged++;
    MDB_val v;
    if (get_u64(c, STORE_EVENT_ARTICLES, number, &v))
        fault(c, "event %" PRIu64 ": it was merged but still lists articles", number);
    if (!get_u64(c, STORE_EVENTS, into, &v) && !is_deleted_event(c, into))
        fault(c, "event %" PRIu64 ": merged into %" PRIu64 ", which does not exist", number, into);
}

static void check_count(struct check *c, uint64_t number, const char *field, uint64_t count,
                        uint64_t expected)
{
    if (count != expected)
        fault(c, "event %" PRIu64 ": %s is %" PRIu64 "; counted %" PRIu64, number, field, count,
              expected);
}

static void check_sources(struct check *c, const struct event_record *event, const struct tally *t)
{
    const struct event_source *sources = event->sources.v;
    for (size_t i = 0; i < event->sources.n; i++) {
        const char *domain = event_first_domain(&sources[i]);
        uint64_t articles = (uintptr_t)map_get(&t->domains, hash64(domain, strlen(domain), 0) | 1);
        if (sources[i].articles != articles)
            fault(c, "event %" PRIu64 ": it lists %" PRIu64 " articles of %s; counted %" PRIu64,
                  event->number, sources[i].articles, domain, articles);
    }
}

/* Of an event whose articles are all stored. */
static void check_counts_of_stored(struct check *c, const struct event_record *event,
                                   const struct tally *t)
{
    uint64_t number = event->number;
    if (event_counts_reports(event))
        check_count(c, number, "report_count", event->report_count, t->reports.n);
    check_count(c, number, "source_count", event->source_count, t->domains.n);
    check_sources(c, event, t);
    if (event->sources.n != t->domains.n)
        fault(c, "event %" PRIu64 ": it lists %zu sources; counted %zu", number, event->sources.n,
              t->domains.n);
    if (!is_linked_article(c, number, event->lead))
        fault(c, "event %" PRIu64 ": its lead, article %" PRIu64 ", is not one of its articles",
              number, event->lead);
}

static void check_read_event(struct check *c, const struct event_record *event)
{
    static const struct tally none;
    const struct tally *t = map_get(&c->tallies, event->number);
    uint64_t number = event->number;
    MDB_val v;
    if (!t)
        t = &none;
    check_count(c, number, "article_count", event->article_count,
                t->articles + event->articles_deleted);
    if (!event->articles_deleted)
        check_counts_of_stored(c, event, t);
    if (!strcmp(event->status, "archived"))
        return; /* it was never listed as an update */
    if (!get_u64(c, STORE_EVENTS_BY_UPDATE, event->seq, &v) || store_from_u64(v.mv_data) != number)
        fault(c, "event %" PRIu64 ": events_by_update has another event at %" PRIu64, number,
              event->seq);
}

static void check_event(struct check *c, uint64_t number, const json_t *record, MDB_val k,
                        MDB_val v)
{
    struct event_record event;
    (void)k, (void)v;
    if (is_gap(c, "events", c->last_event, number, c->events_from))
        fault(c, "events: found %" PRIu64 "; expected %" PRIu64, number, c->last_event + 1);
    c->last_event = number;
    c->out->events++;
    codec_read(&event_table, record, &event);
    check_id(c, "event", number, event.number);
    event.number = number;
    if (!strcmp(event.status, "merged")) {
        check_merged(c, &event);
    } else {
        check_types(c, "event", number, &event_table, record);
        check_read_event(c, &event);
    }
    codec_free(&event_table, &event);
}

static void check_update(struct check *c, uint64_t seq, const json_t *unused, MDB_val k, MDB_val v)
{
    (void)unused, (void)k;
    uint64_t number = store_from_u64(v.mv_data);
    struct event_record event = event_at(c, number);
    if (event.seq != seq)
        fault(c, "events_by_update %" PRIu64 ": event %" PRIu64 " was last updated at %" PRIu64,
              seq, number, event.seq);
    codec_free(&event_head_table, &event);
}

static void check_link(struct check *c, uint64_t event, const json_t *unused, MDB_val k, MDB_val v)
{
    (void)unused, (void)k;
    uint64_t number = store_from_u64(v.mv_data);
    uint64_t in = event_of_article(c, number);
    if (in != event)
        fault(c,
              "event_articles: event %" PRIu64 " lists article %" PRIu64 ", which is in %" PRIu64,
              event, number, in);
}

static void check_feed(struct check *c, uint64_t number, const json_t *record, MDB_val k, MDB_val v)
{
    struct feed_record feed;
    (void)k, (void)v;
    c->out->feeds++;
    codec_read(&feed_table, record, &feed);
    check_id(c, "feed", number, feed.number);
    check_types(c, "feed", number, &feed_table, record);
    unsigned char key[STORE_ADDRESS_KEY];
    MDB_val found;
    store_address_key(feed.url, key);
    if (!c->is_fetchers &&
        (!get_record(c, STORE_ADDRESSES, key, sizeof key, &found) || found.mv_size != 8 ||
         (store_from_u64(found.mv_data) != number &&
          store_from_u64(found.mv_data) != feed.merged_into)))
        fault(c, "feed %" PRIu64 ": its address leads to another feed, or to none", number);
    codec_free(&feed_table, &feed);
}

static void check_address(struct check *c, uint64_t unused, const json_t *unused_too, MDB_val k,
                          MDB_val v)
{
    (void)unused, (void)unused_too, (void)k;
    uint64_t number = store_from_u64(v.mv_data), to = number;
    for (int i = 0; to && i <= MOST_MOVES; i++) {
        struct feed_record feed;
        if (!load_at(c, STORE_FEEDS, to, &feed_table, &feed))
            fault(c, "_addresses: an address leads to feed %" PRIu64 ", which does not exist", to);
        to = feed.merged_into;
        codec_free(&feed_table, &feed);
    }
    if (to || !number)
        fault(c, "_addresses: feed %" PRIu64 ": its merges are circular or lead nowhere", number);
}

static void check_document(struct check *c, uint64_t feed, const json_t *unused, MDB_val k,
                           MDB_val v)
{
    (void)c, (void)unused, (void)k;
    if (v.mv_size % STORE_RECALLED)
        fault(c, "_documents %" PRIu64 ": %zu bytes; expected a multiple of %d", feed, v.mv_size,
              STORE_RECALLED);
}

/* ---- items ----------------------------------------------------------------------------------- */

static void check_item(struct check *c, uint64_t unused, const json_t *unused_too, MDB_val k,
                       MDB_val v)
{
    (void)unused, (void)unused_too, (void)k;
    uint64_t number;
    MDB_val article;
    c->out->items++;
    memcpy(&number, v.mv_data, sizeof number);
    if (number >= c->articles_from && number && !get_u64(c, STORE_ARTICLES, number, &article))
        fault(c, "_items: an item refers to article %" PRIu64 ", which does not exist", number);
    note_number(&c->known, number, c);
}

static void check_known(struct check *c)
{
    MDB_val v;
    for (uint64_t number = 1; number <= c->last_article; number++)
        if (!map_get(&c->known, number) && get_u64(c, STORE_ARTICLES, number, &v))
            fault(c, "article %" PRIu64 ": no item refers to it; it would be stored again", number);
}

/* ---- decisions ------------------------------------------------------------------------------- */

static void check_links(struct check *c, const struct decision_record *d)
{
    const struct decision_link *links = d->links.v;
    for (size_t i = 0; i < d->links.n; i++) {
        uint64_t a = links[i].a, b = links[i].b;
        const char *kind = links[i].kind;
        if (!a || !b || a > meta_number(c, "articles") || b > meta_number(c, "articles") ||
            (strcmp(kind, "must") != 0 && strcmp(kind, "cannot") != 0))
            fault(c,
                  "decision %" PRIu64 ": invalid link of articles %" PRIu64 " and %" PRIu64
                  " as \"%s\"",
                  d->number, a, b, kind);
    }
}

static struct decision_record decision_at(struct check *c, uint64_t number)
{
    struct decision_record d;
    load_at(c, STORE_DECISIONS, number, &decision_table, &d);
    return d;
}

static void check_decision(struct check *c, uint64_t number, const json_t *record, MDB_val k,
                           MDB_val v)
{
    struct decision_record d;
    (void)k;
    c->out->decisions++;
    check_types(c, "decision", number, &decision_table, record);
    if (is_gap(c, "decisions", c->last_decision, number, 0))
        fault(c, "decisions: found %" PRIu64 "; expected %" PRIu64, number, c->last_decision + 1);
    c->last_decision = number;
    codec_read(&decision_table, record, &d);
    check_id(c, "decision", number, d.number);
    if (!get_u64(c, STORE_EVENTS, d.event, &v) && !is_deleted_event(c, d.event))
        fault(c, "decision %" PRIu64 ": it concerns event %" PRIu64 ", which does not exist",
              number, d.event);
    if (!map_get(&c->decided, number) && !c->changes_from)
        fault(c, "decision %" PRIu64 ": no change records it", number);
    struct decision_record undo = decision_at(c, d.undone_by), undone = decision_at(c, d.undoes);
    if (d.undone_by && undo.undoes != number)
        fault(c, "decision %" PRIu64 ": decision %" PRIu64 " did not undo it", number, d.undone_by);
    if (d.undoes && undone.undone_by != number)
        fault(c, "decision %" PRIu64 ": it undid %" PRIu64 ", whose record disagrees", number,
              d.undoes);
    check_links(c, &d);
    codec_free(&decision_table, &undo);
    codec_free(&decision_table, &undone);
    codec_free(&decision_table, &d);
}

/* ---- posts ----------------------------------------------------------------------------------- */

static void check_post(struct check *c, uint64_t number, const json_t *record, MDB_val k, MDB_val v)
{
    struct post_record post;
    (void)k;
    codec_read(&post_table, record, &post);
    uint64_t event = post.event, article = post.article;
    check_id(c, "post", number, post.number);
    codec_free(&post_table, &post);
    check_types(c, "post", number, &post_table, record);
    if (is_gap(c, "posts", c->last_post, number, c->posts_from))
        fault(c, "posts: found %" PRIu64 "; expected %" PRIu64, number, c->last_post + 1);
    c->last_post = number;
    if (!is_under(c, STORE_EVENT_POSTS, number, event))
        fault(c, "post %" PRIu64 ": event %" PRIu64 " does not list it", number, event);
    if (article && article >= c->articles_from && !get_u64(c, STORE_ARTICLES, article, &v))
        fault(c, "post %" PRIu64 ": it refers to article %" PRIu64 ", which does not exist", number,
              article);
}

static void check_post_link(struct check *c, uint64_t event, const json_t *unused, MDB_val k,
                            MDB_val v)
{
    (void)unused, (void)k;
    uint64_t number = store_from_u64(v.mv_data);
    struct post_record post;
    struct event_record of = event_at(c, event);
    load_at(c, STORE_POSTS, number, &post_table, &post);
    if (post.event != event)
        fault(c, "event_posts: event %" PRIu64 " lists post %" PRIu64 ", which is in %" PRIu64,
              event, number, post.event);
    if (!of.number || !strcmp(of.status, "merged"))
        fault(c, "event_posts: event %" PRIu64 " has posts but does not exist, or was merged",
              event);
    codec_free(&post_table, &post);
    codec_free(&event_head_table, &of);
}

static void check_posted(struct check *c, uint64_t unused, const json_t *unused_too, MDB_val k,
                         MDB_val v)
{
    (void)unused, (void)unused_too, (void)k;
    uint64_t number;
    MDB_val post;
    memcpy(&number, v.mv_data, sizeof number);
    if (number && number >= c->posts_from && !get_u64(c, STORE_POSTS, number, &post))
        fault(c, "_post_items: an item refers to post %" PRIu64 ", which does not exist", number);
}

static void check_history(struct check *c, uint64_t event, const json_t *unused, MDB_val k,
                          MDB_val v)
{
    (void)unused, (void)k;
    uint64_t seq = store_from_u64(v.mv_data);
    struct change_record change;
    load_at(c, STORE_CHANGES, seq, &change_table, &change);
    if (change.event != event && change.from != event && change.into != event)
        fault(c, "_history: event %" PRIu64 " has change %" PRIu64 " of another event", event, seq);
    codec_free(&change_table, &change);
    c->remembered--;
}

/* ---- data of the engine ---------------------------------------------------------------------- */

static void check_packed(struct check *c, uint64_t number, const json_t *unused, MDB_val k,
                         MDB_val v)
{
    (void)unused;
    uint64_t event = 0;
    if (v.mv_size >= sizeof event)
        memcpy(&event, v.mv_data, sizeof event);
    const char *bytes = (const char *)v.mv_data + sizeof event;
    size_t n = v.mv_size - sizeof event;
    if (v.mv_size < sizeof event ||
        (!engine_packed_before(bytes, n) && !engine_restore(c->engine, number, event, bytes, n)))
        fault(c, "_packed %" PRIu64 ": not a packed article", number);
    if (!get_u64(c, STORE_ARTICLES, number, &k))
        fault(c, "_packed %" PRIu64 ": the article does not exist", number);
    else if (!event || event_of_article(c, number) != event)
        fault(c, "article %" PRIu64 ": its packed form belongs to event %" PRIu64, number, event);
}

static bool is_named(MDB_val k, const char *name)
{
    return k.mv_size == strlen(name) && !memcmp(k.mv_data, name, k.mv_size);
}

static void check_rarity(struct check *c, uint64_t unused, const json_t *unused_too, MDB_val k,
                         MDB_val v)
{
    (void)unused, (void)unused_too;
    if (!is_named(k, "day") || !engine_restore_rarity(c->engine, v.mv_data, v.mv_size))
        fault(c, "_rarity: invalid word counts");
}

static bool is_event(struct check *c, uint64_t number)
{
    MDB_val v;
    return get_u64(c, STORE_EVENTS, number, &v);
}

static void check_signature(struct check *c, uint64_t number, const json_t *unused, MDB_val k,
                            MDB_val v)
{
    (void)unused, (void)k;
    const unsigned char *bytes = v.mv_data;
    size_t terms = v.mv_size < STORE_SIGNATURE_HEAD ? 0 : bytes[STORE_SIGNATURE_HEAD - 1];
    size_t least = STORE_SIGNATURE_HEAD + terms * STORE_SIGNATURE_TERM;
    if (v.mv_size < least || v.mv_size > least + STORE_SIGNATURE_TITLE)
        fault(c, "_signatures %" PRIu64 ": invalid; expected terms and a title", number);
    if (!is_event(c, number))
        fault(c, "_signatures: event %" PRIu64 " does not exist", number);
}

static void check_earlier(struct check *c, uint64_t term, const json_t *unused, MDB_val k,
                          MDB_val v)
{
    (void)unused, (void)k;
    uint64_t event = store_from_u64(v.mv_data);
    if (!is_event(c, event) && !is_deleted_event(c, event))
        fault(c, "_earlier: event %" PRIu64 " of term %" PRIu64 " does not exist", event, term);
}

static void check_tombstone(struct check *c, uint64_t number, const json_t *record, MDB_val k,
                            MDB_val v)
{
    struct tombstone_record t;
    (void)k, (void)v;
    codec_read(&tombstone_table, record, &t);
    check_id(c, "tombstone", number, t.event);
    if (is_event(c, number) || number >= c->events_from)
        fault(c, "tombstone %" PRIu64 ": the event was not deleted", number);
    if (!*t.title || !t.deleted)
        fault(c, "tombstone %" PRIu64 ": it lacks a title or the time of deletion", number);
    codec_free(&tombstone_table, &t);
}

/* ---- alerts ---------------------------------------------------------------------------------- */

static void check_alert(struct check *c, uint64_t unused, const json_t *unused_too, MDB_val k,
                        MDB_val v)
{
    (void)unused, (void)unused_too;
    uint64_t event = store_from_u64((const char *)k.mv_data + 8);
    if (!get_u64(c, STORE_EVENTS, event, &v) && !is_deleted_event(c, event))
        fault(c, "_alerts: one was raised for event %" PRIu64 ", which does not exist", event);
}

static void check_reading(struct check *c, uint64_t unused, const json_t *unused_too, MDB_val k,
                          MDB_val v)
{
    (void)unused, (void)unused_too;
    const struct reading_entry e = reading_entry_of(k.mv_data, v.mv_data);
    MDB_val record;
    if (e.event && !get_u64(c, STORE_EVENTS, e.event, &record) && !is_deleted_event(c, e.event))
        fault(c, "_reading: a reader has seen event %" PRIu64 ", which does not exist", e.event);
}

static void check_delivery(struct check *c, uint64_t number, const json_t *record, MDB_val k,
                           MDB_val v)
{
    struct delivery_record d;
    (void)k, (void)v;
    codec_read(&delivery_table, record, &d);
    check_types(c, "_deliveries", number, &delivery_table, record);
    if (!*d.alert || !*d.kind || !*d.id || !d.made || !d.due)
        fault(c, "_deliveries %" PRIu64 ": it lacks its alert, kind, id or a time", number);
    json_t *body = json_loads(d.body, 0, NULL);
    if (!json_is_object(body))
        fault(c, "_deliveries %" PRIu64 ": its body is not a JSON object", number);
    json_decref(body);
    codec_free(&delivery_table, &d);
}

/* ---- pages ----------------------------------------------------------------------------------- */

static void check_page(struct check *c, uint64_t number, const json_t *record, MDB_val k, MDB_val v)
{
    struct page_record page;
    (void)k;
    codec_read(&page_record_table, record, &page);
    check_id(c, "page", number, page.article);
    codec_free(&page_record_table, &page);
    check_types(c, "page", number, &page_record_table, record);
    if (!get_u64(c, STORE_ARTICLES, number, &v))
        fault(c, "pages: article %" PRIu64 " does not exist", number);
}

static void check_full_text(struct check *c, uint64_t number, const json_t *unused, MDB_val k,
                            MDB_val v)
{
    (void)unused, (void)k;
    MDB_val page;
    if (v.mv_size < STORE_FULL_TEXT_HEAD ||
        !utf8_valid((const char *)v.mv_data + STORE_FULL_TEXT_HEAD,
                    v.mv_size - STORE_FULL_TEXT_HEAD))
        fault(c, "_full_texts %" PRIu64 ": invalid text", number);
    if (!get_u64(c, STORE_ARTICLES, number, &page))
        fault(c, "_full_texts: article %" PRIu64 " does not exist", number);
}

static void check_site(struct check *c, uint64_t unused, const json_t *site, MDB_val k, MDB_val v)
{
    (void)unused, (void)v;
    if (!json_is_integer(json_object_get(site, "read")))
        fault(c, "_sites: %.*s lacks the time when its robots.txt was read", (int)k.mv_size,
              (const char *)k.mv_data);
}

static void check_nothing(struct check *c, uint64_t unused, const json_t *unused_too, MDB_val k,
                          MDB_val v)
{
    (void)c, (void)unused, (void)unused_too, (void)k, (void)v;
}

/* ---- named values ---------------------------------------------------------------------------- */

static void check_secret(struct check *c, uint64_t unused, const json_t *unused_too, MDB_val k,
                         MDB_val v)
{
    (void)unused, (void)unused_too;
    if (!is_named(k, "hubs") || v.mv_size != STORE_HUBS_KEY)
        fault(c, "_secrets: %zu bytes; expected %d bytes of \"hubs\"", v.mv_size, STORE_HUBS_KEY);
}

static void check_meta(struct check *c, uint64_t unused, const json_t *unused_too, MDB_val k,
                       MDB_val v)
{
    (void)unused, (void)unused_too;
    json_t *value = json_loadb(v.mv_data, v.mv_size, JSON_DECODE_ANY, NULL);
    if (is_named(k, "writer") ? !json_is_string(value)
                              : !json_is_integer(value) || json_integer_value(value) < 0)
        fault(c, "meta: %.*s is %.*s; expected a %s", (int)k.mv_size, (const char *)k.mv_data,
              (int)(v.mv_size < 40 ? v.mv_size : 40), (const char *)v.mv_data,
              is_named(k, "writer") ? "string" : "number");
    json_decref(value);
}

/* A counter is the number of the last record, which may have been deleted, or the end of a gap. */
static void check_last(struct check *c, const char *name, uint64_t last, uint64_t from)
{
    MDB_val v;
    bool there = get_record(c, STORE_META, name, strlen(name), &v);
    uint64_t number = meta_number(c, name);
    uint64_t next = last + 1 > from ? last + 1 : from;
    if ((number != last && number + 1 != after_jumps(c, name, next)) || (!there && last))
        fault(c, "meta: %s is %.*s; expected %" PRIu64, name,
              there ? (int)(v.mv_size < 40 ? v.mv_size : 40) : 7,
              there ? (const char *)v.mv_data : "missing", last);
}

/* ---- entry point ----------------------------------------------------------------------------- */

/* All databases, ordered so that each comes after those that are needed to check it. */
enum { DATABASES = STORE_DATABASE_COUNT };
static const struct database_row {
    enum store_db db;
    void (*each)(struct check *, uint64_t number, const json_t *, MDB_val key, MDB_val value);
} rows[] = {
    {STORE_META, check_meta},
    {STORE_CHANGES, check_change},
    {STORE_HISTORY, check_history},
    {STORE_ARTICLES, check_article},
    {STORE_EVENTS, check_event},
    {STORE_EVENTS_BY_UPDATE, check_update},
    {STORE_EVENT_ARTICLES, check_link},
    {STORE_DECISIONS, check_decision},
    {STORE_POSTS, check_post},
    {STORE_EVENT_POSTS, check_post_link},
    {STORE_POST_ITEMS, check_posted},
    {STORE_FEEDS, check_feed},
    {STORE_ADDRESSES, check_address},
    {STORE_DOCUMENTS, check_document},
    {STORE_ITEMS, check_item},
    {STORE_PACKED, check_packed},
    {STORE_RARITY, check_rarity},
    {STORE_TOMBSTONES, check_tombstone},
    {STORE_ALERTS, check_alert},
    {STORE_READING, check_reading},
    {STORE_DELIVERIES, check_delivery},
    {STORE_SECRETS, check_secret},
    {STORE_SIGNATURES, check_signature},
    {STORE_EARLIER, check_earlier},
    {STORE_PAGES, check_page},
    {STORE_FULL_TEXTS, check_full_text},
    {STORE_SITES, check_site},
    {STORE_CLUSTER, check_nothing},
    {STORE_ARRIVALS, check_nothing},
    {STORE_OUTBOX, check_nothing},
};
_Static_assert(sizeof rows / sizeof *rows == DATABASES, "a row for each database");

static void check_record(struct check *c, const struct database_row *row, MDB_val k, MDB_val v)
{
    const struct store_database *d = &store_databases[row->db];
    const char *name = d->name;
    uint64_t number = k.mv_size == 8 ? store_from_u64(k.mv_data) : 0;
    if (d->key && k.mv_size != d->key) {
        fault(c, "%s: a key of %zu bytes; expected %zu", name, k.mv_size, d->key);
        return;
    }
    if (d->value >= 0 && v.mv_size != (size_t)d->value) {
        fault(c, "%s: a value of %zu bytes; expected %d", name, v.mv_size, d->value);
        return;
    }
    json_t *record = d->value == STORE_JSON ? json_loadb(v.mv_data, v.mv_size, 0, NULL) : NULL;
    if (d->value == STORE_JSON && !json_is_object(record))
        fault(c, "%s %" PRIu64 ": not a JSON object", name, number);
    else
        row->each(c, number, record, k, v);
    json_decref(record);
}

static void walk(struct check *c, const struct database_row *row)
{
    MDB_cursor *cursor;
    MDB_val k, v;
    fault_begin(c->out, store_databases[row->db].name);
    if (!c->dbi[row->db])
        return;
    int error = mdb_cursor_open(c->txn, c->dbi[row->db], &cursor);
    if (error) {
        fault(c, "%s: cannot be read: %s", c->out->name, store_strerror(error));
        return;
    }
    while ((error = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) == 0) {
        check_record(c, row, k, v);
        fault_passed(c->out, k.mv_data, k.mv_size);
    }
    if (error != MDB_NOTFOUND)
        fault(c, "%s: cannot be read completely: %s", c->out->name, store_strerror(error));
    mdb_cursor_close(cursor);
}

static void check_all(struct check *c)
{
    MDB_stat stat;
    c->has_history = c->dbi[STORE_HISTORY] && !mdb_stat(c->txn, c->dbi[STORE_HISTORY], &stat) &&
                     stat.ms_entries > 0 && !meta_number(c, "upgrade_row"); /* else half made */
    MDB_val v;
    c->is_fetchers = get_record(c, STORE_CLUSTER, "outbox", strlen("outbox"), &v);
    c->engine = engine_new(1, 1);
    c->articles_from = meta_number(c, "articles_from");
    c->events_from = meta_number(c, "events_from");
    c->posts_from = meta_number(c, "posts_from");
    c->changes_from = meta_number(c, "changes_from");
    engine_set_clock(c->engine, INT64_MAX / 2); /* so all articles are too old to be kept */
    for (size_t i = 0; i < DATABASES; i++)
        walk(c, &rows[i]);
    engine_free(c->engine);
    check_known(c);
    if (c->has_history && c->remembered)
        fault(c, "_history: its entries do not match the changes");
    if (!meta_number(c, "schema"))
        fault(c, "meta: schema is missing; this store was not written by storyd");
    check_last(c, "seq", c->last_change, c->changes_from);
    check_last(c, "articles", c->last_article, c->articles_from);
    check_last(c, "events", c->last_event, c->events_from);
    if (!c->is_fetchers)
        check_last(c, "feeds", c->out->feeds, 0);
    check_last(c, "decisions", c->last_decision, 0);
    check_last(c, "posts", c->last_post, c->posts_from);
}

static void free_tallies(struct check *c)
{
    for (size_t i = 0; i < c->tallies.slots; i++)
        if (c->tallies.v[i].value) {
            struct tally *t = c->tallies.v[i].value;
            map_free(&t->domains);
            map_free(&t->reports);
            free(t);
        }
    map_free(&c->tallies);
    map_free(&c->assignment);
    map_free(&c->known);
    map_free(&c->joined);
    map_free(&c->decided);
}

static int open_checked_databases(struct check *c)
{
    int error = mdb_txn_begin(c->env, NULL, MDB_RDONLY, &c->txn);
    if (!error)
        error = whole_databases(c->txn, c->dbi);
    if (!error && meta_number(c, "schema") > STORE_SCHEMA_VERSION)
        error = STORE_NEWER;
    return error;
}

int store_check(const char *dir, void (*tell)(void *, const char *), void *arg,
                struct store_check *out)
{
    *out = (struct store_check){0};
    struct check c = {.sink = {tell, arg, out}, .out = out};
    int error = whole_open(dir, &c.env);
    if (!error)
        error = open_checked_databases(&c);
    if (!error)
        check_all(&c);
    free_tallies(&c);
    mdb_txn_abort(c.txn);
    mdb_env_close(c.env);
    return error;
}
