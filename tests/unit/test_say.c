/* What an event says of invented stories. */
#include "digest/digest.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

enum { HOUR = 3600, BEGIN = 1700000000 };

struct telling {
    const char *domain, *title, *text;
    int hours;
    uint64_t copy_of;
};

/* `told`: of each article's title, or NULL. */
static json_t *digest_and_told(const char *lang, const char *title, const struct telling *t,
                               size_t n, const json_t *before, double *told)
{
    struct langs *langs = langs_new();
    struct rarity *rarity = rarity_new(langs, 3, 400);
    struct digester *d = digester_new(langs, rarity);
    uint64_t numbers[16];
    struct digest was, is;
    for (size_t i = 0; i < n; i++) {
        numbers[i] = i + 1;
        const struct digest_article a = {.number = i + 1,
                                         .title = t[i].title,
                                         .text = t[i].text,
                                         .lang = lang,
                                         .domain = t[i].domain,
                                         .source = t[i].domain,
                                         .url = "",
                                         .published = BEGIN + t[i].hours * HOUR,
                                         .copy_of = t[i].copy_of};
        digester_take(d, &a);
    }
    codec_read(&digest_table, before, &was);
    digest_make(d, title, numbers, n, before ? &was : NULL, told, &is);
    json_t *out = codec_write(&digest_table, &is);
    codec_free(&digest_table, &was);
    codec_free(&digest_table, &is);
    digester_free(d);
    rarity_free(rarity);
    langs_free(langs);
    return out;
}

static json_t *digest_of(const char *lang, const char *title, const struct telling *t, size_t n,
                         const json_t *before)
{
    return digest_and_told(lang, title, t, n, before, NULL);
}

static const char *text_at(const json_t *out, const char *field, size_t i)
{
    const char *s =
        json_string_value(json_object_get(json_array_get(json_object_get(out, field), i), "text"));
    return s ? s : "";
}

static bool any_says(const json_t *out, const char *field, const char *what)
{
    bool any = false;
    for (size_t i = 0; i < json_array_size(json_object_get(out, field)); i++)
        any |= strstr(text_at(out, field, i), what) != NULL;
    return any;
}

static const struct telling ferry[] = {
    {"gazette.example", "Ferry Alda runs aground off Port Lumen",
     "The ferry Alda ran aground off Port Lumen on Monday with 212 passengers aboard. "
     "He said the captain had been asleep. "
     "Tugboats from Brisa pulled the ship free in the evening.",
     0, 0},
    {"post.example", "Ferry with 212 passengers aground near Port Lumen",
     "A ferry carrying 212 passengers, the Alda, ran aground near Port Lumen on Monday. "
     "The harbour of Port Lumen was closed for the night.",
     1, 0},
    {"herald.example", "Port Lumen shut after ferry accident",
     "Harbour master Ilona Brandt closed the harbour of Port Lumen for the night. "
     "Analysts say the accident could raise questions about the ferry's old radar.",
     2, 0},
};

static void what_reports_agree_on_is_told_once_with_all_who_say_it(void **state)
{
    (void)state;
    json_t *out = digest_of("en", ferry[0].title, ferry, 3, NULL);
    const json_t *summary = json_object_get(out, "summary");
    size_t aground = 0;
    assert_true(json_array_size(summary) >= 2 && json_array_size(summary) <= 5);
    for (size_t i = 0; i < json_array_size(summary); i++) {
        const json_t *s = json_array_get(summary, i);
        assert_string_equal(json_string_value(json_object_get(s, "kind")), "extracted");
        if (!strstr(text_at(out, "summary", i), "212"))
            continue;
        aground++;
        assert_int_equal(json_array_size(json_object_get(s, "sources")), 2);
    }
    assert_int_equal(aground, 1);
    json_decref(out);
}

static void a_sentence_that_leans_on_another_comes_not_first(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 3; n++) {
        json_t *out = digest_of("en", ferry[0].title, ferry, n, NULL);
        assert_int_not_equal(strncmp(text_at(out, "summary", 0), "He said", 7), 0);
        assert_string_not_equal(text_at(out, "summary", 0), "");
        json_decref(out);
    }
}

static void what_it_means_is_said_only_where_a_source_says_so(void **state)
{
    (void)state;
    json_t *out = digest_of("en", ferry[0].title, ferry, 2, NULL);
    assert_int_equal(json_array_size(json_object_get(out, "meaning")), 0);
    json_decref(out);
    out = digest_of("en", ferry[0].title, ferry, 3, NULL);
    assert_true(any_says(out, "meaning", "Analysts say") ||
                any_says(out, "summary", "Analysts say") ||
                any_says(out, "details", "Analysts say"));
    json_decref(out);
}

static void a_copy_is_no_report_of_its_own(void **state)
{
    (void)state;
    struct telling t[] = {ferry[0], ferry[0], ferry[2]};
    t[1].domain = "mirror.example";
    t[1].copy_of = 1;
    json_t *out = digest_of("en", t[0].title, t, 3, NULL);
    for (size_t i = 0; i < json_array_size(json_object_get(out, "summary")); i++) {
        const json_t *s = json_array_get(json_object_get(out, "summary"), i);
        char *text = json_dumps(json_object_get(s, "sources"), 0);
        assert_null(strstr(text, "mirror"));
        free(text);
    }
    json_decref(out);
}

