/* Makes anew what follows from other records; see repair.h. Called by storyctl check. The faults
 * are those that store/check.c reports, which are left alone when a record that they follow from is
 * damaged itself, or contradicts the change log. */
#include "ingest/repair.h"

#include "base/buf.h"
#include "base/map.h"
#include "cluster/engine.h"
#include "ingest/batch.h"
#include "ingest/identity.h"
#include "ingest/subscription.h"
#include "store/check.h"
#include "store/event_record.h"
#include "store/reading.h"
#include "store/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLICE = 1000 /* entries */, MOST_MERGES = 1000, MOST_PACKED = 64 };

struct repair {
    struct store *store;
    uint64_t removed, added, corrected; /* entries of the database at work */
    bool cut;                           /* entries of the wrong size were among the removed ones */
    bool changed;                       /* since the last commit */
    /* from these numbers on no record was deleted (ingest/retention.h); 0: none ever */
    uint64_t articles_from, events_from, posts_from, changes_from;
    uint64_t packed_from;
    bool has_history;      /* else an upgrade makes it */
    struct map assigned;   /* article number -> event, according to the change log */
    struct map joined;     /* article number -> present: those that joined an existing event */
    struct map damaged;    /* article number -> present: nothing follows from its record */
    struct map identified; /* article number -> present: those that an item identifies */
    struct engine *engine; /* reads packed articles and keeps nothing */
};

static int count(struct repair *r, uint64_t *what, int error)
{
    if (!error) {
        ++*what;
        r->changed = true;
    }
    return error;
}

static int commit_slice(struct repair *r)
{
    int error = r->changed ? store_commit(r->store) : 0;
    r->changed = false;
    return error;
}

/* ---- records --------------------------------------------------------------------------------- */

/* Nothing follows from a damaged record, nor from an article that contradicts the change log. */
enum evidence { ABSENT, DAMAGED, WHOLE };

static bool is_there(struct repair *r, enum store_db db, uint64_t number)
{
    struct store_value v;
    return store_get_u64(r->store, db, number, &v) != STORE_NOT_FOUND;
}

/* The caller frees the record, which is empty unless it is whole. */
static enum evidence read_record(struct repair *r, enum store_db db, uint64_t number,
                                 const struct codec_table *table, void *out)
{
    struct store_value v;
    int error = store_get_u64(r->store, db, number, &v);
    json_t *record = error ? NULL : json_loadb(v.p, v.n, 0, NULL);
    bool whole = json_is_object(record) &&
                 (db == STORE_CHANGES || record_number(record, "id") == number) &&
                 !codec_misfit(db == STORE_EVENTS ? &event_table : table, record);
    codec_read(table, whole ? record : NULL, out);
    json_decref(record);
    return whole ? WHOLE : error == STORE_NOT_FOUND ? ABSENT : DAMAGED;
}

static bool is_damaged(struct repair *r, uint64_t article)
{
    return !article || map_get(&r->damaged, article);
}

static enum evidence read_article(struct repair *r, uint64_t number, struct article_record *out)
{
    enum evidence found = read_record(r, STORE_ARTICLES, number, &article_table, out);
    return found == WHOLE && is_damaged(r, number) ? DAMAGED : found;
}

struct event_told {
    bool open, archived, merged;
    uint64_t seq, merged_into;
};

static enum evidence read_told(struct repair *r, uint64_t number, struct event_told *out)
{
    struct event_record e;
    enum evidence found = read_record(r, STORE_EVENTS, number, &event_head_table, &e);
    *out = (struct event_told){.open = !strcmp(e.status, "open"),
                               .archived = !strcmp(e.status, "archived"),
                               .merged = !strcmp(e.status, "merged"),
                               .seq = e.seq,
                               .merged_into = e.merged_into};
    codec_free(&event_head_table, &e);
    return found;
}

static bool was_deleted(struct repair *r, uint64_t event)
{
    return event < r->events_from && !is_there(r, STORE_EVENTS, event);
}

static bool is_lost_event(struct repair *r, uint64_t event)
{
    return event >= r->events_from && !is_there(r, STORE_EVENTS, event);
}

static uint64_t value_number(struct store_value v) /* as _items and _packed have it */
{
    uint64_t number = 0;
    if (v.n >= sizeof number)
        memcpy(&number, v.p, sizeof number);
    return number;
}

/* ---- walks ----------------------------------------------------------------------------------- */

