#include "unit.h"

#include "store/record.h"
#include "store/store.h"
#include "story.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static char dir[64];

enum { MAP_FULL = -30792 }; /* LMDB's code */

static int make_dir(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/storyd-store-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command);
}

static struct store *open_store(void)
{
    struct store *s;
    assert_int_equal(store_open(dir, 64 << 20, &s), 0);
    return s;
}

static void what_is_not_committed_is_dropped(void **state)
{
    (void)state;
    struct store *s = open_store();
    struct store_value v;
    assert_int_equal(store_put_u64(s, STORE_EVENTS, 1, "{}", 2), 0);
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(store_put_u64(s, STORE_EVENTS, 2, "{}", 2), 0);
    store_close(s);
    s = open_store();
    assert_int_equal(store_get_u64(s, STORE_EVENTS, 1, &v), 0);
    assert_int_equal(store_get_u64(s, STORE_EVENTS, 2, &v), STORE_NOT_FOUND);
    store_close(s);
}

static void one_writer(void **state)
{
    (void)state;
    struct store *s = open_store(), *second;
    assert_int_equal(store_open(dir, 64 << 20, &second), STORE_BUSY);
    store_close(s);
}

struct batch {
    struct store *store;
    pthread_t thread;
    int result;
};

static int write_more(void *arg)
{
    struct batch *b = arg;
    int error = store_put_u64(b->store, STORE_EVENTS, 2, "{}", 2);
    b->thread = pthread_self();
    return error ? error : b->result;
}

/* Before and after it transactions begin and end where they must, or LMDB's lock hangs. */
static void a_batch_is_written_on_a_thread(void **state)
{
    (void)state;
    struct batch b = {.store = open_store()};
    struct store_value v;
    int fd;
    assert_int_equal(store_start_writer(b.store, &fd), 0);
    assert_int_equal(store_put_u64(b.store, STORE_EVENTS, 1, "{}", 2), 0);
    assert_int_equal(store_commit(b.store), 0);
    for (int i = 0; i < 3; i++) { /* the second time nothing is in the batch but what it puts */
        if (i != 1)
            assert_int_equal(store_put_u64(b.store, STORE_EVENTS, 3 + i, "{}", 2), 0);
        assert_int_equal(store_commit_start(b.store, write_more, &b), 0);
        if (i < 2) {
            struct pollfd p = {.fd = fd, .events = POLLIN};
            eventfd_t times;
            assert_int_equal(poll(&p, 1, 10000), 1);
            assert_int_equal(eventfd_read(fd, &times), 0);
            assert_int_equal(store_commit_end(b.store), 0);
        }
    }
    /* whoever asks for something waits for it */
    assert_int_equal(store_get_u64(b.store, STORE_EVENTS, 5, &v), 0);
    assert_false(pthread_equal(b.thread, pthread_self()));
    assert_int_equal(store_commit_start(b.store, write_more, &b), 0);
    store_close(b.store);
    b.store = open_store();
    for (uint64_t i = 1; i <= 5; i++)
        assert_int_equal(store_get_u64(b.store, STORE_EVENTS, i, &v), i == 4 ? STORE_NOT_FOUND : 0);
    store_close(b.store);
}

/* After it the store takes nothing more: what memory holds is ahead of it. */
static void a_batch_that_cannot_be_written_fails_for_good(void **state)
{
    (void)state;
    struct batch b = {.store = open_store(), .result = ENOSPC};
    struct store_value v;
    int fd;
    assert_int_equal(store_start_writer(b.store, &fd), 0);
    assert_int_equal(store_put_u64(b.store, STORE_EVENTS, 1, "{}", 2), 0);
    assert_int_equal(store_commit_start(b.store, write_more, &b), 0);
    assert_int_equal(store_put_u64(b.store, STORE_EVENTS, 3, "{}", 2), ENOSPC);
    assert_int_equal(store_commit_end(b.store), ENOSPC);
    assert_int_equal(store_commit(b.store), ENOSPC);
    assert_int_equal(store_commit_start(b.store, write_more, &b), ENOSPC);
    store_close(b.store);
    b.store = open_store();
    assert_int_equal(store_get_u64(b.store, STORE_EVENTS, 1, &v), STORE_NOT_FOUND);
    store_close(b.store);
}

