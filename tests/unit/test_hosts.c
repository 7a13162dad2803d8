#include "unit.h"

#include "base/mem.h"
#include "poll/hosts.h"

#include <stdio.h>
#include <stdlib.h>

enum { MS = 1000, SECOND = 1000 * MS, MINUTE = 60 * SECOND };

/* Feeds whose answers take `takes`, and who asked when. */
struct world {
    struct hosts *hosts;
    struct feed {
        struct hosts_entry turn; /* first, to be cast back */
        int64_t asked, ends;
    } * feeds;
    size_t n, under_way, most_under_way;
};

static struct world world_of(size_t n, size_t per_host, struct hosts_limits limits)
{
    struct world w = {.hosts = hosts_new(), .n = n};
    w.feeds = mem_zero(n * sizeof *w.feeds);
    hosts_set(w.hosts, &limits);
    for (size_t i = 0; i < n; i++) {
        char url[64];
        snprintf(url, sizeof url, "http://h%zu.example/%zu", i / per_host, i);
        w.feeds[i].turn.host = hosts_find(w.hosts, url);
        w.feeds[i].asked = w.feeds[i].ends = -1;
    }
    return w;
}

static void free_world(struct world *w)
{
    hosts_free(w->hosts);
    free(w->feeds);
}

static void end_those(struct world *w, int64_t now)
{
    for (size_t i = 0; i < w->n; i++)
        if (w->feeds[i].ends >= 0 && w->feeds[i].ends <= now) {
            hosts_end(w->hosts, &w->feeds[i].turn);
            w->feeds[i].ends = -1;
            w->under_way--;
        }
}

/* Until all were asked; each millisecond. */
static int64_t run(struct world *w, int64_t takes)
{
    int64_t now = 0;
    for (size_t asked = 0; asked < w->n; now += MS) {
        struct hosts_entry *e;
        assert_true(now < 3 * 60 * (int64_t)MINUTE);
        end_those(w, now);
        while ((e = hosts_next(w->hosts, now))) {
            struct feed *f = (struct feed *)e;
            assert_int_equal(f->asked, -1);
            f->asked = now;
            f->ends = now + takes;
            asked++;
            if (++w->under_way > w->most_under_way)
                w->most_under_way = w->under_way;
        }
    }
    return now;
}

static void a_host_is_asked_with_pauses_and_by_few(void **state)
{
    enum { N = 30, PER_HOST = 10 };
    (void)state;
    struct world w = world_of(N, PER_HOST, (struct hosts_limits){64, 2, SECOND, 0});
    for (size_t i = 0; i < N; i++)
        hosts_wait(w.hosts, &w.feeds[i].turn, 0);
    run(&w, 5 * SECOND);
    for (size_t h = 0; h < N; h += PER_HOST)
        for (size_t i = h; i < h + PER_HOST; i++) {
            int at_once = 0;
            for (size_t k = h; k < h + PER_HOST; k++) {
                int64_t apart = w.feeds[i].asked - w.feeds[k].asked;
                if (k < i)
                    assert_true(apart >= SECOND); /* in the order in which they waited */
                at_once += apart >= 0 && apart < 5 * SECOND;
            }
            assert_true(at_once <= 2);
        }
    assert_int_equal(w.most_under_way, 6); /* a slow host holds up no other */
    free_world(&w);
}

static void no_more_than_so_many_at_once(void **state)
{
    (void)state;
    struct world w = world_of(100, 1, (struct hosts_limits){8, 2, SECOND, 0});
    for (size_t i = 0; i < w.n; i++)
        hosts_wait(w.hosts, &w.feeds[i].turn, 0);
    run(&w, SECOND);
    assert_int_equal(w.most_under_way, 8);
    free_world(&w);
}

/* Ten thousand that are due at once are asked over four fifths of the interval, evenly. */
static void a_long_list_is_asked_at_an_even_pace(void **state)
{
    enum { N = 10000, INTERVAL = 10 };
    (void)state;
    int64_t gap = hosts_gap(N, INTERVAL * MINUTE);
    struct world w = world_of(N, 2, (struct hosts_limits){64, 2, SECOND, gap});
    for (size_t i = 0; i < N; i++)
        hosts_wait(w.hosts, &w.feeds[i].turn, 0);
    int64_t end = run(&w, 50 * MS);
    assert_in_range(end, 7 * MINUTE, INTERVAL * MINUTE);
    size_t in_second[INTERVAL * 60] = {0}, most = 0;
    for (size_t i = 0; i < N; i++)
        in_second[w.feeds[i].asked / SECOND]++;
    for (size_t i = 0; i < INTERVAL * 60; i++)
        most = in_second[i] > most ? in_second[i] : most;
    assert_true(most <= 2 * N / (INTERVAL * 60));
    free_world(&w);
}