typedef bool repair_useless(struct repair *r, const unsigned char *key, struct store_value v);
typedef int repair_derive(struct repair *r, uint64_t number);

struct judging {
    struct repair *repair;
    enum store_db db;
    repair_useless *useless;
};

static enum store_verdict judge_entry(void *arg, struct store_value key, struct store_value v)
{
    struct judging *j = arg;
    const struct store_database *d = &store_databases[j->db];
    bool fits = key.n == d->key && (d->value < 0 || v.n == (size_t)d->value);
    if (fits && !j->useless(j->repair, key.p, v))
        return STORE_KEEP;
    j->repair->cut |= !fits;
    count(j->repair, &j->repair->removed, 0);
    return STORE_DROP;
}

static int remove_useless(struct repair *r, enum store_db db, repair_useless *useless)
{
    struct judging j = {r, db, useless};
    struct store_place place = {.n = 0};
    bool more = true;
    int error = 0;
    while (!error && more) {
        error = store_walk(r->store, db, &place, SLICE, judge_entry, &j, &more);
        if (!error)
            error = commit_slice(r);
    }
    return error;
}

struct repair_slice {
    struct repair *repair;
    repair_derive *derive;
    uint64_t next;
    int left;
};

static int derive_next(void *arg, uint64_t number, struct store_value v)
{
    struct repair_slice *s = arg;
    (void)v;
    if (s->left-- == 0)
        return STORE_NOT_FOUND; /* ends the walk */
    s->next = number + 1;
    return s->derive(s->repair, number);
}

static int derive_all(struct repair *r, enum store_db from, repair_derive *derive)
{
    struct repair_slice s = {.repair = r, .derive = derive};
    int error;
    do {
        s.left = SLICE;
        error = store_each(r->store, from, s.next, derive_next, &s);
        if (!error)
            error = commit_slice(r);
    } while (!error && s.left < 0);
    return error;
}

/* ---- what nothing follows from --------------------------------------------------------------- */

static void give_article(struct repair *r, uint64_t article, uint64_t event)
{
    if (article)
        map_put(&r->assigned, article, (void *)(uintptr_t)event);
}

static int note_assignment(struct repair *r, uint64_t seq)
{
    struct change_record c;
    read_record(r, STORE_CHANGES, seq, &change_table, &c);
    bool joined = !strcmp(c.kind, "joined");
    if (joined || !strcmp(c.kind, "created"))
        give_article(r, c.article, c.event);
    if (joined && c.article)
        map_put(&r->joined, c.article, r);
    for (size_t i = 0; !strcmp(c.kind, "split") && i < c.articles.n; i++)
        give_article(r, ((const uint64_t *)c.articles.v)[i], c.event);
    codec_free(&change_table, &c);
    return 0;
}

static uint64_t resolve_merges(struct repair *r, uint64_t event)
{
    struct event_told e;
    for (int i = 0; i < MOST_MERGES && read_told(r, event, &e) == WHOLE && e.merged_into; i++)
        event = e.merged_into;
    return event;
}

static int note_damaged(struct repair *r, uint64_t number)
{
    struct article_record a;
    uint64_t assigned = (uintptr_t)map_get(&r->assigned, number);
    bool whole = read_article(r, number, &a) == WHOLE;
    uint64_t logged = assigned || !r->changes_from ? resolve_merges(r, assigned) : a.event;
    if (number && (!whole || logged != a.event || a.copy_of >= number))
        map_put(&r->damaged, number, r);
    codec_free(&article_table, &a);
    return 0;
}

/* ---- meta ------------------------------------------------------------------------------------ */

static bool read_counter(struct repair *r, const char *name, uint64_t *out)
{
    struct store_value v;
    int error = store_get(r->store, STORE_META, name, strlen(name), &v);
    json_t *value = error ? NULL : json_loadb(v.p, v.n, JSON_DECODE_ANY, NULL);
    bool is = error || (json_is_integer(value) && json_integer_value(value) >= 0);
    *out = is ? (uint64_t)json_integer_value(value) : 0;
    json_decref(value);
    return is;
}

