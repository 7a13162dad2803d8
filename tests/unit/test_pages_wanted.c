/* Which articles' pages are asked for, what is remembered of their sites, and what came of each. */
#include "unit.h"

#include "ingest/page_bytes.h"
#include "ingest/site.h"
#include "ingest/wanted.h"
#include "store/page_outcome.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void who_is_wanted_and_before_whom(void **state)
{
    static const struct {
        struct wanted_facts facts;
        const char *why;
    } table[] = {
        /* the sooner, the higher up */
        {{.mode = WANTED_EVENTS, .opened = true, .sources = 1}, "opened"},
        {{.mode = WANTED_EVENTS, .sources = 40}, "event"},
        {{.mode = WANTED_EVENTS, .changed = true, .sources = 40}, "changed"},
        {{.mode = WANTED_EVENTS, .sources = 1, .probability = .4, .threshold = .5}, "uncertain"},
        {{.mode = WANTED_EVENTS, .sources = 2, .probability = .4, .threshold = .5}, "event"},
        {{.mode = WANTED_ALL, .sources = 1, .probability = .01, .threshold = .5}, "all"},
        {{.mode = WANTED_ALL, .copy = true, .sources = 1, .threshold = .5}, "all"},
        /* not at all */
        {{.mode = WANTED_EVENTS, .sources = 1, .probability = .01, .threshold = .5}, NULL},
        {{.mode = WANTED_EVENTS, .sources = 1, .probability = .99, .threshold = .5}, NULL},
        {{.mode = WANTED_EVENTS, .copy = true, .sources = 9, .threshold = .5}, NULL},
        {{.mode = WANTED_OFF, .opened = true, .sources = 9}, NULL},
    };
    uint64_t before = UINT64_MAX, rank;
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *why = wanted(&table[i].facts, &rank);
        assert_int_equal(why != NULL, table[i].why != NULL);
        if (!why)
            continue;
        assert_string_equal(why, table[i].why);
        assert_true(rank <= before);
        before = rank;
    }
    assert_int_equal(wanted_mode("Events"), WANTED_EVENTS);
    assert_int_equal(wanted_mode("yes"), WANTED_MODE_COUNT);
}

static void a_host_has_one_spelling(void **state)
{
    static const struct {
        const char *url, *host;
    } table[] = {
        {"https://News.Example/a", "news.example"},
        {"https://news.example:443/", "news.example"},
        {"http://news.example:80", "news.example"},
        {"http://news.example:443/", "news.example:443"},
        {"http://user:pw@news.example:8080/x", "news.example:8080"},
        {"ftp://news.example/", NULL},
        {"/a", NULL},
    };
    char host[SITE_MAX_HOST];
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_int_equal(site_host(table[i].url, host), table[i].host != NULL);
        if (table[i].host)
            assert_string_equal(host, table[i].host);
    }
}

static char *page_of(int i, const char *common)
{
    char text[256];
    snprintf(text, sizeof text, "First of %d.\n\nSecond of %d.\n\n%s\n\nThird of %d.", i, i, common,
             i);
    return strdup(text);
}

/* What two pages had is left out of the third; an article that comes twice teaches nothing. */
static void what_stands_on_several_pages_is_left_out(void **state)
{
    struct site *site = calloc(1, sizeof *site);
    (void)state;
    for (int i = 0; i < 4; i++) {
        char *text = page_of(i, "Read our letter."), *again = page_of(i, "Read our letter.");
        site_learn(site, text, 1000);
        assert_int_equal(strstr(text, "Read our letter.") == NULL, i >= 2);
        assert_non_null(strstr(text, "Third of"));
        assert_null(strstr(text, "\n\n\n"));
        if (i == 0) { /* the same page once more is whole */
            site_learn(site, again, 1000);
            assert_string_equal(again, text);
        }
        free(text);
        free(again);
    }
    char *empty = strdup("");
    site_learn(site, empty, 1000);
    assert_string_equal(empty, "");
    free(empty);
    for (int i = 10; i < 2000; i++) { /* it has a ceiling, and what is seen often stays */
        char *text = page_of(i, "Read our letter.");
        site_learn(site, text, 1000 + i * 86400LL);
        assert_null(strstr(text, "Read our letter."));
        free(text);
    }
    assert_int_equal(site->n_paragraphs, SITE_PARAGRAPHS);
    free(site);
}

