/* The changes of batches: made again, they give the same store; a refused batch changes nothing. */
#include "store_dir.h"

#include "base/mem.h"
#include "ingest/jump.h"
#include "store/check.h"
#include "store/dump.h"
#include "store/oplog.h"

#include <stdlib.h>
#include <string.h>

static char first_dir[sizeof dir];

/* All that a store has, as changes; the caller frees it. */
static struct buf dump_all(struct store *s)
{
    struct buf out;
    struct dump *d;
    bool more = true;
    buf_init(&out, SIZE_MAX / 2);
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(store_dump(s, &d), 0);
    while (more)
        assert_int_equal(dump_next(d, &out, out.len + 1, &more), 0);
    dump_end(d);
    return out;
}

static int keep(void *arg, const char *changes, size_t n)
{
    buf_add(arg, changes, n);
    return 0;
}

static int refuse(void *arg, const char *changes, size_t n)
{
    (void)arg, (void)changes, (void)n;
    return STORE_FENCED;
}

static void write_something(struct store *s)
{
    assert_int_equal(store_put_u64(s, STORE_EVENTS, 1, "{\"a\":1}", 7), 0);
    assert_int_equal(store_put_u64(s, STORE_EVENTS, 5, "{\"a\":5}", 7), 0);
    assert_int_equal(store_put_u64(s, STORE_EVENTS, 3, "{\"a\":3}", 7), 0);
    assert_int_equal(store_put(s, STORE_META, "name", 4, "12", 2), 0);
    assert_int_equal(store_put(s, STORE_META, "gone", 4, "12", 2), 0);
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(store_delete(s, STORE_META, "gone", 4), 0);
    assert_int_equal(store_delete_u64(s, STORE_EVENTS, 3), 0);
    for (uint64_t event = 1; event <= 9; event++)
        for (uint64_t term = 1; term <= 4; term++)
            assert_int_equal(store_index(s, term, event, 5), 0);
    assert_int_equal(store_link(s, 5, 17), 0);
    assert_int_equal(store_link(s, 5, 18), 0);
    assert_int_equal(store_unlink(s, 5, 17), 0);
    assert_int_equal(store_commit(s), 0);
}

static void the_changes_make_the_same_store(void **state)
{
    (void)state;
    struct buf changes;
    buf_init(&changes, SIZE_MAX / 2);
    struct store *s = open_store(), *copy;
    store_set_log(s, keep, &changes);
    write_something(s);
    struct buf was = dump_all(s);
    store_close(s);

    memcpy(first_dir, dir, sizeof dir);
    assert_int_equal(make_dir(NULL), 0);
    copy = open_store();
    assert_int_equal(store_apply(copy, changes.p, changes.len), 0);
    struct buf is = dump_all(copy);
    assert_int_equal(is.len, was.len);
    assert_memory_equal(is.p, was.p, was.len);
    /* made once more, which happens after a crash, they change nothing */
    assert_int_equal(store_apply(copy, changes.p, changes.len), 0);
    struct buf again = dump_all(copy);
    assert_int_equal(again.len, was.len);
    assert_memory_equal(again.p, was.p, was.len);
    store_close(copy);
    remove_dir(NULL);
    memcpy(dir, first_dir, sizeof dir);
    buf_free(&was);
    buf_free(&is);
    buf_free(&again);
    buf_free(&changes);
}

static void a_refused_batch_is_dropped(void **state)
{
    (void)state;
    struct store *s = open_store();
    struct store_value v;
    store_set_log(s, refuse, NULL);
    assert_int_equal(store_put_u64(s, STORE_EVENTS, 1, "{}", 2), 0);
    assert_int_equal(store_commit(s), STORE_FENCED);
    assert_int_equal(store_put_u64(s, STORE_EVENTS, 2, "{}", 2), STORE_FENCED);
    store_close(s);
    s = open_store();
    assert_int_equal(store_get_u64(s, STORE_EVENTS, 1, &v), STORE_NOT_FOUND);
    store_close(s);
}