/* They are never lowered: a number would be used again. */
static int raise_counters(struct repair *r)
{
    const struct {
        const char *name;
        enum store_db of;
        uint64_t from;
    } counters[] = {
        {"seq", STORE_CHANGES, r->changes_from},  {"articles", STORE_ARTICLES, r->articles_from},
        {"events", STORE_EVENTS, r->events_from}, {"feeds", STORE_FEEDS, 0},
        {"decisions", STORE_DECISIONS, 0},        {"posts", STORE_POSTS, r->posts_from},
    };
    int error = 0;
    for (size_t i = 0; !error && i < sizeof counters / sizeof *counters; i++) {
        uint64_t number, least, deleted = counters[i].from ? counters[i].from - 1 : 0;
        error = store_last(r->store, counters[i].of, &least);
        least = least > deleted ? least : deleted;
        if (!error && (!read_counter(r, counters[i].name, &number) || number < least))
            error = count(r, &r->corrected, store_set_number(r->store, counters[i].name, least));
    }
    return error ? error : commit_slice(r);
}

/* ---- events ---------------------------------------------------------------------------------- */

static bool is_no_update(struct repair *r, const unsigned char *key, struct store_value v)
{
    struct event_told e;
    enum evidence event = read_told(r, store_from_u64(v.p), &e);
    return event == ABSENT || (event == WHOLE && e.seq != store_from_u64(key));
}

static int list_update(struct repair *r, uint64_t number)
{
    struct event_told e;
    unsigned char value[8];
    if (read_told(r, number, &e) != WHOLE || e.merged || e.archived || !e.seq ||
        is_there(r, STORE_EVENTS_BY_UPDATE, e.seq))
        return 0;
    store_u64(number, value);
    return count(r, &r->added,
                 store_put_u64(r->store, STORE_EVENTS_BY_UPDATE, e.seq, value, sizeof value));
}

static bool counts_differ(const struct event_record *a, const struct event_record *b)
{
    const struct event_source *x = a->sources.v, *y = b->sources.v;
    if (a->article_count != b->article_count || a->source_count != b->source_count ||
        (event_counts_reports(a) && a->report_count != b->report_count) ||
        a->sources.n != b->sources.n)
        return true;
    for (size_t i = 0; i < a->sources.n; i++) {
        size_t k = 0;
        while (k < b->sources.n &&
               strcmp(event_first_domain(&x[i]), event_first_domain(&y[k])) != 0)
            k++;
        if (k == b->sources.n || x[i].articles != y[k].articles)
            return true;
    }
    return false;
}

/* Counts an event's articles again; one that is led by another's article gets its first. */
static int correct_counts(struct repair *r, const struct event_record *was,
                          const uint64_t *articles, size_t n)
{
    struct event_record now;
    bool has_lead = false;
    int error = batch_stored_event(r->store, was->number, &now);
    if (!error)
        error = batch_count(r->store, &now, articles, n, was->updated);
    for (size_t i = 0; i < n; i++)
        has_lead |= articles[i] == was->lead;
    if (!error && !has_lead)
        error = batch_lead(r->store, &now, articles[0]);
    if (!error && (!has_lead || counts_differ(was, &now))) {
        event_record_finish(&now);
        error = count(r, &r->corrected, batch_put_event(r->store, &now));
    }
    codec_free(&event_table, &now);
    return error;
}

static int correct_event(struct repair *r, uint64_t number)
{
    struct event_record was;
    uint64_t *articles = NULL;
    size_t n = 0, whole = 0;
    int error = 0;
    if (read_record(r, STORE_EVENTS, number, &event_table, &was) == WHOLE &&
        strcmp(was.status, "merged") != 0 && !was.articles_deleted)
        error = store_linked(r->store, number, &articles, &n);
    while (!error && whole < n && !is_damaged(r, articles[whole]))
        whole++;
    if (!error && n && whole == n)
        error = correct_counts(r, &was, articles, n);
    free(articles);
    codec_free(&event_table, &was);
    return error;
}

static bool is_no_article_of(struct repair *r, const unsigned char *key, struct store_value v)
{
    struct article_record a;
    enum evidence article = read_article(r, store_from_u64(v.p), &a);
    bool other = article == WHOLE && a.event != store_from_u64(key);
    codec_free(&article_table, &a);
    return article == ABSENT || other;
}

static bool takes_entries(struct repair *r, uint64_t event)
{
    struct event_told e;
    return read_told(r, event, &e) == WHOLE && !e.merged;
}

static int list_article(struct repair *r, uint64_t number)
{
    struct article_record a;
    int error = 0;
    if (read_article(r, number, &a) == WHOLE &&
        !store_has(r->store, STORE_EVENT_ARTICLES, a.event, number) && takes_entries(r, a.event))
        error = count(r, &r->added, store_link(r->store, a.event, number));
    codec_free(&article_table, &a);
    return error;
}

