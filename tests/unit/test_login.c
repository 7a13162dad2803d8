#include "unit.h"

#include "base/mem.h"
#include "net/login.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file of logins with those permissions, read; NULL with the error in `error`. */
static struct logins *read_file(const char *text, mode_t mode, struct buf *error)
{
    char path[] = "/tmp/logins-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
    struct logins *l = logins_read(path, error);
    unlink(path);
    return l;
}

static void the_longest_part_of_an_address_counts(void **state)
{
    static const char text[] = "# who may read what\n"
                               "\n"
                               "intranet.example  anna  host\n"
                               "https://intranet.example/desk  ben\tp ss: word \r\n"
                               "  https://intranet.example/desk/world/ cem w\n"
                               "intranet.example:8080 dora p\n"
                               "[::1]:81 emil p\n";
    static const struct {
        const char *url, *user, *password;
    } table[] = {
        {"https://intranet.example/", "anna", "host"},
        {"http://INTRANET.example:80/x", "anna", "host"},
        {"https://intranet.example/desk", "ben", "p ss: word "},
        {"https://intranet.example:443/desk/x?y", "ben", "p ss: word "},
        {"https://intranet.example/desktop", "anna", "host"},
        {"http://intranet.example/desk", "anna", "host"},
        {"https://intranet.example/desk/world/x", "cem", "w"},
        {"https://intranet.example/desk/world", "ben", "p ss: word "},
        {"http://intranet.example:8080/", "dora", "p"},
        {"http://[::1]:81/", "emil", "p"},
        {"http://[::1]/", NULL, NULL},
        {"http://intranet.example:8081/", NULL, NULL},
        {"https://intranet.example.evil.example/desk", NULL, NULL},
        {"https://evil.example/intranet.example", NULL, NULL},
        {"not an address", NULL, NULL},
    };
    (void)state;
    struct buf error;
    buf_init(&error, 4096);
    struct logins *l = read_file(text, 0640, &error);
    assert_non_null(l);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *login = logins_find(l, table[i].url);
        if (!login != !table[i].user)
            fail_msg("%s: %s", table[i].url, login ? login : "no login");
        if (!login)
            continue;
        char *user, *password;
        login_decode(login, &user, &password);
        assert_string_equal(user, table[i].user);
        assert_string_equal(password, table[i].password);
        free(user);
        free(password);
    }
    logins_free(l);
    buf_free(&error);
}

static void a_bad_file_is_refused_and_nothing_of_it_told(void **state)
{
    static const struct {
        const char *text;
        mode_t mode;
        const char *error;
    } table[] = {
        {"a.example u s3cret\n", 0644, "0644"},
        {"a.example u s3cret\n", 0602, "chmod o="},
        {"a.example u s3cret\nb.example s3cret\n", 0600, ":2: expected an address"},
        {"\n#\nhttps://u:s3cret@a.example/ u s3cret\n", 0600, ":3: invalid address or host"},
        {"ftp://a.example/ u s3cret\n", 0600, ":1: invalid address or host"},
        {"a.example/path u s3cret\n", 0600, ":1: invalid address or host"},
        {"https:///x u s3cret\n", 0600, ":1: invalid address or host"},
        {"https://a.example/?x u s3cret\n", 0600, ":1: invalid address or host"},
        {"a.example u:s3cret s3cret\n", 0600, ":1: the user contains a colon"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf error;
        buf_init(&error, 4096);
        assert_null(read_file(table[i].text, table[i].mode, &error));
        if (!strstr(buf_text(&error), table[i].error) || strstr(buf_text(&error), "s3cret"))
            fail_msg("row %zu: %s", i, buf_text(&error));
        buf_free(&error);
    }
    char *longest = mem_alloc(6001);
    memset(longest, 'x', 6000);
    longest[6000] = 0;
    struct buf error;
    buf_init(&error, 4096);
    assert_null(read_file(longest, 0600, &error));
    assert_null(logins_read("/nonexistent/logins", &error));
    struct logins *none = logins_read("", &error);
    assert_null(logins_find(none, "https://a.example/"));
    logins_free(none);
    buf_free(&error);
    free(longest);
}

/* To the same server, or from its http to its https: nowhere else. */
static void where_a_login_may_go(void **state)
{
    static const struct {
        const char *from, *to;
        bool follows;
    } table[] = {
        {"https://a.example/x", "https://A.example:443/y", true},
        {"http://a.example/x", "https://a.example/", true},
        {"https://a.example/x", "http://a.example/", false},
        {"http://a.example:8080/", "https://a.example/", false},
        {"http://a.example:8080/", "http://a.example:8080/z", true},
        {"http://a.example:8080/", "http://a.example:8081/z", false},
        {"https://a.example/", "https://b.a.example/", false},
        {"https://a.example/", "https://a.example@b.example/", false},
        {"nothing", "nothing", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (login_follows(table[i].from, table[i].to) != table[i].follows)
            fail_msg("%s to %s", table[i].from, table[i].to);
}

static void logins_are_decoded(void **state)
{
    static const char *const table[][3] = {
        {"u:p", "u", "p"},
        {"u", "u", ""},
        {"u:", "u", ""},
        {"u:p:q", "u", "p:q"},
        {"a%40b:%3a%2F%25", "a@b", ":/%"},
        {"u:100%", "u", "100%"},
        {"u:%4", "u", "%4"},
        {"u:%zz", "u", "%zz"},
        {"u:pa ss", "u", "pa ss"},
        {"", "", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char *user, *password;
        login_decode(table[i][0], &user, &password);
        assert_string_equal(user, table[i][1]);
        assert_string_equal(password, table[i][2]);
        free(user);
        free(password);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_part_of_an_address_counts),
        cmocka_unit_test(a_bad_file_is_refused_and_nothing_of_it_told),
        cmocka_unit_test(where_a_login_may_go),
        cmocka_unit_test(logins_are_decoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
