#include "unit.h"

#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

static const char *refused(const char *text, const char *allow)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    struct address_list list;
    struct buf error;
    buf_init(&error, 1024);
    assert_true(address_list_read(allow, &list, &error));
    buf_free(&error);
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
        return address_refused((struct sockaddr *)&in, &list);
    assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    return address_refused((struct sockaddr *)&in6, &list);
}

static void public_addresses_may_be_asked(void **state)
{
    (void)state;
    static const char *const open[] = {
        "1.1.1.1",        "8.8.8.8",         "9.255.255.255",        "11.0.0.0",
        "100.63.255.255", "100.128.0.0",     "126.255.255.255",      "128.0.0.0",
        "169.253.255.1",  "172.15.255.255",  "172.32.0.0",           "192.167.255.255",
        "192.169.0.0",    "198.17.255.255",  "198.20.0.0",           "223.255.255.255",
        "2600::1",        "2a00:1450::200e", "::ffff:93.184.216.34", "2001:4860:4860::8888",
    };
    for (size_t i = 0; i < sizeof open / sizeof *open; i++)
        if (refused(open[i], ""))
            fail_msg("%s: %s", open[i], refused(open[i], ""));
}

static void all_others_are_refused_with_a_reason(void **state)
{
    (void)state;
    static const struct {
        const char *address, *what;
    } closed[] = {
        {"127.0.0.1", "loopback"},
        {"127.255.255.255", "loopback"},
        {"::1", "loopback"},
        {"::ffff:127.0.0.1", "loopback"},
        {"0.0.0.0", "unspecified"},
        {"0.1.2.3", "unspecified"},
        {"::", "unspecified"},
        {"10.0.0.1", "private"},
        {"172.16.0.0", "private"},
        {"172.31.255.255", "private"},
        {"192.168.1.1", "private"},
        {"::ffff:192.168.1.1", "private"},
        {"100.64.0.1", "carrier-grade NAT"},
        {"100.127.255.255", "carrier-grade NAT"},
        {"169.254.1.1", "link-local"},
        {"fe80::1", "link-local"},
        {"febf::1", "link-local"},
        {"fec0::1", "site-local"},
        {"fc00::1", "unique-local"},
        {"fdff:ffff::1", "unique-local"},
        {"224.0.0.1", "multicast"},
        {"239.255.255.255", "multicast"},
        {"ff02::1", "multicast"},
        {"255.255.255.255", "reserved"},
        {"240.0.0.1", "reserved"},
        {"169.254.169.254", "metadata"},
        {"::ffff:169.254.169.254", "metadata"},
        {"fd00:ec2::254", "metadata"},
        {"100.100.100.200", "metadata"},
        {"168.63.129.16", "metadata"},
        {"64:ff9b::7f00:1", "NAT64"},
        {"64:ff9b:1:2::a00:1", "NAT64"},
        {"2002:7f00:1::", "6to4"},
        {"2001:0:4136:e378:8000:63bf:3fff:fdd2", "Teredo"},
        {"::7f00:1", "IPv4 address inside"},
        {"::ffff:0:127.0.0.1", "IPv4 address inside"},
        {"192.0.2.1", "documentation"},
        {"2001:db8::1", "documentation"},
        {"198.18.0.1", "benchmarks"},
    };
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++) {
        const char *why = refused(closed[i].address, "");
        if (!why || !strstr(why, closed[i].what))
            fail_msg("%s: %s, expected %s", closed[i].address, why ? why : "open", closed[i].what);
    }
}

static void an_address_of_another_family_is_refused(void **state)
{
    (void)state;
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct address_list none = {.n = 0};
    assert_non_null(address_refused((struct sockaddr *)&local, &none));
}

static void the_list_opens_what_it_names_and_no_more(void **state)
{
    (void)state;
    assert_null(refused("127.0.0.1", "127.0.0.1"));
    assert_null(refused("::ffff:127.0.0.1", "127.0.0.1"));
    assert_non_null(refused("127.0.0.2", "127.0.0.1"));
    assert_null(refused("127.9.9.9", "127.0.0.0/8"));
    assert_null(refused("10.1.255.255", "::1, 10.1.0.0/16"));
    assert_non_null(refused("10.2.0.0", "::1 10.1.0.0/16"));
    assert_null(refused("10.0.0.130", "10.0.0.128/29"));
    assert_non_null(refused("10.0.0.136", "10.0.0.128/29"));
    assert_null(refused("fd12::9", "fd12::/16"));
    assert_null(refused("169.254.169.254", "0.0.0.0/0"));
    assert_non_null(refused("::1", "0.0.0.0/0"));
    assert_null(refused("127.0.0.1", "::/0"));
}

static void what_is_no_network_is_told(void **state)
{
    (void)state;
    static const char *const wrong[] = {"localhost",
                                        "127.0.0.1/33",
                                        "::1/129",
                                        "10.0.0.0/",
                                        "10.0.0.0/8x",
                                        "10/8",
                                        "10.0.0.0/-1",
                                        "1.2.3.4, nope",
                                        "/8",
                                        "[::1]",
                                        "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:00/12"};
    struct address_list list;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct buf error;
        buf_init(&error, 1024);
        if (address_list_read(wrong[i], &list, &error))
            fail_msg("%s was taken", wrong[i]);
        assert_non_null(strstr(buf_text(&error), "expected"));
        buf_free(&error);
    }
}

static void more_networks_than_fit_are_told(void **state)
{
    (void)state;
    struct address_list list;
    struct buf text, error;
    buf_init(&text, 4096);
    buf_init(&error, 1024);
    for (int i = 0; i < ADDRESS_MAX_NETWORKS; i++)
        buf_addf(&text, "10.0.0.%d,", i);
    assert_true(address_list_read(buf_text(&text), &list, &error));
    buf_adds(&text, "10.1.0.0");
    assert_false(address_list_read(buf_text(&text), &list, &error));
    buf_free(&text);
    buf_free(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(public_addresses_may_be_asked),
        cmocka_unit_test(all_others_are_refused_with_a_reason),
        cmocka_unit_test(an_address_of_another_family_is_refused),
        cmocka_unit_test(the_list_opens_what_it_names_and_no_more),
        cmocka_unit_test(what_is_no_network_is_told),
        cmocka_unit_test(more_networks_than_fit_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
