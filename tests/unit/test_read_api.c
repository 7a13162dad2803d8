/* The store as those read it who use libstory. */
#include "store_dir.h"

#include "story.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(read_api, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_view_does_not_move, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(filters, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_filter_stops_at_what_is_too_old, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(waiting, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(who_waits_is_woken, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_circle_of_redirects_ends, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(no_store_is_no_store, make_dir, remove_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