/* What was written meanwhile is dropped, and it takes more. */
static void a_full_store_goes_on_when_there_is_room(void **state)
{
    (void)state;
    struct batch b = {.result = MAP_FULL};
    struct store_value v;
    int fd, error = 0;
    static char page[1 << 20];
    assert_int_equal(store_open(dir, 16 << 20, &b.store), 0);
    assert_int_equal(store_start_writer(b.store, &fd), 0);
    assert_int_equal(store_put_u64(b.store, STORE_EVENTS, 1, "{}", 2), 0);
    assert_int_equal(store_commit(b.store), 0);
    for (uint64_t i = 2; !error && i < 40; i++)
        error = store_put_u64(b.store, STORE_EVENTS, i, page, sizeof page);
    assert_int_equal(error, MAP_FULL);
    assert_true(store_is_full(error));
    assert_int_equal(store_get_u64(b.store, STORE_EVENTS, 1, &v), MAP_FULL);
    assert_int_equal(store_commit(b.store), MAP_FULL);
    assert_int_equal(store_error(b.store), MAP_FULL);
    assert_int_equal(store_retry(b.store, 64 << 20), 0);
    assert_int_equal(store_error(b.store), 0);
    assert_int_equal(store_get_u64(b.store, STORE_EVENTS, 1, &v), 0);
    assert_int_equal(store_get_u64(b.store, STORE_EVENTS, 2, &v), STORE_NOT_FOUND);
    for (uint64_t i = 2; i < 40; i++)
        assert_int_equal(store_put_u64(b.store, STORE_EVENTS, i, page, sizeof page), 0);
    assert_int_equal(store_commit(b.store), 0);
    /* it is full to the brim, and may not grow */
    assert_int_equal(store_retry(b.store, 39 << 20), MAP_FULL);
    assert_int_equal(store_put_u64(b.store, STORE_EVENTS, 1, "{}", 2), MAP_FULL);
    store_close(b.store);
}

/* To wait for room for a batch, what a reader keeps counts as taken. */
static void what_a_reader_keeps_is_no_room(void **state)
{
    (void)state;
    struct store *s = open_store();
    story_db *db;
    story_view *view;
    static char page[1 << 20];
    for (uint64_t i = 1; i < 55; i++)
        assert_int_equal(store_put_u64(s, STORE_EVENTS, i, page, sizeof page), 0);
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(store_reader(s, &db), 0);
    assert_int_equal(story_view_begin(db, &view), 0);
    for (uint64_t i = 1; i < 55; i++)
        assert_int_equal(store_delete_u64(s, STORE_EVENTS, i), 0);
    assert_int_equal(store_commit(s), 0);
    for (uint64_t i = 1; i < 9; i++) {
        assert_int_equal(store_put_u64(s, STORE_EVENTS, i, page, sizeof page), 0);
        assert_int_equal(store_commit(s), 0);
    }
    assert_int_equal(store_retry(s, 64 << 20), MAP_FULL);
    story_view_end(view);
    assert_int_equal(store_retry(s, 64 << 20), 0);
    story_close(db);
    store_close(s);
}

static void a_newer_store_is_left_alone(void **state)
{
    (void)state;
    struct store *s = open_store(), *again;
    story_db *db;
    assert_int_equal(store_set_number(s, "schema", STORE_SCHEMA_VERSION + 1), 0);
    assert_int_equal(store_commit(s), 0);
    store_close(s);
    assert_int_equal(store_open(dir, 64 << 20, &again), STORE_NEWER);
    assert_int_equal(story_open(dir, &db), STORY_NEWER);
}

static void put(struct store *s, enum store_db db, uint64_t key, const char *text)
{
    assert_int_equal(store_put_u64(s, db, key, text, strlen(text)), 0);
}

static void update(struct store *s, uint64_t seq, uint64_t event)
{
    unsigned char number[8];
    store_u64(event, number);
    assert_int_equal(store_put_u64(s, STORE_EVENTS_BY_UPDATE, seq, number, 8), 0);
}