static bool is_no_post_of(struct repair *r, const unsigned char *key, struct store_value v)
{
    struct post_record p;
    enum evidence post = read_record(r, STORE_POSTS, store_from_u64(v.p), &post_table, &p);
    bool other = post == WHOLE && p.event != store_from_u64(key);
    codec_free(&post_table, &p);
    return post == ABSENT || other;
}

static int list_post(struct repair *r, uint64_t number)
{
    struct post_record p;
    int error = 0;
    if (read_record(r, STORE_POSTS, number, &post_table, &p) == WHOLE &&
        !store_has(r->store, STORE_EVENT_POSTS, p.event, number) && takes_entries(r, p.event))
        error = count(r, &r->added, store_link_post(r->store, p.event, number));
    codec_free(&post_table, &p);
    return error;
}

/* One that contradicts its article may name the wrong event. */
static enum evidence read_change(struct repair *r, uint64_t seq, struct change_record *out)
{
    enum evidence found = read_record(r, STORE_CHANGES, seq, &change_table, out);
    return found == WHOLE && out->article && is_damaged(r, out->article) ? DAMAGED : found;
}

static bool is_no_change_of(struct repair *r, const unsigned char *key, struct store_value v)
{
    struct change_record c;
    uint64_t event = store_from_u64(key);
    enum evidence change = read_change(r, store_from_u64(v.p), &c);
    bool other = change == WHOLE && c.event != event && c.from != event && c.into != event;
    codec_free(&change_table, &c);
    return r->has_history && (change == ABSENT || other);
}

static int remember_again(struct repair *r, uint64_t seq)
{
    struct change_record c;
    int error = 0;
    bool whole = read_change(r, seq, &c) == WHOLE;
    const uint64_t events[] = {c.event, c.from, c.into};
    for (size_t i = 0; r->has_history && whole && !error && i < sizeof events / sizeof *events; i++)
        if (events[i] && !was_deleted(r, events[i]) &&
            !store_has(r->store, STORE_HISTORY, events[i], seq))
            error = count(r, &r->added, store_remember(r->store, events[i], seq));
    codec_free(&change_table, &c);
    return error;
}

/* ---- identity -------------------------------------------------------------------------------- */

static bool is_no_item(struct repair *r, const unsigned char *key, struct store_value v)
{
    uint64_t article = value_number(v);
    (void)key;
    if (article >= r->articles_from && article && !is_there(r, STORE_ARTICLES, article))
        return true;
    if (article)
        map_put(&r->identified, article, r);
    return false;
}

/* Whose item was cut is unknown: then every article gets back what it lacks. */
static int identify_again(struct repair *r, uint64_t number)
{
    struct article_record a;
    bool named = false;
    if (map_get(&r->identified, number) && !r->cut)
        return 0;
    bool whole = read_article(r, number, &a) == WHOLE;
    const struct identity_known known = {
        .title = a.title, .summary = a.summary, .guid = a.guid, .url = a.url};
    int error = whole ? identity_restore(r->store, &known, a.feed, number, &named) : 0;
    codec_free(&article_table, &a);
    return named ? count(r, &r->added, error) : error;
}

static bool is_no_post_item(struct repair *r, const unsigned char *key, struct store_value v)
{
    uint64_t post = value_number(v);
    (void)key;
    return post && post >= r->posts_from && !is_there(r, STORE_POSTS, post);
}

static bool leads_to_no_feed(struct repair *r, const unsigned char *key, struct store_value v)
{
    (void)key;
    return !is_there(r, STORE_FEEDS, store_from_u64(v.p));
}

static int lead_again(struct repair *r, uint64_t number)
{
    struct feed_record *feed;
    uint64_t found;
    int error = subscription_load(r->store, number, &feed);
    if (error)
        return error == STORE_CORRUPT ? 0 : error;
    const uint64_t to = feed->merged_into ? feed->merged_into : number;
    const char *const addresses[] = {feed->url, feed->listed};
    for (size_t i = 0; !error && i < sizeof addresses / sizeof *addresses; i++) {
        found = 1;
        if (addresses[i])
            error = subscription_number(r->store, addresses[i], &found);
        if (!error && !found)
            error = count(r, &r->added, subscription_lead(r->store, addresses[i], to));
    }
    subscription_free(feed);
    return error;
}

