/* Which views of readers are told of, when, and when they are over. */
#include "unit.h"

#include "old_views.h"

#include <string.h>

struct told {
    int old, ended;
    int64_t pid, warn;
};

static void on_old(void *arg, const struct old_view *v)
{
    struct told *t = arg;
    t->old++;
    t->pid = v->view.pid;
    t->warn = v->warn;
}

static void on_ended(void *arg, const struct old_view *v)
{
    struct told *t = arg;
    t->ended++;
    t->pid = v->view.pid;
}

static struct old_views all;

static struct told take(const struct readers_view *open, size_t n, int64_t now)
{
    struct told t = {0};
    old_views_take(&all, open, n, now, on_old, on_ended, &t);
    return t;
}

static void a_view_is_told_of_after_a_minute_then_ever_more_rarely(void **state)
{
    (void)state;
    memset(&all, 0, sizeof all);
    const struct readers_view v = {.pid = 7, .state = 100, .behind = 3};
    int told = 0;
    for (int64_t now = 1000; now <= 1000 + 600; now += 10) {
        struct told t = take(&v, 1, now);
        if (t.old) {
            static const int64_t at[] = {1060, 1120, 1240, 1480};
            assert_int_equal(now, at[told]);
            assert_int_equal(t.pid, 7);
            told++;
        }
    }
    assert_int_equal(told, 4);
    assert_int_equal(old_views_oldest(&all)->since, 1000);
    struct told t = take(NULL, 0, 1700);
    assert_int_equal(t.ended, 1);
    assert_null(old_views_oldest(&all));
}

/* One that sees the newest state harms nobody, however long; one that is new is not the one before.
 */
static void neither_the_newest_state_nor_a_new_view_is_old(void **state)
{
    (void)state;
    memset(&all, 0, sizeof all);
    for (int64_t now = 0; now < 1000; now += 10) {
        const struct readers_view newest = {.pid = 7, .state = 100, .behind = 0};
        assert_int_equal(take(&newest, 1, now).old, 0);
        assert_null(old_views_oldest(&all));
    }
    for (int64_t now = 1000; now < 2000; now += 10) {
        const struct readers_view next = {.pid = 7, .state = 100 + (uint64_t)now, .behind = 1};
        struct told t = take(&next, 1, now);
        assert_int_equal(t.old, 0);
        assert_int_equal(t.ended, 0); /* nobody was told of it */
    }
}

static void the_oldest_is_the_one_furthest_behind(void **state)
{
    (void)state;
    memset(&all, 0, sizeof all);
    const struct readers_view v[] = {{.pid = 1, .state = 50, .behind = 9},
                                     {.pid = 2, .state = 40, .behind = 19},
                                     {.pid = 2, .state = 40, .behind = 19},
                                     {.pid = 3, .state = 59, .behind = 0}};
    take(v, 4, 5);
    assert_int_equal(all.n, 2);
    assert_int_equal(old_views_oldest(&all)->view.pid, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_view_is_told_of_after_a_minute_then_ever_more_rarely),
        cmocka_unit_test(neither_the_newest_state_nor_a_new_view_is_old),
        cmocka_unit_test(the_oldest_is_the_one_furthest_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