/* Three events, the second merged into the third. */
static void fill(struct store *s)
{
    put(s, STORE_EVENTS, 1, "{\"id\":1,\"title\":\"one\",\"merged_into\":null}");
    put(s, STORE_EVENTS, 2, "{\"id\":2,\"title\":\"two\",\"merged_into\":3}");
    put(s, STORE_EVENTS, 3, "{\"id\":3,\"title\":\"three\",\"merged_into\":null}");
    put(s, STORE_ARTICLES, 10, "{\"id\":10}");
    put(s, STORE_ARTICLES, 11, "{\"id\":11}");
    update(s, 4, 1);
    update(s, 7, 3);
    put(s, STORE_CHANGES, 6, "{\"event\":3}");
    put(s, STORE_CHANGES, 7, "{\"event\":3}");
    assert_int_equal(store_link(s, 3, 11), 0);
    assert_int_equal(store_link(s, 3, 10), 0);
    assert_int_equal(store_commit(s), 0);
}

static void read_api(void **state)
{
    (void)state;
    struct store *s = open_store();
    fill(s);
    story_db *db;
    story_view *view;
    story_list *list;
    struct story_entry e;
    char title[8];
    assert_int_equal(story_open(dir, &db), 0); /* while the writer has it open */
    assert_int_equal(story_view_begin(db, &view), 0);
    assert_int_equal(story_last_seq(view), 7);
    assert_int_equal(story_event(view, 2, &e), 0);
    assert_int_equal(e.number, 3); /* followed */
    assert_int_equal(story_event_as_is(view, 2, &e), 0);
    assert_int_equal(e.number, 2);
    assert_int_equal(story_text(&e, "title", title, sizeof title), 0);
    assert_string_equal(title, "two");
    assert_int_equal(story_event(view, 9, &e), STORY_NOT_FOUND);
    assert_int_equal(story_text(&e, "title", title, sizeof title), STORY_CORRUPT);

    assert_int_equal(story_events(view, &list), 0);
    assert_int_equal(story_next(list, &e), 0);
    assert_true(e.number == 3 && e.seq == 7);
    assert_int_equal(story_next(list, &e), 0);
    assert_true(e.number == 1 && e.seq == 4);
    assert_int_equal(story_next(list, &e), STORY_END);
    story_list_free(list);

    assert_int_equal(story_events_since(view, 4, &list), 0);
    assert_int_equal(story_next(list, &e), 0);
    assert_int_equal(e.number, 3);
    assert_int_equal(story_next(list, &e), STORY_END);
    story_list_free(list);

    assert_int_equal(story_changes_since(view, 6, &list), 0);
    assert_int_equal(story_next(list, &e), 0);
    assert_true(e.seq == 7 && e.number == 3);
    story_list_free(list);

    assert_int_equal(story_articles_of(view, 3, &list), 0);
    assert_int_equal(story_next(list, &e), 0);
    assert_int_equal(e.number, 10);
    assert_int_equal(story_next(list, &e), 0);
    assert_int_equal(e.number, 11);
    assert_int_equal(story_next(list, &e), STORY_END);
    story_list_free(list);
    story_view_end(view);
    story_close(db);
    store_close(s);
}

/* A view is one state: what is committed after it began is not seen. */
static void a_view_does_not_move(void **state)
{
    (void)state;
    struct store *s = open_store();
    fill(s);
    story_db *db;
    story_view *view;
    struct story_entry e;
    assert_int_equal(story_open(dir, &db), 0);
    assert_int_equal(story_view_begin(db, &view), 0);
    put(s, STORE_EVENTS, 4, "{}");
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(story_event_as_is(view, 4, &e), STORY_NOT_FOUND);
    story_view_end(view);
    assert_int_equal(story_view_begin(db, &view), 0);
    assert_int_equal(story_event_as_is(view, 4, &e), 0);
    story_view_end(view);
    story_close(db);
    store_close(s);
}

static void put_event(struct store *s, uint64_t number, uint64_t seq, const char *json)
{
    put(s, STORE_EVENTS, number, json);
    update(s, seq, number);
}

/* The numbers of the events that the filter lets through, in order. */
static void expect_events(story_view *view, struct story_filter f, const char *numbers)
{
    story_list *list;
    struct story_entry e;
    char found[64] = "";
    int error = story_events_where(view, &f, &list);
    while (!error && !(error = story_next(list, &e)))
        snprintf(found + strlen(found), sizeof found - strlen(found), "%d ", (int)e.number);
    assert_int_equal(error, STORY_END);
    assert_string_equal(found, numbers);
    story_list_free(list);
}