static void a_short_list_is_not_held_up(void **state)
{
    (void)state;
    assert_true(hosts_gap(70, 30 * (int64_t)MINUTE) * 70 <= SECOND);
    assert_true(hosts_gap(0, SECOND) > 0);
    assert_true(hosts_gap(10000, 1 * SECOND) * 10000 <= SECOND);
}

static void who_leaves_the_line_is_not_asked(void **state)
{
    (void)state;
    struct world w = world_of(3, 3, (struct hosts_limits){8, 1, 0, 0});
    for (size_t i = 0; i < w.n; i++)
        hosts_wait(w.hosts, &w.feeds[i].turn, 0);
    hosts_end(w.hosts, &w.feeds[2].turn); /* the last, and then the line goes on */
    hosts_end(w.hosts, &w.feeds[0].turn);
    hosts_wait(w.hosts, &w.feeds[0].turn, 1);
    assert_ptr_equal(hosts_next(w.hosts, 1), &w.feeds[1].turn);
    assert_null(hosts_next(w.hosts, 1)); /* one at a time */
    assert_true(hosts_when(w.hosts) == INT64_MAX);
    hosts_end(w.hosts, &w.feeds[1].turn);
    assert_ptr_equal(hosts_next(w.hosts, 2), &w.feeds[0].turn);
    hosts_end(w.hosts, &w.feeds[0].turn);
    assert_null(hosts_next(w.hosts, 3));
    free_world(&w);
}

static void a_host_is_a_name_with_its_port(void **state)
{
    struct hosts *h = hosts_new();
    (void)state;
    struct host *one = hosts_find(h, "http://News.example/a");
    assert_ptr_equal(one, hosts_find(h, "https://news.EXAMPLE:443/b"));
    assert_ptr_equal(one, hosts_find(h, "http://user@news.example:80"));
    assert_ptr_not_equal(one, hosts_find(h, "http://news.example:8080/"));
    assert_ptr_not_equal(one, hosts_find(h, "http://other.example/"));
    hosts_free(h);
}

/* A feed that links to a thousand servers does not fill the memory; one that is used, or that was
 * asked a moment ago, is remembered. */
static void servers_that_nobody_uses_are_forgotten(void **state)
{
    enum { MANY = 5000 };
    struct hosts *h = hosts_new();
    const struct hosts_limits limits = {.at_once = 8, .at_once_per_host = 1, .pause = SECOND};
    struct hosts_entry guest = {.host = hosts_find(h, "http://kept.example/")};
    struct hosts_entry asked = {.host = hosts_find(h, "http://asked.example/")};
    (void)state;
    hosts_set(h, &limits);
    hosts_set_pause(asked.host, 100 * (int64_t)SECOND);
    hosts_wait(h, &asked, 0);
    assert_ptr_equal(hosts_next(h, 0), &asked);
    hosts_end(h, &asked);
    hosts_leave(asked.host);
    for (int i = 0; i < MANY; i++) {
        char url[64];
        snprintf(url, sizeof url, "http://%d.example/", i);
        hosts_leave(hosts_find(h, url));
    }
    assert_ptr_equal(hosts_find(h, "http://kept.example/"), guest.host);
    asked.host = hosts_find(h, "http://asked.example/");
    hosts_wait(h, &asked, 2 * (int64_t)SECOND);
    assert_null(hosts_next(h, 50 * (int64_t)SECOND)); /* its own pause is longer than ours */
    assert_ptr_equal(hosts_next(h, 100 * (int64_t)SECOND), &asked);
    assert_true(hosts_count(h) < MANY / 4);
    hosts_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_is_asked_with_pauses_and_by_few),
        cmocka_unit_test(no_more_than_so_many_at_once),
        cmocka_unit_test(a_long_list_is_asked_at_an_even_pace),
        cmocka_unit_test(a_short_list_is_not_held_up),
        cmocka_unit_test(who_leaves_the_line_is_not_asked),
        cmocka_unit_test(a_host_is_a_name_with_its_port),
        cmocka_unit_test(servers_that_nobody_uses_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
