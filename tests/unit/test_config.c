#include "unit.h"

#include "config.h"
#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[64];

static void write_file(const char *text)
{
    snprintf(path, sizeof path, "/tmp/storyd-config-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

/* config/storyd.conf is what the table says. Run from the top of the tree. */
static void the_sample_equals_the_table(void **state)
{
    (void)state;
    struct buf sample;
    buf_init(&sample, 1 << 20);
    config_sample(&sample);
    FILE *f = fopen("config/storyd.conf", "r");
    assert_non_null(f);
    char *text = calloc(1, sample.len + 4096);
    size_t n = fread(text, 1, sample.len + 4095, f);
    fclose(f);
    text[n] = 0;
    assert_string_equal(text, buf_text(&sample));
    free(text);
    buf_free(&sample);
}

static void values_are_read(void **state)
{
    (void)state;
    struct config c;
    struct buf error;
    buf_init(&error, 4096);
    write_file("[store]\npath = data\nmax_size = 2GiB\n[poll]\ninterval = 90s\ncontact = a b\n"
               "[log]\nlevel = debug\n");
    assert_true(config_read(path, NULL, &c, &error));
    assert_string_equal(c.store_path.text, "/tmp/data"); /* from the file's folder */
    assert_true(c.store_max_size.number == INT64_C(2) << 30);
    assert_int_equal(c.poll_interval.number, 90000);
    assert_string_equal(c.poll_contact.text, "a b");
    assert_int_equal(c.log_level.number, LOG_DEBUG);
    assert_int_equal(c.poll_connections.number, 64); /* a default */
    config_free(&c);
    buf_free(&error);
    unlink(path);
}

/* A line ends at 199 bytes: a list has several. */
static void lists_may_stand_on_several_lines(void **state)
{
    enum { NETWORKS = 64, WORDS = 200 };
    struct config c;
    struct buf text, error;
    (void)state;
    buf_init(&error, 4096);
    buf_init(&text, 1 << 16);
    buf_adds(&text, "[poll]\ncontact = a\ncontact = b\n");
    for (int i = 0; i < NETWORKS; i++)
        buf_addf(&text, "allow_addresses = 10.1.%d.0/24\n", i);
    buf_adds(
        &text,
        "[http]\nhosts = a.example, b.example\nhosts = c.example\n[alert x]\nmail = a@b.example\n");
    for (int i = 0; i < WORDS; i++)
        buf_addf(&text, "words = word%d\n", i);
    write_file(buf_text(&text));
    assert_true(config_read(path, NULL, &c, &error));
    assert_non_null(strstr(c.poll_allow_addresses.text, "10.1.0.0/24, 10.1.1.0/24, "));
    assert_non_null(strstr(c.poll_allow_addresses.text, "10.1.63.0/24"));
    assert_string_equal(c.http_hosts.text, "a.example, b.example, c.example");
    assert_non_null(strstr(c.alerts[0].words.text, "word0 word1 "));
    assert_non_null(strstr(c.alerts[0].words.text, " word199"));
    assert_string_equal(c.poll_contact.text, "b"); /* of what is no list the last counts */
    config_free(&c);
    buf_adds(&text, "[poll]\nallow_addresses = 10.2.0.0/16\n");
    write_file(buf_text(&text));
    assert_false(config_read(path, NULL, &c, &error));
    assert_non_null(strstr(buf_text(&error), "more than 64 networks"));
    buf_free(&text);
    buf_free(&error);
    unlink(path);
}

/* What is written, and what the message must hold. */
static void faults_are_told(void **state)
{
    static const char *const table[][3] = {
        {"[poll]\ninterval = soon\n",
         ":2: ", "invalid value \"soon\" for interval; expected a duration"},
        {"[poll]\n\ninterval = 1ms\n", ":3: ", "out of range; expected 1s to 1d"},
        {"[poll]\nintervall = 1h\n",
         ":2: ", "unknown option \"intervall\" in [poll]; expected interval, "},
        {"[pol]\ninterval = 1h\n", ":2: ",
         "expected [store], [feeds], [poll], [pages], [websub], [engine], [enrich], [search], "
         "[http], [cluster], [log]"},
        {"[store]\nmax_size = 12\n", ":2: ", "expected a size such as"},
        {"[store]\npath =\n", ":2: ", "path is empty"},
        {"[log]\nlevel = loud\n", ":2: ", "expected error, warning, info or debug"},
        {"[poll]\nconnections = 1e99\n", ":2: ", "out of range; expected 1 to 1000"},
        {"[alert x]\nreports = few\n",
         ":2: ", "invalid value \"few\" for reports; expected a number"},
        {"[alert x]\nreport = 2\n",
         ":2: ", "unknown option \"report\" in [alert x]; expected reports, feeds, "},
        {"[alert]\nreports = 2\n", ":2: ", "[log], [alert NAME]"},
        {"[alert x]\nwebhook = desk.example\n", ":2: ", "an address that begins with http"},
        {"[alert a name that is longer than forty bytes or so]\nmail = me\n",
         ":2: ", "at most 40 bytes"},
        {"[alert x]\nreports = 2\n", ": [alert x] has no action",
         "expected webhook, command or mail"},
        {"[alert x]\nmail = me\nwebhook_secret = /nowhere/key\n",
         ": [alert x] cannot read webhook_secret /nowhere/key", "No such file"},
        {"[alert x]\nwebhook = http://a.example/\nformat = irc\n",
         ":3: ", "expected storyd, slack, teams, discord, matrix, ntfy or mattermost"},
        {"[alert x]\nwebhook = http://a.example/\nformat = slack\nwebhook_secret = "
         "/etc/debian_version\n",
         ": [alert x] has a webhook_secret", "which format slack does not use; remove it"},
        {"[alert x]\nwebhook = http://a.example/\nformat = ntfy\nwebhook_secret = "
         "/etc/os-release\n",
         ": [alert x] invalid token", "expected one word without control characters"},
        {"[alert x]\nwebhook = http://a.example/\nformat = matrix\n",
         ": [alert x] has no webhook_secret", "requires a file with an access token"},
        {"[alert x]\nwebhook = http://a.example/\nformat = matrix\nwebhook_secret = "
         "/etc/debian_version\n",
         ": [alert x] invalid webhook",
         "expected https://SERVER/_matrix/client/v3/rooms/ROOM/send"},
        {"[poll\n", ":1: ", "expected [section] or name = value"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct config c;
        struct buf error;
        buf_init(&error, 4096);
        write_file(table[i][0]);
        assert_false(config_read(path, NULL, &c, &error));
        assert_memory_equal(buf_text(&error), path, strlen(path));
        assert_non_null(strstr(buf_text(&error), table[i][1]));
        if (!strstr(buf_text(&error), table[i][2]))
            fail_msg("\"%s\" does not say \"%s\"", buf_text(&error), table[i][2]);
        buf_free(&error);
        unlink(path);
    }
}

static void alerts_are_read(void **state)
{
    (void)state;
    struct config c;
    struct buf error;
    buf_init(&error, 4096);
    write_file("[alert one]\nreports = 3\ncommand = a  b\n[log]\nlevel = debug\n"
               "[alert two]\nmail = me\n[alert one]\ngrowth_within = 2h\n");
    assert_true(config_read(path, NULL, &c, &error));
    assert_int_equal(c.n_alerts, 2);
    assert_string_equal(c.alerts[0].name, "one");
    assert_int_equal(c.alerts[0].reports.number, 3);
    assert_int_equal(c.alerts[0].growth_within.number, 7200000);
    assert_string_equal(c.alerts[0].command.text, "a  b");
    assert_null(c.alerts[0].secret);
    assert_string_equal(c.alerts[1].name, "two");
    assert_int_equal(c.alerts[1].reports.number, 1);
    config_free(&c);
    buf_free(&error);
    unlink(path);
}

static void a_restart_is_asked_for(void **state)
{
    (void)state;
    struct config a, b;
    struct buf error;
    buf_init(&error, 4096);
    write_file("[store]\npath = /elsewhere\n[poll]\ninterval = 5m\n");
    assert_true(config_read(NULL, NULL, &a, &error));
    assert_true(config_read(path, NULL, &b, &error));
    assert_string_equal(config_needs_restart(&a, &b), "path");
    assert_null(config_needs_restart(&a, &a));
    config_free(&a);
    config_free(&b);
    buf_free(&error);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample_equals_the_table),
        cmocka_unit_test(values_are_read),
        cmocka_unit_test(lists_may_stand_on_several_lines),
        cmocka_unit_test(faults_are_told),
        cmocka_unit_test(alerts_are_read),
        cmocka_unit_test(a_restart_is_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
