/* How invented stories went on. */
#include "digest/digest.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

enum { HOUR = 3600, BEGIN = 1700000000, MOST = 40 };

struct telling {
    const char *domain, *title, *text;
    int hours;
    uint64_t copy_of;
};

/* Three days of a strike: dockers lay down their work; a crane falls; an agreement. */
static const struct telling strike[] = {
    {"gazette.example", "Dockers of Port Lumen lay down their work over wages",
     "Dockers of Port Lumen laid down their work on Monday over wages and night shifts.", 0, 0},
    {"post.example", "Strike over wages: dockers stop work at Port Lumen",
     "Union leader Ilona Brandt called the dockers of Port Lumen to strike over wages.", 1, 0},
    {"mirror.example", "Dockers of Port Lumen lay down their work over wages",
     "Dockers of Port Lumen laid down their work on Monday over wages and night shifts.", 2, 1},
    {"herald.example", "Union leader Ilona Brandt calls strike over wages and night shifts",
     "Union leader Ilona Brandt said wages and night shifts left the dockers no choice.", 3, 0},
    {"bulletin.example", "Night shifts and wages drive dockers of Port Lumen into strike",
     "Wages and night shifts drove the dockers to strike, union leader Ilona Brandt said.", 4, 0},
    {"post.example", "Crane falls at Port Lumen: 16 killed as strikers flee",
     "At least 16 people were killed when a crane fell on a picket at Port Lumen.", 26, 0},
    {"gazette.example", "Fallen crane kills dozens of pickets at Port Lumen",
     "A crane fell on the picket in a gust of wind, and rescuers searched the rubble.", 27, 0},
    {"herald.example", "Rescuers search rubble of fallen crane at Port Lumen",
     "Rescuers searched the rubble of the crane that fell on the picket in a gust.", 28, 0},
    {"post.example", "Crane fall at Port Lumen: 22 killed, rescuers still search rubble",
     "The crane that fell on a picket killed 22 people, and rescuers still search.", 31, 0},
    {"bulletin.example", "Gust felled crane, say rescuers in the rubble of Port Lumen",
     "A gust of wind felled the crane, rescuers said in the rubble of the picket.", 33, 0},
    {"gazette.example", "Ministry signs agreement with union, inspectors to close old cranes",
     "The ministry signed an agreement with the union: inspectors will close all cranes built "
     "before 1980.",
     50, 0},
    {"herald.example", "Agreement: inspectors close old cranes, says ministry",
     "Inspectors will close old cranes under the agreement that the ministry signed.", 51, 0},
    {"post.example", "Port Lumen agreement: ministry sends inspectors to old cranes",
     "The ministry sends inspectors to all old cranes under its agreement with the union.", 53, 0},
    {"bulletin.example", "Ministry and union sign agreement on inspectors for cranes",
     "The agreement between ministry and union gives inspectors the say over cranes.", 54, 0},
    /* told again, late */
    {"courier.example", "Why dockers of Port Lumen lay down their work: wages, night shifts",
     "Union leader Ilona Brandt led the dockers into their strike over wages and night shifts.", 55,
     0},
};
enum { STRIKE = sizeof strike / sizeof *strike, COPY = 3, RETOLD = 15 };

static json_t *developments_of(const struct telling *t, size_t n, const json_t *before)
{
    struct langs *langs = langs_new();
    struct rarity *rarity = rarity_new(langs, 3, 400);
    struct digester *d = digester_new(langs, rarity);
    uint64_t numbers[MOST];
    struct digest was, is;
    for (size_t i = 0; i < n; i++) {
        char url[64];
        numbers[i] = i + 1;
        snprintf(url, sizeof url, "https://%s/%zu", t[i].domain, i + 1);
        const struct digest_article a = {.number = i + 1,
                                         .title = t[i].title,
                                         .text = t[i].text,
                                         .lang = "en",
                                         .domain = t[i].domain,
                                         .source = t[i].domain,
                                         .url = url,
                                         .published = BEGIN + (int64_t)t[i].hours * HOUR,
                                         .copy_of = t[i].copy_of};
        digester_take(d, &a);
    }
    json_t *object = json_pack("{s:O*}", "developments", before);
    codec_read(&digest_table, object, &was);
    digest_make(d, t[0].title, numbers, n, before ? &was : NULL, NULL, &is);
    json_t *all = codec_write(&digest_table, &is);
    json_t *out = json_incref(json_object_get(all, "developments"));
    json_decref(all);
    json_decref(object);
    codec_free(&digest_table, &was);
    codec_free(&digest_table, &is);
    digester_free(d);
    rarity_free(rarity);
    langs_free(langs);
    return out;
}

