/* The store: what is written stays, or is refused as a whole. */
#include "store_dir.h"

#include "story.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <poll.h>
#include <pthread.h>

enum { MAP_FULL = -30792 }; /* LMDB's code */

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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