static bool is_no_document(struct repair *r, const unsigned char *key, struct store_value v)
{
    (void)r, (void)key;
    return v.n % STORE_RECALLED != 0;
}

/* ---- of an article, of an event -------------------------------------------------------------- */

static bool has_no_article(struct repair *r, const unsigned char *key, struct store_value v)
{
    (void)v;
    return !is_there(r, STORE_ARTICLES, store_from_u64(key));
}

static bool is_packed(struct repair *r, const struct article_record *a, struct store_value v)
{
    const char *bytes = (const char *)v.p + sizeof a->event;
    size_t n = v.n - sizeof a->event;
    return v.n >= sizeof a->event && value_number(v) == a->event &&
           (engine_packed_before(bytes, n) ||
            engine_restore(r->engine, a->number, a->event, bytes, n));
}

/* Stored as packed by an older version, so the next start makes it of the article's texts. */
static int pack_later(struct repair *r, const struct article_record *a, uint64_t *what)
{
    struct buf b;
    buf_init(&b, MOST_PACKED);
    buf_add(&b, &a->event, sizeof a->event);
    engine_pack_nothing(&b);
    int error = store_put_u64(r->store, STORE_PACKED, a->number, b.p, b.len);
    buf_free(&b);
    return count(r, what, error);
}

/* An article that was older than the window at its arrival has no packed form, although an editor
 * may have brought it to an open event. The others joined an event, or began one that is open, or
 * state a time shortly before (as in store/check.c). */
static int pack_lost(struct repair *r, uint64_t number)
{
    struct article_record a;
    struct event_told e;
    struct store_value v;
    int error = 0;
    if (read_article(r, number, &a) == WHOLE && read_told(r, a.event, &e) == WHOLE) {
        bool there = store_get_u64(r->store, STORE_PACKED, number, &v) == 0;
        bool came = map_get(&r->joined, number) ||
                    (uintptr_t)map_get(&r->assigned, number) == a.event ||
                    a.published >= a.seen - STORE_SMALLEST_WINDOW;
        if (there && !is_packed(r, &a, v))
            error = e.archived
                        ? count(r, &r->removed, store_delete_u64(r->store, STORE_PACKED, number))
                        : pack_later(r, &a, &r->corrected);
        else if (!there && number >= r->packed_from && e.open && came)
            error = pack_later(r, &a, &r->added);
    }
    codec_free(&article_table, &a);
    return error;
}

static bool is_not_deleted(struct repair *r, const unsigned char *key, struct store_value v)
{
    (void)v;
    return is_there(r, STORE_EVENTS, store_from_u64(key));
}

static bool is_no_alert(struct repair *r, const unsigned char *key, struct store_value v)
{
    (void)v;
    return is_lost_event(r, store_from_u64(key + 8));
}

static bool is_no_reading(struct repair *r, const unsigned char *key, struct store_value v)
{
    const uint64_t event = reading_entry_of(key, v.p).event;
    return event && is_lost_event(r, event);
}

static bool is_no_signature(struct repair *r, const unsigned char *key, struct store_value v)
{
    const unsigned char *bytes = v.p;
    size_t terms = v.n < STORE_SIGNATURE_HEAD ? 0 : bytes[STORE_SIGNATURE_HEAD - 1];
    size_t least = STORE_SIGNATURE_HEAD + terms * STORE_SIGNATURE_TERM;
    return v.n < least || v.n > least + STORE_SIGNATURE_TITLE ||
           !is_there(r, STORE_EVENTS, store_from_u64(key));
}

static bool is_no_earlier(struct repair *r, const unsigned char *key, struct store_value v)
{
    (void)key;
    return is_lost_event(r, store_from_u64(v.p));
}

/* ---- entry point ----------------------------------------------------------------------------- */

/* All databases, ordered so that each comes after those that it follows from. Entries of the wrong
 * size and those for which `useless` is true are removed; then `derive` is called for each number
 * in `from`. The last ones follow from nothing, but for the counters in meta. */