static json_t *field(const json_t *all, size_t chapter, const char *name)
{
    return json_object_get(json_array_get(all, chapter), name);
}

static const char *text(const json_t *all, size_t chapter, const char *name)
{
    const char *s = json_string_value(field(all, chapter, name));
    return s ? s : "";
}

static size_t chapter_of(const json_t *all, uint64_t article)
{
    size_t found = json_array_size(all);
    for (size_t c = 0; c < json_array_size(all); c++)
        for (size_t i = 0; i < json_array_size(field(all, c, "articles")); i++)
            if (json_integer_value(json_array_get(field(all, c, "articles"), i)) ==
                (json_int_t)article)
                found = c;
    return found;
}

static void check_each_article_is_in_one(const json_t *all, size_t n)
{
    size_t seen[MOST + 1] = {0};
    for (size_t c = 0; c < json_array_size(all); c++)
        for (size_t i = 0; i < json_array_size(field(all, c, "articles")); i++)
            seen[json_integer_value(json_array_get(field(all, c, "articles"), i))]++;
    for (size_t i = 1; i <= n; i++)
        assert_int_equal(seen[i], 1);
}

static void three_steps_are_three_chapters_the_newest_first(void **state)
{
    (void)state;
    static const struct {
        const char *title;
        uint64_t first, last; /* articles, beside the copy and what is told again */
    } want[] = {{"greement", 11, 14}, {"rane", 6, 10}, {"wages", 1, 5}};
    json_t *all = developments_of(strike, STRIKE, NULL);
    assert_int_equal(json_array_size(all), 3);
    check_each_article_is_in_one(all, STRIKE);
    for (size_t c = 0; c < 3; c++) {
        assert_non_null(strstr(text(all, c, "title"), want[c].title));
        for (uint64_t i = want[c].first; i <= want[c].last; i++)
            assert_int_equal(chapter_of(all, i), c);
        uint64_t titled = (uint64_t)json_integer_value(field(all, c, "article"));
        assert_int_equal(chapter_of(all, titled), c);
        assert_string_equal(text(all, c, "title"), strike[titled - 1].title);
        assert_string_equal(text(all, c, "source"), strike[titled - 1].domain);
        assert_non_null(strstr(text(all, c, "url"), strike[titled - 1].domain));
        assert_int_equal(json_integer_value(field(all, c, "from")),
                         BEGIN + strike[want[c].first - 1].hours * HOUR);
        assert_true(json_integer_value(field(all, c, "until")) >=
                    BEGIN + strike[want[c].last - 1].hours * HOUR);
        assert_true(json_array_size(field(all, c, "new")) >= 1);
        assert_true(json_array_size(field(all, c, "new")) <= 2);
    }
    assert_int_equal(json_array_size(field(all, 0, "sources")), 4);
    json_decref(all);
}

static void a_copy_goes_with_its_origin_and_what_is_told_again_with_what_it_tells(void **state)
{
    (void)state;
    json_t *all = developments_of(strike, STRIKE, NULL);
    assert_int_equal(chapter_of(all, COPY), chapter_of(all, 1));
    assert_int_equal(chapter_of(all, RETOLD), chapter_of(all, 1));
    json_decref(all);
}

static void a_copy_that_comes_late_opens_no_chapter(void **state)
{
    (void)state;
    struct telling t[STRIKE + 3];
    memcpy(t, strike, sizeof strike);
    for (size_t i = STRIKE; i < STRIKE + 3; i++) {
        t[i] = strike[1];
        t[i].copy_of = i == STRIKE ? 2 : i; /* one of it, others of that */
        t[i].hours = 70;
    }
    json_t *all = developments_of(t, STRIKE + 3, NULL);
    assert_int_equal(json_array_size(all), 3);
    for (uint64_t i = STRIKE + 1; i <= STRIKE + 3; i++)
        assert_int_equal(chapter_of(all, i), chapter_of(all, 2));
    json_decref(all);
}

/* Of the same source: what others count is a dispute, no development. */
static void a_number_that_replaces_one_is_told_with_the_one_before(void **state)
{
    (void)state;
    json_t *all = developments_of(strike, STRIKE, NULL);
    size_t changed = 0;
    for (size_t c = 0; c < json_array_size(all); c++)
        for (size_t i = 0; i < json_array_size(field(all, c, "new")); i++) {
            const json_t *s = json_array_get(field(all, c, "new"), i);
            if (!json_object_get(s, "was"))
                continue;
            changed++;
            assert_int_equal(c, chapter_of(all, 6));
            assert_string_equal(json_string_value(json_object_get(s, "was")), "16");
            assert_non_null(strstr(json_string_value(json_object_get(s, "text")), "22"));
            assert_int_equal(json_integer_value(json_object_get(s, "article")), 9);
        }
    assert_int_equal(changed, 1);
    json_decref(all);
    struct telling t[STRIKE];
    memcpy(t, strike, sizeof strike);
    t[8].domain = "other.example";
    all = developments_of(t, STRIKE, NULL);
    char *said = json_dumps(all, 0);
    assert_null(strstr(said, "\"was\""));
    free(said);
    json_decref(all);
}