static void filters(void **state)
{
    (void)state;
    struct store *s = open_store();
    put_event(s, 1, 5,
              "{\"source_count\":1,\"updated\":500,\"lang\":\"de\",\"status\":\"closed\","
              "\"title\":\"Überfall in München\",\"categories\":[\"crime, law and justice\"],"
              "\"sources\":[{\"domain\":\"a.example\",\"name\":\"Foo, Inc.\"}]}");
    put_event(s, 2, 6,
              "{\"source_count\":3,\"updated\":600,\"lang\":\"en\",\"status\":\"open\","
              "\"title\":\"Copper mine\",\"categories\":[\"Business\",\"World\"],"
              "\"keywords\":[\"royalty\",\"l'année\"],\"tags\":[\"Front page\"],"
              "\"sources\":[{\"domain\":\"b.example\",\"name\":\"Bee\"}]}");
    put_event(s, 3, 7,
              "{\"source_count\":2,\"updated\":700,\"lang\":\"fr\",\"status\":\"open\","
              "\"title\":\"Copper\",\"sources\":[]}");
    assert_int_equal(store_commit(s), 0);
    story_db *db;
    story_view *view;
    assert_int_equal(story_open(dir, &db), 0);
    assert_int_equal(story_view_begin(db, &view), 0);
#define EXPECT(numbers, ...) expect_events(view, (struct story_filter){__VA_ARGS__}, numbers)
    EXPECT("3 2 1 ", .min_sources = 0);
    EXPECT("3 2 ", .min_sources = 2);
    EXPECT("3 2 ", .since = 600);
    EXPECT("2 1 ", .lang = "en,DE");
    EXPECT("1 ", .status = "closed");
    EXPECT("2 ", .category = "sport, business");
    EXPECT("1 ", .category = "Crime, law and justice");
    EXPECT("2 1 ", .category = "business, crime, law and justice, health");
    EXPECT("", .category = "crime");
    EXPECT("", .category = "law and justice, crime");
    EXPECT("1 ", .source = "foo, inc.");
    EXPECT("2 1 ", .source = "a.example,bee");
    EXPECT("1 ", .words = "ÜBERF münchen");
    EXPECT("3 2 ", .words = "copper");
    EXPECT("2 ", .words = "royal copper année");
    EXPECT("", .words = "copper überfall");
    EXPECT("2 ", .words = "front");
    EXPECT("2 ", .category = "front page");
    EXPECT("3 ", .words = "copper", .lang = "fr", .status = "open");
    EXPECT("", .words = "opper");
#undef EXPECT
    story_view_end(view);
    story_close(db);
    store_close(s);
}

/* A filter ends where events become too old, and reads no further. */
static void a_filter_stops_at_what_is_too_old(void **state)
{
    (void)state;
    struct store *s = open_store();
    put_event(s, 1, 5, "no record");
    put_event(s, 2, 6, "{\"updated\":600}");
    put_event(s, 3, 7, "{\"updated\":700}");
    assert_int_equal(store_commit(s), 0);
    story_db *db;
    story_view *view;
    assert_int_equal(story_open(dir, &db), 0);
    assert_int_equal(story_view_begin(db, &view), 0);
    expect_events(view, (struct story_filter){.since = 650}, "3 ");
    story_view_end(view);
    story_close(db);
    store_close(s);
}

static bool readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) == 1;
}

/* A commit is noticed once it can be seen, and a notice is taken off. */
static void waiting(void **state)
{
    (void)state;
    struct store *s = open_store();
    fill(s);
    story_db *db;
    uint64_t last;
    int fd;
    assert_int_equal(story_open(dir, &db), 0);
    assert_int_equal(story_wait(db, 3, -1, &last), 0); /* there are some already */
    assert_int_equal(last, 7);
    assert_int_equal(story_wait(db, 7, 0, &last), STORY_END);
    assert_int_equal(last, 7);
    assert_int_equal(story_watch(db, &fd), 0);
    assert_false(readable(fd));
    put(s, STORE_CHANGES, 8, "{\"event\":3}");
    assert_false(readable(fd));
    assert_int_equal(store_commit(s), 0);
    assert_true(readable(fd));
    story_watched(fd);
    assert_false(readable(fd));
    close(fd);
    assert_int_equal(story_wait(db, 7, 0, &last), 0);
    assert_int_equal(last, 8);
    story_close(db);
    store_close(s);
}

