/* 400 days of invented news under retention: the store stops growing, and stays sound. */
#include "unit.h"

#include "base/mem.h"
#include "feed/parser.h"
#include "ingest/batch.h"
#include "ingest/decide.h"
#include "ingest/ingest.h"
#include "ingest/retention.h"
#include "store/check.h"
#include "store/record.h"
#include "story.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    START = 1700000000,
    HOUR = 3600,
    DAY = 24 * HOUR,
    EVERY = 6 * HOUR,
    DAYS = 400,
    FEEDS = 6,
    NEW = 2,      /* items of a document that are new */
    LISTED = 8,   /* items of a document */
    EVENTS = 100, /* days that events are kept, and so on */
    ARTICLES = 60,
    CHANGES = 30,
};

struct life {
    char dir[64];
    struct ingest *in;
    int64_t now;
    unsigned renamed;    /* the evergreen feed's title */
    uint64_t deleted;    /* events that were reported as deleted */
    uint64_t used[DAYS]; /* bytes of the store after each day */
};

static void tell_fault(void *arg, const char *fault)
{
    (void)arg;
    fprintf(stderr, "%s\n", fault);
}

static void check_store(const struct life *l)
{
    struct store_check found;
    assert_int_equal(store_check(l->dir, tell_fault, NULL, &found), 0);
    assert_int_equal(found.faults, 0);
}

static void on_deleted(void *arg, uint64_t event)
{
    struct life *l = arg;
    l->deleted += event > 0;
}

static void open_life(struct life *l)
{
    const struct retention_policy policy = {.events = (int64_t)EVENTS * DAY,
                                            .articles = (int64_t)ARTICLES * DAY,
                                            .changes = (int64_t)CHANGES * DAY,
                                            .tombstones = (int64_t)EVENTS * DAY};
    struct store *store;
    assert_int_equal(store_open(l->dir, 256 << 20, &store), 0);
    assert_int_equal(ingest_open(store, NULL, NULL, &l->in), 0);
    retention_set(l->in, &policy);
    retention_on_deleted(l->in, on_deleted, NULL, l);
}

/* ---- the news -------------------------------------------------------------------------------- */

/* An invented name, always the same for a number. */
static const char *name_of(uint64_t n, char out[16])
{
    static const char *const parts[] = {"ba", "ko", "mi", "tu",  "ve",  "la",  "so",  "ri",
                                        "ne", "du", "fa", "pel", "gor", "shi", "wan", "zel"};
    uint64_t x = (n + 1) * 0x9E3779B97F4A7C15u;
    snprintf(out, 16, "%s%s%s", parts[x >> 60], parts[x >> 56 & 15], parts[x >> 52 & 15]);
    out[0] = (char)(out[0] - 'a' + 'A');
    return out;
}

static void add_item(struct buf *b, unsigned feed, uint64_t n, int64_t time)
{
    static const char *const verbs[] = {"opens", "closes", "buys", "sues", "leaves", "joins"};
    char who[16], what[16], where[16], date[64];
    uint64_t story = n + feed % 2;
    time_t t = (time_t)time;
    struct tm tm;
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&t, &tm));
    buf_addf(b,
             "<item><guid>%u-%" PRIu64 "</guid><link>https://www.paper%u.example/%" PRIu64
             "</link><title>%s %s %s in %s</title><pubDate>%s</pubDate><description>The %s of %s, "
             "the company said, follows talks in %s.</description></item>",
             feed, n, feed, n, name_of(story * 3, who), verbs[story % 6],
             name_of(story * 3 + 1, what), name_of(story * 3 + 2, where), date, what, who, where);
}

static struct ingest_counts take(struct life *l, unsigned feed, const struct buf *items,
                                 const char *title)
{
    struct buf text;
    char url[64];
    struct feed *parsed;
    struct feed_speaker speaker = {0};
    bool more = true;
    buf_init(&text, 1 << 20);
    buf_addf(&text, "<rss version=\"2.0\"><channel><title>%s</title>%s</channel></rss>", title,
             buf_text(items));
    snprintf(url, sizeof url, "https://www.paper%u.example/feed", feed);
    assert_int_equal(feed_parse(text.p, text.len, url, "application/rss+xml", &parsed), FEED_OK);
    const struct feed_origin origin = {.url = url, .lang = "en", .speaker = &speaker};
    struct ingest_document *d = ingest_begin(l->in, feed + 1, &origin, &speaker, parsed, l->now);
    while (more)
        assert_int_equal(ingest_next(d, &more), 0);
    struct ingest_counts counts = ingest_end(d);
    speaker_free(&speaker);
    buf_free(&text);
    return counts;
}