static const struct repair_row {
    enum store_db db;
    repair_useless *useless;
    enum store_db from;
    repair_derive *derive;
} rows[] = {
    {STORE_HISTORY, is_no_change_of, STORE_CHANGES, remember_again},
    {STORE_EVENTS_BY_UPDATE, is_no_update, STORE_EVENTS, list_update},
    {STORE_EVENT_ARTICLES, is_no_article_of, STORE_ARTICLES, list_article},
    {STORE_EVENTS, NULL, STORE_EVENTS, correct_event},
    {STORE_EVENT_POSTS, is_no_post_of, STORE_POSTS, list_post},
    {STORE_ADDRESSES, leads_to_no_feed, STORE_FEEDS, lead_again},
    {STORE_ITEMS, is_no_item, STORE_ARTICLES, identify_again},
    {STORE_PACKED, has_no_article, STORE_ARTICLES, pack_lost},
    {.db = STORE_POST_ITEMS, .useless = is_no_post_item},
    {.db = STORE_DOCUMENTS, .useless = is_no_document},
    {.db = STORE_TOMBSTONES, .useless = is_not_deleted},
    {.db = STORE_ALERTS, .useless = is_no_alert},
    {.db = STORE_READING, .useless = is_no_reading},
    {.db = STORE_SIGNATURES, .useless = is_no_signature},
    {.db = STORE_EARLIER, .useless = is_no_earlier},
    {.db = STORE_PAGES, .useless = has_no_article},
    {.db = STORE_FULL_TEXTS, .useless = has_no_article},
    {.db = STORE_META},
    {.db = STORE_CHANGES},
    {.db = STORE_ARTICLES},
    {.db = STORE_DECISIONS},
    {.db = STORE_POSTS},
    {.db = STORE_FEEDS},
    {.db = STORE_RARITY},
    {.db = STORE_DELIVERIES},
    {.db = STORE_SECRETS},
    {.db = STORE_SITES},
    {.db = STORE_CLUSTER},
    {.db = STORE_ARRIVALS},
    {.db = STORE_OUTBOX},
};
enum { ROWS = sizeof rows / sizeof *rows };
_Static_assert((int)ROWS == (int)STORE_DATABASE_COUNT, "a row for each database");

static int repair_database(struct repair *r, const struct repair_row *row)
{
    int error = row->useless ? remove_useless(r, row->db, row->useless) : 0;
    if (!error && row->derive)
        error = derive_all(r, row->from, row->derive);
    return error;
}

/* "repaired events_by_update: 2 removed, 1 added" */
static void tell_repairs(struct repair *r, enum store_db db, void (*tell)(void *, const char *),
                         void *arg)
{
    const struct {
        const char *what;
        uint64_t n;
    } counts[] = {{"removed", r->removed}, {"added", r->added}, {"corrected", r->corrected}};
    char line[160];
    const char *between = ": ";
    int length = snprintf(line, sizeof line, "repaired %s", store_databases[db].name);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (counts[i].n) {
            length += snprintf(line + length, sizeof line - (size_t)length, "%s%" PRIu64 " %s",
                               between, counts[i].n, counts[i].what);
            between = ", ";
        }
    if (r->removed || r->added || r->corrected)
        tell(arg, line);
    r->removed = r->added = r->corrected = 0;
    r->cut = false;
}

static int survey(struct repair *r)
{
    struct store *s = r->store;
    r->articles_from = store_number(s, "articles_from");
    r->events_from = store_number(s, "events_from");
    r->posts_from = store_number(s, "posts_from");
    r->changes_from = store_number(s, "changes_from");
    r->packed_from = store_number(s, "packed_from");
    r->has_history =
        !store_number(s, "upgrade_row") &&
        (store_number(s, "schema") == STORE_SCHEMA_VERSION || !store_is_empty(s, STORE_HISTORY));
    int error = store_error(s);
    if (!error)
        error = derive_all(r, STORE_CHANGES, note_assignment);
    return error ? error : derive_all(r, STORE_ARTICLES, note_damaged);
}

int repair_store(const char *dir, void (*tell)(void *, const char *), void *arg)
{
    struct repair r = {.engine = engine_new(1, 1)};
    engine_set_clock(r.engine, INT64_MAX / 2); /* so all articles are too old to be kept */
    int error = store_open(dir, 0, &r.store);
    if (!error)
        error = survey(&r);
    if (!error) {
        error = raise_counters(&r);
        tell_repairs(&r, STORE_META, tell, arg);
    }
    for (size_t i = 0; !error && i < ROWS; i++) {
        error = repair_database(&r, &rows[i]);
        tell_repairs(&r, rows[i].db, tell, arg);
    }
    store_close(r.store);
    engine_free(r.engine);
    map_free(&r.assigned);
    map_free(&r.joined);
    map_free(&r.damaged);
    map_free(&r.identified);
    return error;
}