static void chapters_and_their_names_stay_as_the_event_grows(void **state)
{
    (void)state;
    json_t *before = NULL, *now;
    size_t had = 0;
    for (size_t n = 1; n <= STRIKE; n++) {
        now = developments_of(strike, n, before);
        for (size_t c = 0; n > 12 && c < json_array_size(before); c++) {
            const json_t *articles = field(before, c, "articles");
            size_t same =
                chapter_of(now, (uint64_t)json_integer_value(json_array_get(articles, 0)));
            assert_string_equal(text(before, c, "title"), text(now, same, "title"));
            for (size_t i = 0; i < json_array_size(articles); i++)
                assert_int_equal(
                    chapter_of(now, (uint64_t)json_integer_value(json_array_get(articles, i))),
                    same);
        }
        assert_true(json_array_size(now) >= had);
        had = json_array_size(now);
        json_decref(before);
        before = now;
    }
    assert_int_equal(had, 3);
    json_decref(before);
}

static void few_reports_or_one_publisher_or_one_thing_have_none(void **state)
{
    (void)state;
    struct telling t[STRIKE];
    json_t *all = developments_of(strike, 7, NULL);
    assert_int_equal(json_array_size(all), 0);
    json_decref(all);
    memcpy(t, strike, sizeof strike);
    for (size_t i = 0; i < STRIKE; i++)
        t[i].domain = "gazette.example";
    all = developments_of(t, STRIKE, NULL);
    assert_int_equal(json_array_size(all), 0);
    json_decref(all);
    for (size_t i = 0; i < STRIKE; i++) {
        t[i] = strike[i % 2];
        t[i].domain = strike[i].domain;
        t[i].hours = (int)i;
    }
    all = developments_of(t, STRIKE, NULL);
    assert_int_equal(json_array_size(all), 0);
    json_decref(all);
}

/* Times that are equal or past all bounds, titles and texts that are none, copies of what is not
 * there, and a record of before that speaks of other articles. */
static void hostile_events_do_no_harm(void **state)
{
    (void)state;
    struct telling t[MOST];
    for (size_t kind = 0; kind < 4; kind++) {
        for (size_t i = 0; i < MOST; i++) {
            t[i] = strike[i % STRIKE];
            t[i].copy_of = kind == 0 ? i + 2 : kind == 1 ? 77 : 0;
            t[i].hours = kind == 2 ? (i % 2 ? 2147483647 : -2147483647 - 1) : 0;
            if (kind == 3)
                t[i].title = t[i].text = "";
        }
        json_t *before = json_loads("[{\"title\":\"x\",\"article\":99,\"articles\":[99,1,1,-5]},"
                                    "{\"articles\":\"no\"},{\"articles\":[1,2,3]},{},{},{},{},{},"
                                    "{\"articles\":[5]},{}]",
                                    0, NULL);
        json_t *all = developments_of(t, MOST, before);
        if (json_array_size(all))
            check_each_article_is_in_one(all, MOST);
        assert_true(json_array_size(all) <= DIGEST_DEVELOPMENTS);
        json_decref(all);
        json_decref(before);
    }
}

static void the_same_articles_make_the_same_chapters(void **state)
{
    (void)state;
    json_t *one = developments_of(strike, STRIKE, NULL);
    json_t *other = developments_of(strike, STRIKE, NULL);
    json_t *again = developments_of(strike, STRIKE, one);
    assert_true(json_equal(one, other));
    for (size_t c = 0; c < 3; c++) {
        assert_string_equal(text(one, c, "title"), text(again, c, "title"));
        assert_true(json_equal(field(one, c, "articles"), field(again, c, "articles")));
    }
    json_decref(one);
    json_decref(other);
    json_decref(again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_steps_are_three_chapters_the_newest_first),
        cmocka_unit_test(a_copy_goes_with_its_origin_and_what_is_told_again_with_what_it_tells),
        cmocka_unit_test(a_copy_that_comes_late_opens_no_chapter),
        cmocka_unit_test(a_number_that_replaces_one_is_told_with_the_one_before),
        cmocka_unit_test(chapters_and_their_names_stay_as_the_event_grows),
        cmocka_unit_test(few_reports_or_one_publisher_or_one_thing_have_none),
        cmocka_unit_test(hostile_events_do_no_harm),
        cmocka_unit_test(the_same_articles_make_the_same_chapters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