static void publish(struct life *l, unsigned feed, uint64_t round)
{
    struct buf items;
    buf_init(&items, 1 << 20);
    uint64_t end = (round + 1) * NEW;
    for (uint64_t n = end; n > 0 && n + LISTED > end; n--)
        add_item(&items, feed, n, l->now - (int64_t)(end - n) * EVERY / NEW);
    take(l, feed, &items, "Paper");
    buf_free(&items);
}

/* A feed that lists the same three items for ever. */
static struct ingest_counts publish_evergreen(struct life *l)
{
    struct buf items;
    char title[32];
    buf_init(&items, 1 << 16);
    for (uint64_t n = 0; n < 3; n++)
        add_item(&items, FEEDS, 1000000 + n, START);
    snprintf(title, sizeof title, "Guide %u", l->renamed);
    struct ingest_counts counts = take(l, FEEDS, &items, title);
    buf_free(&items);
    return counts;
}

/* Another story, of today, under the guid of an article that was deleted. */
static struct ingest_counts reuse_a_guid(struct life *l)
{
    struct buf items;
    char date[64];
    time_t t = (time_t)l->now;
    struct tm tm;
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&t, &tm));
    buf_init(&items, 1 << 16);
    buf_addf(&items,
             "<item><guid>%u-1000000</guid><link>https://www.paper%u.example/1000000</link>"
             "<title>Lantern makers of Orrin celebrate their hundredth year</title>"
             "<pubDate>%s</pubDate></item>",
             FEEDS, FEEDS, date);
    struct ingest_counts counts = take(l, FEEDS, &items, "Guide");
    buf_free(&items);
    return counts;
}

static void retain(struct life *l)
{
    bool more = true;
    while (more)
        assert_int_equal(retention_step(l->in, l->now, &more), 0);
    assert_int_equal(ingest_commit(l->in), 0);
}

static void live_a_day(struct life *l, unsigned day)
{
    bool changed;
    for (int64_t i = 0; i < DAY / EVERY; i++) {
        l->now += EVERY;
        assert_int_equal(ingest_tick(l->in, l->now, &changed), 0);
        for (unsigned f = 0; f < FEEDS; f++)
            publish(l, f, (uint64_t)day * (DAY / EVERY) + (uint64_t)i);
        assert_int_equal(ingest_commit(l->in), 0);
        retain(l);
    }
    struct store_room room;
    assert_int_equal(store_room(ingest_store(l->in), &room), 0);
    l->used[day] = room.map_used;
}

/* ---- what is seen of it ---------------------------------------------------------------------- */

static json_t *entry(const struct story_entry *e)
{
    json_t *record = json_loadb(e->json, e->length, 0, NULL);
    assert_non_null(record);
    return record;
}

static void pin(struct life *l, uint64_t event)
{
    struct decided done;
    json_t *ask =
        json_pack("{s:s,s:s,s:I}", "kind", "pin", "who", "ed", "event", (json_int_t)event);
    decide(l->in, ask, l->now, &done);
    assert_int_equal(done.status, DECIDE_DONE);
    free(done.record);
    json_decref(ask);
}

static size_t count(story_list *list, uint64_t *first, uint64_t *last)
{
    struct story_entry e;
    size_t n = 0;
    int error;
    while (!(error = story_next(list, &e))) {
        *last = e.seq ? e.seq : e.number;
        *first = n++ ? *first : *last;
    }
    assert_int_equal(error, STORY_END);
    story_list_free(list);
    return n;
}

/* Cursors: 0 and recent ones continue, one before the log is refused. */
static void check_cursors(story_view *view, int64_t now)
{
    story_list *list;
    struct story_entry e;
    uint64_t first, last, end = story_last_seq(view);
    assert_int_equal(story_changes_since(view, 5, &list), STORY_GONE);
    assert_int_equal(story_changes_since(view, 0, &list), 0);
    assert_int_equal(story_next(list, &e), 0);
    json_t *oldest = entry(&e);
    assert_true((int64_t)record_number(oldest, "time") >= now - (CHANGES + 1) * DAY);
    uint64_t seq = e.seq;
    json_decref(oldest);
    story_list_free(list);
    assert_true(seq > 1000);
    assert_int_equal(story_changes_since(view, seq - 1, &list), 0);
    assert_int_equal(count(list, &first, &last), end - seq + 1);
    assert_int_equal(first, seq);
    assert_int_equal(last, end);
    assert_int_equal(story_changes_since(view, seq - 2, &list), STORY_GONE);
}

