/* What invented events are about, and what they are known by. */
#include "digest/digest.h"
#include "digest/topic.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

struct telling {
    const char *domain, *title, *text;
    const char *url;
    const char *category; /* NULL: none */
    uint64_t copy_of;
};

static json_t *digest_of(const char *lang, const struct telling *t, size_t n)
{
    struct langs *langs = langs_new();
    struct rarity *rarity = rarity_new(langs, 3, 400);
    struct digester *d = digester_new(langs, rarity);
    uint64_t numbers[16];
    struct digest is;
    for (size_t i = 0; i < n; i++) {
        numbers[i] = i + 1;
        digester_take(d, &(struct digest_article){.number = i + 1,
                                                  .title = t[i].title,
                                                  .text = t[i].text ? t[i].text : "",
                                                  .lang = lang,
                                                  .domain = t[i].domain,
                                                  .source = t[i].domain,
                                                  .url = t[i].url ? t[i].url : "",
                                                  .categories = &t[i].category,
                                                  .n_categories = t[i].category ? 1 : 0,
                                                  .published = 1700000000,
                                                  .copy_of = t[i].copy_of});
    }
    digest_make(d, t[0].title, numbers, n, NULL, NULL, &is);
    json_t *out = codec_write(&digest_table, &is);
    codec_free(&digest_table, &is);
    digester_free(d);
    rarity_free(rarity);
    langs_free(langs);
    return out;
}

/* "a | b" */
static void join(const json_t *out, const char *field, char text[1000])
{
    size_t i, n = 0;
    json_t *one;
    text[0] = 0;
    json_array_foreach(json_object_get(out, field), i, one) n +=
        (size_t)snprintf(text + n, 1000 - n, "%s%s", i ? " | " : "", json_string_value(one));
}

#define ART    "arts, culture, entertainment and media"
#define WAR    "conflict, war and peace"
#define LAW    "crime, law and justice"
#define DIS    "disaster, accident and emergency incident"
#define MONEY  "economy, business and finance"
#define HEALTH "health"
#define POL    "politics and government"
#define SCI    "science and technology"
#define SPORT  "sport"

static void there_are_seventeen_topics_by_iptcs_names(void **state)
{
    (void)state;
    size_t n = 0;
    while (topic_name(n))
        n++;
    assert_int_equal(n, TOPICS);
    assert_string_equal(topic_name(0), ART);
    assert_string_equal(topic_name(TOPICS - 1), "weather");
}