static void an_article_alone_is_told_by_its_own_sentences(void **state)
{
    (void)state;
    json_t *out = digest_of("en", ferry[0].title, ferry, 1, NULL);
    assert_true(any_says(out, "summary", "212 passengers"));
    assert_int_equal(json_array_size(json_object_get(out, "details")), 0);
    assert_int_equal(json_array_size(json_object_get(out, "disputed")), 0);
    json_decref(out);
    const struct telling bare = {"gazette.example", "Ferry aground", "", 0, 0};
    out = digest_of("en", bare.title, &bare, 1, NULL);
    assert_int_equal(json_array_size(json_object_get(out, "summary")), 0);
    json_decref(out);
}

static void a_title_that_other_reports_tell_is_told(void **state)
{
    static const struct telling council[] = {
        {"a.example", "Council keeps the Varn ferry", "The council keeps the Varn ferry.", 0, 0},
        {"b.example", "Orlan shows support amid row",
         "The council voted on Monday to keep the ferry to Varn.", 1, 0},
        {"c.example", "Ferry to Varn stays", "Council members keep the Varn ferry, they said.", 2,
         0},
        {"d.example", "Council keeps the Varn ferry", "The council keeps the Varn ferry.", 3, 1},
    };
    double told[4] = {-1, -1, -1, -1};
    (void)state;
    json_decref(digest_and_told("en", "", council, 4, NULL, told));
    assert_true(told[0] > .8 && told[0] <= 1);
    assert_true(told[1] >= 0 && told[1] < .2);
    assert_true(told[3] <= 0 && told[3] >= 0); /* a copy */
    json_decref(digest_and_told("en", "", council, 1, NULL, told));
    assert_true(told[0] <= 0 && told[0] >= 0); /* there is no other */
}

static void what_adds_nothing_changes_nothing(void **state)
{
    (void)state;
    struct telling t[4] = {
        ferry[0],
        ferry[1],
        ferry[2],
        {"bulletin.example", "Ferry aground", "Ferry aground off Port Lumen.", 3, 0}};
    json_t *before = digest_of("en", t[0].title, t, 3, NULL);
    json_t *after = digest_of("en", t[0].title, t, 4, before);
    assert_int_equal(json_array_size(json_object_get(before, "summary")),
                     json_array_size(json_object_get(after, "summary")));
    assert_string_equal(text_at(before, "summary", 0), text_at(after, "summary", 0));
    json_decref(before);
    json_decref(after);
}

static void the_same_articles_say_the_same(void **state)
{
    (void)state;
    json_t *one = digest_of("en", ferry[0].title, ferry, 3, NULL);
    json_t *other = digest_of("en", ferry[0].title, ferry, 3, NULL);
    assert_true(json_equal(one, other));
    json_decref(one);
    json_decref(other);
}

/* Both sides stand in one record. */
static void check_dispute(const struct telling *t, size_t n, const char *lang, const char *one,
                          const char *other)
{
    json_t *out = digest_of(lang, t[0].title, t, n, NULL);
    char *text = json_dumps(json_object_get(out, "disputed"), JSON_ENSURE_ASCII);
    if (one) {
        assert_int_equal(json_array_size(json_object_get(out, "disputed")), 1);
        assert_non_null(strstr(text, one));
        assert_non_null(strstr(text, other));
    } else
        assert_string_equal(text, "[]");
    free(text);
    json_decref(out);
}

#define FIRE(domain, count, hours)                                                                 \
    {                                                                                              \
        domain, "Fire at Port Lumen harbour kills " count,                                         \
            "A fire at the Port Lumen harbour killed " count " people on Monday.", hours, 0        \
    }

static void numbers_that_differ_stand_side_by_side(void **state)
{
    (void)state;
    const struct telling differ[] = {FIRE("gazette.example", "four", 0),
                                     FIRE("post.example", "six", 1)};
    const struct telling same[] = {FIRE("gazette.example", "four", 0),
                                   FIRE("post.example", "4", 1)};
    const struct telling own[] = {FIRE("gazette.example", "four", 0),
                                  FIRE("gazette.example", "six", 1)};
    const struct telling later[] = {FIRE("gazette.example", "four", 0),
                                    FIRE("post.example", "six", 40)};
    check_dispute(differ, 2, "en", "four", "six");
    check_dispute(same, 2, "en", NULL, NULL);
    check_dispute(own, 2, "en", NULL, NULL);
    check_dispute(later, 2, "en", NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_reports_agree_on_is_told_once_with_all_who_say_it),
        cmocka_unit_test(a_sentence_that_leans_on_another_comes_not_first),
        cmocka_unit_test(what_it_means_is_said_only_where_a_source_says_so),
        cmocka_unit_test(a_copy_is_no_report_of_its_own),
        cmocka_unit_test(an_article_alone_is_told_by_its_own_sentences),
        cmocka_unit_test(a_title_that_other_reports_tell_is_told),
        cmocka_unit_test(what_adds_nothing_changes_nothing),
        cmocka_unit_test(the_same_articles_say_the_same),
        cmocka_unit_test(numbers_that_differ_stand_side_by_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