/* An event of an age between keep_articles and keep_events: it says and counts what it did. */
static void check_thinned(story_view *view, int64_t now)
{
    story_list *list;
    struct story_entry e;
    size_t thinned = 0;
    assert_int_equal(story_events_by_number(view, &list), 0);
    while (!story_next(list, &e)) {
        json_t *event = entry(&e);
        int64_t updated = (int64_t)record_number(event, "updated");
        uint64_t deleted = record_number(event, "articles_deleted"), first, last;
        bool pinned = json_is_true(json_object_get(event, "pinned"));
        assert_true(pinned || updated >= now - (EVENTS + 1) * DAY);
        if (!pinned && updated < now - (ARTICLES + 1) * DAY) {
            story_list *left;
            assert_int_equal(record_number(event, "article_count"), deleted);
            assert_int_equal(json_array_size(json_object_get(event, "sources")),
                             record_number(event, "source_count"));
            assert_int_equal(story_articles_of(view, e.number, &left), 0);
            assert_int_equal(count(left, &first, &last), 0);
            assert_true(json_array_size(json_object_get(event, "summary")) > 0);
            thinned++;
        }
        json_decref(event);
    }
    story_list_free(list);
    assert_true(thinned > 100);
}

static void check_views(const struct life *l, uint64_t pinned, uint64_t pinned_articles)
{
    story_db *db;
    story_view *view;
    story_list *list;
    struct story_entry e;
    uint64_t first, last;
    assert_int_equal(store_reader(ingest_store(l->in), &db), 0);
    assert_int_equal(story_view_begin(db, &view), 0);
    check_cursors(view, l->now);
    check_thinned(view, l->now);
    assert_int_equal(story_event(view, pinned, &e), 0);
    assert_int_equal(story_articles_of(view, pinned, &list), 0);
    assert_int_equal(count(list, &first, &last), pinned_articles);
    assert_int_equal(story_event(view, pinned + 1, &e), STORY_GONE);
    assert_int_equal(story_article(view, last + 20, &e), STORY_GONE);
    assert_int_equal(story_event(view, UINT64_MAX, &e), STORY_NOT_FOUND);
    assert_int_equal(story_tombstone(view, pinned + 1, &e), STORY_NOT_FOUND); /* long ago */
    story_view_end(view);
    story_close(db);
}

static uint64_t first_missing(const struct life *l)
{
    return store_number(ingest_store(l->in), "events_from") - 1;
}

static void a_tombstone_has_the_title(const struct life *l)
{
    story_db *db;
    story_view *view;
    struct story_entry e;
    assert_int_equal(store_reader(ingest_store(l->in), &db), 0);
    assert_int_equal(story_view_begin(db, &view), 0);
    uint64_t event = first_missing(l);
    assert_int_equal(story_event(view, event, &e), STORY_GONE);
    assert_int_equal(e.number, event);
    assert_int_equal(story_tombstone(view, event, &e), 0);
    json_t *tombstone = entry(&e);
    assert_true(strlen(record_text(tombstone, "title")) > 10);
    assert_int_equal(record_number(tombstone, "id"), event);
    json_decref(tombstone);
    story_view_end(view);
    story_close(db);
}

static void four_hundred_days(void **state)
{
    (void)state;
    static struct life l = {.now = START};
    uint64_t pinned = 0, pinned_articles = 0;
    snprintf(l.dir, sizeof l.dir, "/tmp/storyd-retention-XXXXXX");
    assert_non_null(mkdtemp(l.dir));
    open_life(&l);
    assert_int_equal(publish_evergreen(&l).articles, 3);
    for (unsigned day = 0; day < DAYS; day++) {
        live_a_day(&l, day);
        if (day == 5) { /* an event of several articles */
            struct event_record *event;
            for (pinned = 40; pinned_articles < 3; pinned_articles = event->article_count) {
                assert_int_equal(batch_event(l.in, ++pinned, &event), 0);
            }
            pin(&l, pinned);
        }
        if (day % 100 == 99) {
            check_store(&l);
            ingest_free(l.in); /* and so does a restart */
            open_life(&l);
            assert_int_equal(ingest_commit(l.in), 0);
        }
        if (day == 150)
            a_tombstone_has_the_title(&l);
        if (day == 200 || day == 399) { /* its items are read anew, and their articles are gone */
            l.renamed++;
            assert_int_equal(publish_evergreen(&l).articles, 0);
            assert_int_equal(ingest_commit(l.in), 0);
        }
    }
    assert_int_equal(reuse_a_guid(&l).articles, 1);
    assert_int_equal(ingest_commit(l.in), 0);
    check_views(&l, pinned, pinned_articles);
    check_store(&l);
    printf("bytes used after 50, 150, 250 and 400 days: %" PRIu64 " %" PRIu64 " %" PRIu64
           " %" PRIu64 "\n",
           l.used[49], l.used[149], l.used[249], l.used[399]);
    assert_true(l.used[49] < l.used[149]);
    assert_true(l.used[399] < l.used[249] + l.used[249] / 20);
    assert_true(l.deleted > 1000);
    ingest_free(l.in);
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", l.dir);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_hundred_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