static void a_feed_that_has_it_all(void **state)
{
    struct site site = {.pages = 0};
    (void)state;
    assert_false(site_has_no_more(&site, 100));
    assert_true(site_has_no_more(&site, 400));
    site = (struct site){.pages = 10, .words = 8000};
    assert_false(site_has_no_more(&site, 400));
    assert_true(site_has_no_more(&site, 700));
    site.words = 1000;
    assert_false(site_has_no_more(&site, 90)); /* a few sentences never are */
}

static void when_a_site_is_read_again(void **state)
{
    struct site site = {.read = 0};
    (void)state;
    assert_true(site_is_due(&site, 1000000));
    site.read = 1000000;
    assert_false(site_is_due(&site, 1000000 + SITE_READ_EVERY - 1));
    assert_true(site_is_due(&site, 1000000 + SITE_READ_EVERY));
    site.unreachable = true;
    assert_true(site_is_due(&site, 1000000 + SITE_TRY_EVERY));
    site.read = 1000000 + 10 * SITE_READ_EVERY; /* the clock was wrong */
    assert_true(site_is_due(&site, 1000000));
}

static void outcomes_have_a_state_and_a_reason(void **state)
{
    (void)state;
    for (enum page_outcome o = 0; o < PAGE_OUTCOME_COUNT; o++) {
        const char *why = page_outcome_why(o);
        assert_int_equal(page_outcome_of(page_outcome_state(o), why ? why : ""), o);
    }
    assert_int_equal(page_outcome_of("waiting", "event"), PAGE_OUTCOME_COUNT);
    assert_true(page_bytes_is_html("text/html; charset=utf-8"));
    assert_true(page_bytes_is_html("Application/XHTML+xml"));
    assert_true(page_bytes_is_html(NULL));
    assert_false(page_bytes_is_html("text/htmlx"));
    assert_false(page_bytes_is_html("application/pdf"));
}

static void what_a_page_says_of_being_used(void **state)
{
    static const struct {
        const char *robots, *tdm, *meta;
        enum page_outcome outcome;
        int32_t show;
        bool keep;
    } table[] = {
        {NULL, NULL, "", PAGE_READ_OUTCOME, -1, true},
        {"noarchive", NULL, "", PAGE_READ_OUTCOME, -1, false},
        {"otherbot: nosnippet", NULL, "", PAGE_READ_OUTCOME, -1, true},
        {"storyd: nosnippet", NULL, "", PAGE_READ_OUTCOME, 0, true},
        {NULL, NULL, "<meta name=robots content='max-snippet:80'>", PAGE_READ_OUTCOME, 80, true},
        {NULL, NULL, "<meta name=robots content=none>", PAGE_READ_OUTCOME, 0, true},
        {NULL, "1", "", PAGE_TDM_OUTCOME, -1, true},
        {NULL, NULL, "<meta name=tdm-reservation content=1>", PAGE_TDM_OUTCOME, -1, true},
        {NULL, "0", "", PAGE_READ_OUTCOME, -1, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char html[512], robots[64], tdm[8];
        struct site *site = calloc(1, sizeof *site);
        struct page page;
        struct article_page of;
        snprintf(html, sizeof html, "<html><head>%s</head><body><p>A page.</p></body></html>",
                 table[i].meta);
        snprintf(robots, sizeof robots, "%s", table[i].robots ? table[i].robots : "");
        snprintf(tdm, sizeof tdm, "%s", table[i].tdm ? table[i].tdm : "");
        const struct page_bytes_head head = {.robots = table[i].robots ? robots : NULL,
                                             .tdm = table[i].tdm ? tdm : NULL};
        page_bytes_read(&head, html, strlen(html), site, 0, &page, &of);
        assert_int_equal(of.outcome, table[i].outcome);
        assert_int_equal(of.show, table[i].show);
        assert_int_equal(of.keep, table[i].keep);
        page_free(&page);
        free(site);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_wanted_and_before_whom),
        cmocka_unit_test(a_host_has_one_spelling),
        cmocka_unit_test(what_stands_on_several_pages_is_left_out),
        cmocka_unit_test(a_feed_that_has_it_all),
        cmocka_unit_test(when_a_site_is_read_again),
        cmocka_unit_test(outcomes_have_a_state_and_a_reason),
        cmocka_unit_test(what_a_page_says_of_being_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
