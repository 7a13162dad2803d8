/* The distribution of hosts over fetchers: even, the same for all, and stable. */
#include "unit.h"

#include "roles/share.h"

#include <stdio.h>
#include <stdlib.h>

enum { MEMBERS = 50, HOSTS = 100000 };

static void name_members(uint64_t members[MEMBERS])
{
    for (int i = 0; i < MEMBERS; i++) {
        char name[32];
        snprintf(name, sizeof name, "fetch-%d", i);
        members[i] = share_member(name);
    }
}

static uint64_t host(int i)
{
    char url[64];
    snprintf(url, sizeof url, "https://www.paper%d.example/rss", i);
    return share_host(url);
}

static void each_has_its_share(void **state)
{
    (void)state;
    uint64_t members[MEMBERS];
    int of[MEMBERS] = {0};
    name_members(members);
    for (int i = 0; i < HOSTS; i++)
        of[share_owner(members, MEMBERS, host(i))]++;
    for (int i = 0; i < MEMBERS; i++)
        assert_in_range(of[i], HOSTS / MEMBERS * 85 / 100, HOSTS / MEMBERS * 115 / 100);
}

static void only_the_hosts_of_one_that_leaves_move(void **state)
{
    (void)state;
    uint64_t members[MEMBERS];
    int moved = 0;
    name_members(members);
    for (int i = 0; i < HOSTS; i++) {
        size_t before = share_owner(members, MEMBERS, host(i)),
               after = share_owner(members, MEMBERS - 1, host(i));
        moved += before != after;
        assert_true(before == after || before == MEMBERS - 1);
    }
    assert_in_range(moved, HOSTS / MEMBERS * 85 / 100, HOSTS / MEMBERS * 115 / 100);
}

static void the_order_of_members_does_not_matter(void **state)
{
    (void)state;
    uint64_t members[MEMBERS], other[MEMBERS];
    name_members(members);
    for (int i = 0; i < MEMBERS; i++)
        other[i] = members[MEMBERS - 1 - i];
    for (int i = 0; i < 1000; i++)
        assert_true(members[share_owner(members, MEMBERS, host(i))] ==
                    other[share_owner(other, MEMBERS, host(i))]);
}

static void feeds_of_a_host_stay_together(void **state)
{
    (void)state;
    assert_true(share_host("https://a.example/1") == share_host("https://A.example/2?x=y"));
    assert_true(share_host("https://a.example/1") != share_host("https://b.example/1"));
    assert_true(share_host("http://a.example:8080/") != share_host("http://a.example:8081/"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_has_its_share),
        cmocka_unit_test(only_the_hosts_of_one_that_leaves_move),
        cmocka_unit_test(the_order_of_members_does_not_matter),
        cmocka_unit_test(feeds_of_a_host_stay_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
