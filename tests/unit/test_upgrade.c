/* A store of schema 1 without histories is upgraded, however often that is killed. */
#include "store_dir.h"

#include "ingest/upgrade.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHANGES = 30000, EVENTS = 700, KILLS = 50 };

/* Change n belongs to one event, and every seventh to a second one. */
static void write_old_store(void)
{
    struct store *s = open_store();
    char text[128];
    for (uint64_t n = 1; n <= CHANGES; n++) {
        int length = snprintf(text, sizeof text,
                              n % 7 ? "{\"seq\":%d,\"kind\":\"joined\",\"event\":%d}"
                                    : "{\"seq\":%d,\"kind\":\"merged\",\"event\":%d,\"from\":%d}",
                              (int)n, (int)(n % EVENTS + 1), (int)((n + 1) % EVENTS + 1));
        assert_int_equal(store_put_u64(s, STORE_CHANGES, n, text, (size_t)length), 0);
    }
    assert_int_equal(store_set_number(s, "seq", CHANGES), 0);
    assert_int_equal(store_set_number(s, "schema", 1), 0);
    assert_int_equal(store_commit(s), 0);
    store_close(s);
}

static int check_history(void *arg, uint64_t event, struct store_value v)
{
    uint64_t n = store_from_u64(v.p);
    assert_int_equal(v.n, 8);
    assert_true(event == n % EVENTS + 1 || (n % 7 == 0 && event == (n + 1) % EVENTS + 1));
    ++*(size_t *)arg;
    return 0;
}

static void check_upgraded(void)
{
    struct store *s = open_store();
    size_t n = 0;
    assert_int_equal(store_number(s, "schema"), STORE_SCHEMA_VERSION);
    assert_int_equal(store_number(s, "upgrade_row"), 0);
    assert_int_equal(store_each(s, STORE_HISTORY, 0, check_history, &n), 0);
    assert_int_equal(n, CHANGES + CHANGES / 7);
    store_close(s);
}

struct progress {
    uint64_t calls, last;
};

static void note_progress(void *arg, const char *what, uint64_t done, uint64_t all)
{
    struct progress *p = arg;
    assert_string_equal(what, "histories of events");
    assert_int_equal(all, CHANGES);
    assert_true(done > p->last && done <= all);
    p->last = done;
    p->calls++;
}

static void histories_are_made_in_slices(void **state)
{
    (void)state;
    struct progress p = {0};
    write_old_store();
    struct store *s = open_store();
    assert_int_equal(store_number(s, "schema"), 1);
    assert_int_equal(upgrade_store(s, note_progress, &p), 0);
    assert_true(p.calls > 10);
    assert_int_equal(p.last, CHANGES);
    assert_int_equal(upgrade_store(s, note_progress, &p), 0); /* nothing is left to do */
    store_close(s);
    check_upgraded();
}

/* Ends the process by SIGKILL when so many more slices have been committed. */
static void kill_soon(void *arg, const char *what, uint64_t done, uint64_t all)
{
    unsigned *slices = arg;
    (void)what, (void)done, (void)all;
    if ((*slices)-- == 0)
        kill(getpid(), SIGKILL);
}

static bool upgrade_and_die(unsigned round)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct store *s;
        unsigned slices = round % 2; /* now and then it gets nowhere */
        if (store_open(dir, 64 << 20, &s))
            _exit(2);
        if (round % 3 == 0)
            ualarm(500 + round * 37, 0); /* within a slice; SIGALRM ends the process */
        int error = upgrade_store(s, kill_soon, &slices);
        store_close(s);
        _exit(error ? 1 : 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_false(WIFEXITED(status) && WEXITSTATUS(status));
    return WIFEXITED(status);
}

static void fifty_kills_do_no_harm(void **state)
{
    (void)state;
    unsigned kills = 0;
    write_old_store();
    for (unsigned round = 1; round <= KILLS && !upgrade_and_die(round); round++)
        kills++;
    assert_true(kills > 15);
    struct store *s = open_store();
    assert_int_equal(upgrade_store(s, NULL, NULL), 0);
    store_close(s);
    check_upgraded();
}

static void a_new_store_has_the_present_schema(void **state)
{
    (void)state;
    struct store *s = open_store();
    assert_int_equal(store_number(s, "schema"), STORE_SCHEMA_VERSION);
    assert_int_equal(upgrade_store(s, note_progress, NULL), 0);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(histories_are_made_in_slices, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(fifty_kills_do_no_harm, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_new_store_has_the_present_schema, make_dir, remove_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