static void *commit_twice(void *arg)
{
    struct store *s = arg;
    put(s, STORE_FEEDS, 1, "{}");
    assert_int_equal(store_commit(s), 0); /* no change of an event: nobody returns for it */
    put(s, STORE_CHANGES, 8, "{\"event\":3}");
    assert_int_equal(store_commit(s), 0);
    return NULL;
}

static void who_waits_is_woken(void **state)
{
    (void)state;
    struct store *s = open_store();
    fill(s);
    story_db *db;
    uint64_t last;
    pthread_t writer;
    assert_int_equal(story_open(dir, &db), 0);
    assert_int_equal(pthread_create(&writer, NULL, commit_twice, s), 0);
    assert_int_equal(story_wait(db, 7, -1, &last), 0);
    assert_int_equal(last, 8);
    pthread_join(writer, NULL);
    story_close(db);
    store_close(s);
}

static void a_circle_of_redirects_ends(void **state)
{
    (void)state;
    struct store *s = open_store();
    fill(s);
    put(s, STORE_EVENTS, 3, "{\"merged_into\":2}");
    assert_int_equal(store_commit(s), 0);
    story_db *db;
    story_view *view;
    struct story_entry e;
    assert_int_equal(story_open(dir, &db), 0);
    assert_int_equal(story_view_begin(db, &view), 0);
    assert_int_equal(story_event(view, 2, &e), STORY_CORRUPT);
    story_view_end(view);
    story_close(db);
    store_close(s);
}

static void no_store_is_no_store(void **state)
{
    (void)state;
    story_db *db;
    assert_int_equal(story_open(dir, &db), STORY_NO_STORE);
    assert_int_equal(story_open("/nowhere/at/all", &db), STORY_NO_STORE);
}

static json_t *article(uint64_t id, const char *domain, int64_t published, uint64_t copy_of)
{
    return json_pack("{s:I,s:s,s:s,s:{s:s,s:s},s:I,s:I,s:o,s:[s],s:s}", "id", (json_int_t)id,
                     "title", "title", "url", "url", "source", "name", domain, "domain", domain,
                     "published", (json_int_t)published, "seen",
                     (json_int_t)(900 + published % 100), "copy_of",
                     copy_of ? json_integer((json_int_t)copy_of) : json_null(), "categories",
                     domain, "summary", "First sentence.");
}