/* What belongs to one copy alone is neither logged nor dumped. */
static void what_is_local_stays(void **state)
{
    (void)state;
    struct buf changes;
    buf_init(&changes, SIZE_MAX / 2);
    struct store *s = open_store();
    store_set_log(s, keep, &changes);
    struct buf was = dump_all(s);
    size_t before = changes.len;
    assert_int_equal(store_put(s, STORE_CLUSTER, "x", 1, "y", 1), 0);
    struct buf is = dump_all(s);
    assert_int_equal(changes.len, before);
    assert_int_equal(is.len, was.len);
    store_close(s);
    buf_free(&was);
    buf_free(&is);
    buf_free(&changes);
}

/* A copy that is changed without its cluster is marked, until it has joined again. */
static void a_change_outside_the_cluster_is_marked(void **state)
{
    (void)state;
    struct store_value v;
    struct store *s = open_store();
    assert_int_equal(store_put(s, STORE_CLUSTER, store_place, strlen(store_place), "{}", 2), 0);
    store_close(s);
    s = open_store();
    assert_int_equal(store_put(s, STORE_CLUSTER, store_place, strlen(store_place), "{}", 2), 0);
    assert_int_equal(store_commit(s), 0);
    store_close(s);
    s = open_store();
    store_join(s);
    assert_int_equal(store_put_u64(s, STORE_EVENTS, 1, "{}", 2), 0);
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(store_get(s, STORE_CLUSTER, store_alone, strlen(store_alone), &v),
                     STORE_NOT_FOUND);
    store_close(s);
    s = open_store();
    assert_int_equal(store_put_u64(s, STORE_EVENTS, 2, "{}", 2), 0);
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(store_get(s, STORE_CLUSTER, store_alone, strlen(store_alone), &v), 0);
    store_close(s);
}

static void what_is_no_change_is_refused(void **state)
{
    (void)state;
    struct oplog_change c;
    struct buf good;
    size_t at = 0;
    buf_init(&good, 100);
    oplog_add(&good, &(struct oplog_change){OPLOG_PUT, STORE_META, {"ab", 2}, {"cde", 3}});
    assert_int_equal(oplog_next(good.p, good.len, &at, &c), 1);
    assert_int_equal(c.value.n, 3);
    assert_int_equal(oplog_next(good.p, good.len, &at, &c), 0);
    for (size_t n = 1; n < good.len; n++) {
        at = 0;
        assert_int_equal(oplog_next(good.p, n, &at, &c), STORE_CORRUPT);
    }
    static const struct {
        size_t at;
        unsigned char byte;
    } wrong[] = {
        {0, OPLOG_KINDS}, {1, STORE_DATABASE_COUNT}, {1, STORE_CLUSTER}, {2, 99}, {9, 255}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char bytes[64];
        memcpy(bytes, good.p, good.len);
        bytes[wrong[i].at] = (char)wrong[i].byte;
        at = 0;
        assert_int_equal(oplog_next(bytes, good.len, &at, &c), STORE_CORRUPT);
    }
    buf_free(&good);
}

static void ignore_fault(void *arg, const char *text)
{
    (void)arg, (void)text;
}

/* An engine that takes over leaves gaps, again and again; the check accepts these and no others. */
static void gaps_are_known(void **state)
{
    (void)state;
    struct store_check result = {0};
    struct store *s = open_store();
    for (int i = 0; i < 3; i++)
        assert_int_equal(jump_numbers(s), 0);
    assert_int_equal(store_number(s, "events"), 3 * JUMP_BY);
    assert_int_equal(store_commit(s), 0);
    store_close(s);
    assert_int_equal(store_check(dir, ignore_fault, NULL, &result), 0);
    assert_int_equal(result.faults, 0);
    s = open_store();
    assert_int_equal(store_set_number(s, "events", 3 * JUMP_BY + 1), 0);
    assert_int_equal(store_commit(s), 0);
    store_close(s);
    assert_int_equal(store_check(dir, ignore_fault, NULL, &result), 0);
    assert_int_equal(result.faults, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)
    const struct CMUnitTest tests[] = {
        TEST(the_changes_make_the_same_store),
        TEST(a_refused_batch_is_dropped),
        TEST(what_is_local_stays),
        TEST(a_change_outside_the_cluster_is_marked),
        cmocka_unit_test(what_is_no_change_is_refused),
        TEST(gaps_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
