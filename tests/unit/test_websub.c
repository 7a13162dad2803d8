#include "unit.h"

#include "poll/announce.h"
#include "poll/hub_list.h"
#include "poll/websub.h"

#include <stdlib.h>
#include <string.h>

static void signatures(void **state)
{
    static const char body[] = "what do ya want for nothing?"; /* RFC 2202 and 4231 */
    static const struct {
        const char *signature;
        bool right;
    } table[] = {
        {"sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79", true},
        {"sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", true},
        {"SHA256=5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843", true},
        {"sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3842", false},
        {"sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec384", false},
        {"sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec38433", false},
        {"sha1=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", false},
        {"md5=750c783e6ab0b503eaa86e310a5db738", false},
        {"sha256=", false},
        {"", false},
        {NULL, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(websub_signed(table[i].signature, "Jefe", body, sizeof body - 1),
                         table[i].right);
}

static void secrets_tell_feeds_and_topics_apart(void **state)
{
    unsigned char key[WEBSUB_KEY] = {1}, other[WEBSUB_KEY] = {2};
    char a[WEBSUB_TOKEN], b[WEBSUB_TOKEN], s[WEBSUB_SECRET], t[WEBSUB_SECRET];
    (void)state;
    websub_token(key, 1, a);
    websub_token(key, 1, b);
    assert_string_equal(a, b);
    assert_int_equal(strlen(a), WEBSUB_TOKEN - 1);
    websub_token(key, 2, b);
    assert_string_not_equal(a, b);
    websub_token(other, 1, b);
    assert_string_not_equal(a, b);
    websub_secret(key, 1, "http://a/", s);
    websub_secret(key, 1, "http://b/", t);
    assert_int_equal(strlen(s), WEBSUB_SECRET - 1);
    assert_string_not_equal(s, t);
}

static void links(void **state)
{
    static const struct {
        const char *header, *rel, *expected;
    } table[] = {
        {"<http://h/>; rel=hub", "hub", "http://h/"},
        {"<http://h/>; rel=\"hub\", <http://s/>; rel=\"self\"", "self", "http://s/"},
        {"<http://s/,1>;title=\"a, <b>; rel=hub\";rel=\"alternate  SELF\" , </h>;rel=hub", "self",
         "http://s/,1"},
        {"<http://s/,1>;title=\"a; x\";rel=\"alternate  SELF\" , </h>;rel=hub", "hub", "/h"},
        {"<http://h/>; rel=hubs", "hub", NULL},
        {"<http://h/>; relation=hub", "hub", NULL},
        {"<http://h/>", "hub", NULL},
        {"<http://h/; rel=hub", "hub", NULL},
        {"rel=hub", "hub", NULL},
        {"<>;;;,,<a>;rel", "hub", NULL},
        {"", "hub", NULL},
        {NULL, "hub", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char *found = websub_link(table[i].header, table[i].rel);
        if (!table[i].expected ? found != NULL : !found || strcmp(found, table[i].expected) != 0)
            fail_msg("row %zu: %s", i, found ? found : "none");
        free(found);
    }
}

static void a_request_is_a_form(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, 4096);
    websub_form(
        &b, &(struct websub_request){"subscribe", "http://a/?b&c", "http://me/w", "s", 7, "t", 60});
    assert_string_equal(buf_text(&b),
                        "hub.mode=subscribe&hub.topic=http%3A%2F%2Fa%2F%3Fb%26c&hub.callback="
                        "http%3A%2F%2Fme%2Fw%2F7%2Ft&hub.secret=s&hub.lease_seconds=60");
    buf_free(&b);
}

static void a_hub_that_fails_is_told_less_often(void **state)
{
    (void)state;
    assert_int_equal(announce_pause(0), 60000);
    assert_int_equal(announce_pause(3), 480000);
    assert_int_equal(announce_pause(6), 3600000);
    assert_int_equal(announce_pause(1000000), 3600000);
}

static void hubs_are_checked(void **state)
{
    static const struct {
        const char *hubs, *base, *wrong; /* NULL: right */
    } table[] = {
        {"", "", NULL},
        {"https://hub.example/, http://other.example/hub", "https://news.example", NULL},
        {"https://hub.example/", "", "requires base_url"},
        {"hub.example", "https://news.example", "invalid hub \"hub.example\""},
        {"http://h/ http://h/ http://h/ http://h/ http://h/ http://h/ http://h/ http://h/ "
         "http://h/",
         "https://news.example", "at most 8"},
    };
    struct buf error;
    (void)state;
    buf_init(&error, 4096);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        buf_clear(&error);
        if (hub_list_check(table[i].hubs, table[i].base, &error) != !table[i].wrong ||
            (table[i].wrong && !strstr(buf_text(&error), table[i].wrong)))
            fail_msg("row %zu: %s", i, buf_text(&error));
    }
    buf_free(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures),
        cmocka_unit_test(secrets_tell_feeds_and_topics_apart),
        cmocka_unit_test(links),
        cmocka_unit_test(a_request_is_a_form),
        cmocka_unit_test(a_hub_that_fails_is_told_less_often),
        cmocka_unit_test(hubs_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