static void sections_name_topics(void **state)
{
    (void)state;
    static const struct {
        const char *text, *domain, *topic; /* NULL: none */
    } rows[] = {
        {"Sport", "", SPORT},
        {"SPORTS", "", SPORT},
        {"Crime and Courts", "", LAW},
        {"gazette/us/crime", "", LAW},
        {"/2026/05/11/business/mine-reopens.html", "", MONEY},
        {"/news/technology-52411376", "", SCI},
        {"/sport/politics", "", POL},
        {"/politics/sport/", "", SPORT},
        {"Pol\xC3\xADtica", "", POL},
        {"Arts & Entertainment", "", ART},
        {"oneroof", "nzherald.co.nz", MONEY},
        {"oneroof", "post.example", NULL},
        {"sport", "nzherald.co.nz", SPORT},
        {"news", "", NULL},
        {"article", "", NULL},
        {"sport-", "", SPORT},
        {"sportsmanlike", "", NULL},
        {"5f0c3a1e-77b5-5e1c-9a3c-0242ac130003", "", NULL},
        {"By A. Reporter", "", NULL},
        {"2026", "", NULL},
        {"-52411376", "", NULL},
        {"", "", NULL},
        {"////", "", NULL},
        {"\xFF\xFE/\xC3", "", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t topic = topic_of_section(rows[i].text, rows[i].domain);
        const char *name = topic_name(topic);
        if ((name == NULL) != (rows[i].topic == NULL) || (name && strcmp(name, rows[i].topic) != 0))
            fail_msg("%s: %s", rows[i].text, name ? name : "none");
    }
    char long_text[5000];
    memset(long_text, 'a', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = 0;
    assert_int_equal(topic_of_section(long_text, long_text), TOPICS);
    memset(long_text, '/', sizeof long_text - 1);
    assert_int_equal(topic_of_section(long_text, long_text), TOPICS);
}

static void words_tell_the_topic(void **state)
{
    (void)state;
    static const struct {
        const char *lang, *title, *text, *topic;
    } rows[] = {
        {"en", "Redmoor beat Port Ashby on penalties to win the cup final",
         "The goalkeeper saved three shots as the team won its first league title.", SPORT},
        {"en", "Jury finds banker guilty of fraud",
         "The judge sentenced him to nine years in prison after a trial of six weeks.", LAW},
        {"en", "Earthquake kills dozens in valley",
         "Rescuers searched the collapsed houses for survivors of the earthquake.", DIS},
        {"en", "Rebels shell town as ceasefire fails",
         "Soldiers and militants fought with artillery and missiles near the border.", WAR},
        {"en", "Parliament votes on pension bill",
         "The opposition and the prime minister's party want an election.", POL},
        {"en", "Vaccine protects against the virus, doctors find",
         "Patients in hospital had fewer symptoms of the disease.", HEALTH},
        {"en", "Shares fall as profits of banks shrink",
         "Investors sold stocks and the index fell; revenue was lower in the quarter.", MONEY},
        {"de", "Gericht verurteilt Banker zu neun Jahren Haft",
         "Der Richter sprach den Angeklagten des Betrugs schuldig.", LAW},
        {"de", "Erdbeben zerst\xC3\xB6rt D\xC3\xB6rfer, viele Tote",
         "Rettungskr\xC3\xA4"
         "fte suchen nach Verletzten.",
         DIS},
        {"de", "Stürmer schießt Mannschaft ins Finale",
         "Der Trainer lobte die Spieler nach dem Sieg in der Bundesliga.", SPORT},
        {"fr", "Le tribunal condamne le banquier \xC3\xA0 la prison",
         "Le juge et le procureur ont entendu les avocats de la victime.", LAW},
        {"fr", "L'attaquant marque deux buts en finale du championnat",
         "Les joueurs de l'\xC3\xA9quipe ont gagn\xC3\xA9 le match.", SPORT},
        {"es", "El gobierno y la oposici\xC3\xB3n votan en el congreso",
         "El presidente y los senadores hablan de las elecciones.", POL},
        {"es", "El delantero marca dos goles en la final",
         "Los jugadores del equipo ganaron el partido de la liga.", SPORT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct telling t = {"post.example", rows[i].title, rows[i].text, NULL, NULL, 0};
        json_t *out = digest_of(rows[i].lang, &t, 1), *all = json_object_get(out, "categories");
        const char *first = json_string_value(json_array_get(all, 0));
        if (!first || strcmp(first, rows[i].topic) != 0)
            fail_msg("%s: %s", rows[i].title, first ? first : "none");
        assert_true(json_array_size(all) <= 2);
        json_decref(out);
    }
}

static void what_says_nothing_has_no_topic(void **state)
{
    (void)state;
    static const struct telling rows[] = {
        {"post.example", "", "", NULL, NULL, 0},
        {"post.example", "Qwrtz Xyloph Zzyzx", "", NULL, NULL, 0},
        {"post.example", "2026", "", "https://post.example/%ff%fe/%00/news", "article", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *out = digest_of("en", &rows[i], 1);
        assert_int_equal(json_array_size(json_object_get(out, "categories")), 0);
        json_decref(out);
    }
}

/* Each says more than words: in a language without words, too. */
static void publishers_say_the_topic(void **state)
{
    (void)state;
    static const struct {
        const char *lang, *title, *url, *category, *topics;
    } rows[] = {
        {"sv", "Korkarna st\xC3\xA5r still", "", "Wirtschaft", MONEY},
        {"sv", "Korkarna st\xC3\xA5r still", "https://post.example/sport/1", NULL, SPORT},
        {"sv", "Korkarna st\xC3\xA5r still", "https://post.example/po%6Citics/a-b", NULL, POL},
        {"en", "Qwrtz", "https://post.example/sport/1", "Politics", SPORT " | " POL},
        {"en", "Vaccine protects patients", "https://post.example/business/1", "Business", MONEY},
        {"en", "Qwrtz", "https://post.example/a/b?c=/sport/#/sport/", NULL, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[1000];
        const struct telling t = {"post.example", rows[i].title,    "",
                                  rows[i].url,    rows[i].category, 0};
        json_t *out = digest_of(rows[i].lang, &t, 1);
        join(out, "categories", text);
        if (strncmp(text, rows[i].topics, strlen(rows[i].topics)) != 0 ||
            (!*rows[i].topics && *text))
            fail_msg("%s %s: %s", rows[i].url, rows[i].category, text);
        json_decref(out);
    }
}

static void a_copy_says_nothing_of_its_own(void **state)
{
    (void)state;
    const struct telling t[] = {
        {"a.example", "Qwrtz", "", "https://a.example/sport/1", NULL, 0},
        {"b.example", "Qwrtz", "", "https://b.example/politics/1", NULL, 1},
        {"c.example", "Qwrtz", "", "https://c.example/politics/1", NULL, 1},
    };
    char text[1000];
    json_t *out = digest_of("en", t, 3);
    join(out, "categories", text);
    assert_string_equal(text, SPORT);
    json_decref(out);
}

/* ---- keywords ------------------------------------------------------------------------------- */

static const struct telling summit[] = {
    {"a.example", "Marwen and Kim Dae Sol meet in New Halden",
     "President Ilsa Marwen met Kim Dae Sol in New Halden on Monday, the White Court said. They "
     "spoke of Covid-19 vaccines and of smuggled copper.",
     NULL, NULL, 0},
    {"b.example", "Kim Dae Sol hails talks on Covid-19 with Marwen",
     "In New Halden, Prime Minister Kim Dae Sol and Ilsa Marwen agreed on vaccines. Smuggled "
     "copper was no subject, Marwen's office said.",
     NULL, NULL, 0},
    {"c.example", "TALKS in New Halden: vaccines for all",
     "Mr Kim said the talks of New Halden with Ilsa Marwen went well. Covid-19 was the main "
     "subject, he told the Gazette.",
     NULL, NULL, 0},
};

static void keywords_are_names_as_people_write_them(void **state)
{
    (void)state;
    char text[1000];
    json_t *out = digest_of("en", summit, 3);
    join(out, "keywords", text);
    static const char *const has[] = {"Kim Dae Sol", "Ilsa Marwen", "New Halden", "Covid-19",
                                      "vaccines"};
    static const char *const lacks[] = {"President", "Prime",   "Mr",    "Marwen's", "| Halden",
                                        "| 19",      "| Kim |", "TALKS", "Gazette",  "said"};
    for (size_t i = 0; i < sizeof has / sizeof *has; i++)
        if (!strstr(text, has[i]))
            fail_msg("%s: %s", has[i], text);
    for (size_t i = 0; i < sizeof lacks / sizeof *lacks; i++)
        if (strstr(text, lacks[i]))
            fail_msg("%s: %s", lacks[i], text);
    assert_true(strstr(text, "Kim Dae Sol") < strstr(text, "vaccines"));
    assert_true(json_array_size(json_object_get(out, "keywords")) <= 8);
    json_decref(out);
}

static void keywords_are_none_twice_and_no_publisher(void **state)
{
    (void)state;
    struct telling t[] = {summit[0], summit[1]};
    t[0].text = t[1].text = "Reuters and The Gazette of New Halden said so. New Halden heard it.";
    t[0].domain = "The Gazette";
    char text[1000];
    json_t *out = digest_of("en", t, 2);
    join(out, "keywords", text);
    assert_null(strstr(text, "Reuters"));
    const char *first = strstr(text, "New Halden");
    assert_non_null(first);
    assert_null(strstr(first + strlen("New Halden"), "Halden"));
    json_decref(out);
}

/* What a headline shouts is no name; an abbreviation that several have is one. */
static void keywords_say_one_thing_once(void **state)
{
    (void)state;
    static const struct telling t[] = {
        {"a.example", "U.S. opens SECRET tunnel to NATO base, United States says",
         "The United States opened a tunnel of the alliance on Monday.", NULL, NULL, 0},
        {"b.example", "Tunnel for NATO opened by US",
         "NATO has a tunnel now. PM Ilsa Marwen saw the secret tunnel.", NULL, NULL, 0},
    };
    char text[1000];
    json_t *out = digest_of("en", t, 2);
    join(out, "keywords", text);
    assert_non_null(strstr(text, "NATO"));
    assert_null(strstr(text, "SECRET"));
    assert_null(strstr(text, "PM"));
    unsigned states = (strstr(text, "U.S.") != NULL) + (strstr(text, "US") != NULL) +
                      (strstr(text, "United States") != NULL);
    if (states != 1)
        fail_msg("%s", text);
    json_decref(out);
}

static void other_languages_have_keywords(void **state)
{
    (void)state;
    static const struct {
        const char *lang, *title, *text, *has;
    } rows[] = {
        {"de", "Olaf Brenner besucht die Werft in Birkentrau",
         "Bundeskanzler Olaf Brenner hat die Werft besucht. Die Werft in Birkentrau baut Schiffe.",
         "Olaf Brenner"},
        {"de", "Feuerwehr rettet Katze", "Die Feuerwehr hat eine Katze gerettet.", "Feuerwehr"},
        {"fr", "Ilsa Marwen visite l'usine de Port-Sorel",
         "La pr\xC3\xA9sidente Ilsa Marwen a visit\xC3\xA9 l'usine de Port-Sorel.", "Ilsa Marwen"},
        {"es", "Ana Quiroga visita la mina de Valdoria",
         "La ministra Ana Quiroga visit\xC3\xB3 la mina de Valdoria.", "Ana Quiroga"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[1000];
        const struct telling t = {"post.example", rows[i].title, rows[i].text, NULL, NULL, 0};
        json_t *out = digest_of(rows[i].lang, &t, 1);
        join(out, "keywords", text);
        if (!strstr(text, rows[i].has))
            fail_msg("%s: %s", rows[i].has, text);
        json_decref(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_are_seventeen_topics_by_iptcs_names),
        cmocka_unit_test(sections_name_topics),
        cmocka_unit_test(words_tell_the_topic),
        cmocka_unit_test(what_says_nothing_has_no_topic),
        cmocka_unit_test(publishers_say_the_topic),
        cmocka_unit_test(a_copy_says_nothing_of_its_own),
        cmocka_unit_test(keywords_are_names_as_people_write_them),
        cmocka_unit_test(keywords_are_none_twice_and_no_publisher),
        cmocka_unit_test(keywords_say_one_thing_once),
        cmocka_unit_test(other_languages_have_keywords),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