/* Addresses that an older version took. */
static void what_is_no_address_stays_inside(void **state)
{
    static const char *const table[][2] = {
        {"{\"id\":1,\"url\":\"javascript:alert(1)\",\"link\":\"data:text/html,\\\"x\",\"n\":2}",
         "{\"id\":1,\"url\":\"\",\"link\":null,\"n\":2}"},
        {"{\"image\":\"data:image/png;base64,AA\",\"home\":\"javascript:x\"}",
         "{\"image\":null,\"home\":null}"},
        {"{\"url\":\"https://a.example/\",\"link\":null,\"image\":\"HTTP://a.example/\"}", NULL},
        {"{\"url\":\"\",\"title\":\"javascript:x\",\"curl\":\"x\"}", NULL},
        {"{\"title\":\"a \\\"url\\\":\\\"javascript:x\\\" in a text\"}", NULL},
        {"{\"url\":\"javascript:x\\", "{\"url\":\"\""}, /* cut off */
        {"{\"url\":\"http://u:p@a.example/b\",\"link\":\"https://u@a.example\"}",
         "{\"url\":\"http://a.example/b\",\"link\":\"https://a.example\"}"},
        {"{\"url\":\"http://a.example/b@c\",\"link\":\"http:\"}",
         "{\"url\":\"http://a.example/b@c\",\"link\":null}"},
        {"{\"url\":\"", NULL},
        {"", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf b;
        size_t n = strlen(table[i][0]);
        char *json = malloc(n + 1); /* a store's records have no NUL at their end */
        memcpy(json, table[i][0], n);
        buf_init(&b, 1000);
        record_add(&b, json, n);
        assert_string_equal(buf_text(&b), table[i][table[i][1] ? 1 : 0]);
        buf_free(&b);
        free(json);
    }
    json_t *r = json_pack("{s:s}", "url", "javascript:alert(1)");
    assert_string_equal(record_address(r), "");
    json_object_set_new(r, "url", json_string("https://a.example/"));
    assert_string_equal(record_address(r), "https://a.example/");
    json_decref(r);
}

static void join(json_t *event, uint64_t id, const char *domain, int64_t published,
                 uint64_t copy_of)
{
    json_t *a = article(id, domain, published, copy_of);
    record_event_join(event, a, 1000);
    assert_int_equal(record_number(a, "event"), record_number(event, "id"));
    json_decref(a);
}

/* A publisher whose site moved is the one that it was, under the address that it has now. */
static void a_source_that_moved_is_one(void **state)
{
    (void)state;
    json_t *event = record_event(1);
    json_t *before = article(1, "old.example", 500, 0), *after = article(2, "new.example", 600, 0);
    json_object_set_new(json_object_get(after, "source"), "formerly", json_string("old.example"));
    record_event_join(event, before, 1000);
    record_event_join(event, after, 1000);
    assert_int_equal(record_number(event, "source_count"), 1);
    const json_t *source = json_array_get(json_object_get(event, "sources"), 0);
    assert_string_equal(record_text(source, "domain"), "new.example");
    assert_int_equal(record_number(source, "articles"), 2);
    record_event_copied(event, after, 1);
    assert_int_equal(record_number(event, "report_count"), 1);
    record_event_copied(event, before, 7);
    assert_int_equal(record_number(event, "report_count"), 0);
    json_decref(before);
    json_decref(after);
    json_decref(event);
}

/* Publishers, not articles; reports, not copies, and one of each publisher; a merge adds both up
 * once. */
static void counts_are_honest(void **state)
{
    (void)state;
    json_t *one = record_event(1), *two = record_event(2);
    join(one, 1, "a.example", 500, 0);
    join(one, 2, "b.example", 400, 0);
    join(one, 3, "b.example", 300, 0);
    join(one, 4, "c.example", 600, 1);
    assert_int_equal(record_number(one, "source_count"), 3);
    assert_int_equal(record_number(one, "article_count"), 4);
    assert_int_equal(record_number(one, "report_count"), 2);
    assert_int_equal(record_number(one, "published"), 300);
    join(two, 5, "a.example", 100, 0);
    join(two, 6, "d.example", 700, 0);
    record_event_merge(one, two, 1100);
    assert_int_equal(record_number(one, "source_count"), 4);
    assert_int_equal(record_number(one, "article_count"), 6);
    assert_int_equal(record_number(one, "report_count"), 3);
    assert_int_equal(record_number(one, "first_seen"), 900);
    assert_int_equal(record_number(one, "published"), 100);
    const char *order[] = {"a.example", "b.example", "c.example", "d.example"};
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(
            record_text(json_array_get(json_object_get(one, "sources"), i), "domain"), order[i]);
    record_event_clear(one); /* counted anew after a split */
    join(one, 2, "b.example", 450, 0);
    assert_int_equal(record_number(one, "source_count"), 1);
    assert_int_equal(record_number(one, "article_count"), 1);
    assert_int_equal(record_number(one, "report_count"), 1);
    assert_int_equal(record_number(one, "first_seen"), 950);
    assert_int_equal(record_number(one, "published"), 450);
    json_decref(one);
    json_decref(two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_not_committed_is_dropped, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(one_writer, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_batch_is_written_on_a_thread, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_batch_that_cannot_be_written_fails_for_good, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(a_full_store_goes_on_when_there_is_room, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(what_a_reader_keeps_is_no_room, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_newer_store_is_left_alone, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(read_api, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_view_does_not_move, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(filters, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_filter_stops_at_what_is_too_old, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(waiting, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(who_waits_is_woken, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_circle_of_redirects_ends, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(no_store_is_no_store, make_dir, remove_dir),
        cmocka_unit_test(what_is_no_address_stays_inside),
        cmocka_unit_test(counts_are_honest),
        cmocka_unit_test(a_source_that_moved_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
