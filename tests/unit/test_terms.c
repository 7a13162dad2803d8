/* The terms of an article, and which are one. */
#include "unit.h"

#include "text/lang.h"
#include "text/rarity.h"
#include "text/terms.h"

#include <string.h>

static const struct term *find(const struct terms *t, const char *text)
{
    for (size_t i = 0; i < t->n; i++)
        if (!strcmp(term_text(t, &t->v[i]), text))
            return &t->v[i];
    return NULL;
}

static void terms_of_an_article(void **state)
{
    (void)state;
    struct langs *l = langs_new();
    const struct lang *en = langs_get(l, "en");
    struct terms t = {0};
    terms_extract(en, "Ferry runs aground off Sorrel", "The ferries of Sorrel ran; ferry 12 sank.",
                  &t);
    const struct term *ferry = find(&t, "ferry"), *sorrel = find(&t, "sorrel");
    assert_non_null(ferry);
    assert_int_equal(ferry->in_title, 1);
    assert_int_equal(ferry->in_body, 2); /* ferries, ferry */
    assert_non_null(sorrel);
    assert_true(sorrel->capital == 2 && sorrel->lower == 0);
    assert_null(find(&t, "the"));
    assert_true(find(&t, "12")->number);
    for (size_t i = 1; i < t.n; i++)
        assert_true(t.v[i - 1].id < t.v[i].id);
    terms_free(&t);
    langs_free(l);
}

static void dates_and_hours_are_no_terms(void **state)
{
    static const char *const gone[] = {"april", "22", "2020", "00", "am", "11", "tuesday"};
    (void)state;
    struct langs *l = langs_new();
    struct terms t = {0};
    terms_extract(langs_get(l, "en"), "Ferry runs aground: 30 rescued",
                  "April 22, 2020 5:00 AM At 11 PM on Tuesday PM Lee saw the ferry.", &t);
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
        assert_null(find(&t, gone[i]));
    assert_non_null(find(&t, "30"));
    assert_int_equal(find(&t, "pm")->in_body, 1); /* the prime minister, not the hour */
    terms_free(&t);
    langs_free(l);
}

/* A number of one or two digits that counts something is known by its id; what names something, and
 * what is measured, is not. */
static void a_bare_count_is_known_by_its_id(void **state)
{
    static const struct {
        const char *title, *number;
        bool count;
    } table[] = {
        {"Clinic treats 45 patients", "45", true},
        {"Ferry sinks with 7 aboard", "7", true},
        {"45", "45", true},
        {"Fire kills 9-year-old boy", "9", true},
        {"$45 for a ticket", "45", false},
        {"Tram costs 45m", "45", false},
        {"Tram costs 45 million", "45", false},
        {"Rents rise 45%", "45", false},
        {"Rents rise 45 percent", "45", false},
        {"Tram costs €45", "45", false},
        {"Rovers beat Port Ashby 3-1", "3", false},
        {"Rovers beat Port Ashby 3-1", "1", false},
        {"Pilots leave the Velmora-35", "35", false},
        {"Makers fear Halden 7 rules", "7", false},
        {"After Halden, 7 are missing", "7", true},
        {"Thaw at Halden: -7 at night", "7", true},
        {"Clinic treats 450 patients", "450", false},
        {"Rates rise to 4.5", "4.5", false},
    };
    (void)state;
    struct langs *l = langs_new();
    struct terms t = {0};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        terms_extract(langs_get(l, "en"), table[i].title, "", &t);
        const struct term *term = find(&t, table[i].number);
        assert_non_null(term);
        assert_true(term->number);
        if (term_is_count(term->id) != table[i].count)
            fail_msg("%s: %s", table[i].title, table[i].number);
    }
    terms_free(&t);
    langs_free(l);
}

/* Has one of the texts a term of the other's? */
static bool share_a_term(const struct lang *l, const char *a, const char *b)
{
    struct terms of_a = {0}, of_b = {0};
    bool found = false;
    terms_extract(l, a, "", &of_a);
    terms_extract(l, b, "", &of_b);
    for (size_t i = 0; i < of_a.n; i++)
        for (size_t k = 0; k < of_b.n; k++)
            found |= of_a.v[i].id == of_b.v[k].id;
    terms_free(&of_a);
    terms_free(&of_b);
    return found;
}

struct text_pair {
    const char *lang, *a, *b;
    bool one; /* they share a term */
};

static void check_pairs(const struct text_pair *pairs, size_t n)
{
    struct langs *l = langs_new();
    for (size_t i = 0; i < n; i++)
        if (share_a_term(langs_get(l, pairs[i].lang), pairs[i].a, pairs[i].b) != pairs[i].one)
            fail_msg("%s: %s, %s", pairs[i].lang, pairs[i].a, pairs[i].b);
    langs_free(l);
}

static void a_country_and_its_people_are_one_term(void **state)
{
    static const struct text_pair table[] = {
        {"en", "Syria", "the Syrians", true},
        {"en", "Spain", "a Spaniard", true},
        {"en", "in Poland", "the Polish river", true},
        {"en", "in Poland", "we polish shoes", false},
        {"en", "UAE", "an Emirati pilot", true},
        {"en", "Niger", "a Nigerian pilot", false},
        {"de", "Polen", "mit polnischem Akzent", true},
        {"de", "Frankreich", "die Französin", true},
        {"es", "España", "las calles españolas", true},
        {"es", "Suecia", "un ciclista sueco", true},
        {"fr", "la Grèce", "une île grecque", true},
        {"fr", "le Mali", "un mal ancien", false},
        {"pt", "Alemanha", "os alemães", true},
        {"pt", "Camarões", "um prato de camarões", false},
        {"it", "Svezia", "una centrale svedese", true},
        {"nl", "Duitsland", "de Duitse grens", true},
        {"sv", "Polen", "polska", false},
        {"en", "Velmoria", "the Velmorians", true}, /* as any place in -ia */
        {"en", "Julia", "Julian", false},
    };
    (void)state;
    check_pairs(table, sizeof table / sizeof *table);
}

static void spellings_of_a_word_are_one_term(void **state)
{
    static const struct text_pair table[] = {
        {"en", "an airbase", "the air bases", true},
        {"en", "an airbase", "The Air-Base", true},
        {"en", "AIRBASES", "near air base", true},
        {"en", "an airbase", "by air", false},
        {"en", "an air base", "by air", false}, /* neither part is a term of its own */
        {"en", "an air base", "the base", false},
        {"en", "the air in base camp", "an airbase", false},
        {"en", "Thin air. Base camp shut", "an airbase", false},
        {"en", "an earthquake", "Quake felt", true},
        {"en", "a defence", "the defense", true},
        {"en", "the F-35", "an F35", true},
        {"en", "two F-16s", "an F16", true},
        {"en", "THE MH-370", "of MH370", true},
        {"en", "the F-35", "with 35", false},
        {"en", "the F-35", "the A-35", false},
        {"en", "the F-35 jet", "an F-16 jet", true},
        {"en", "the 737-800", "a 737", true},
        {"en", "Velmora-35", "over 35", false}, /* a count is another term than a name's number */
        {"en", "Velmora-35", "$35", true},      /* too long for a name with a number */
        {"en", "top-35", "$35", true},
        {"de", "Waffenruhe", "mit einer Feuerpause", true},
        {"es", "el expresidente", "un ex presidente", true},
        {"fr", "un hélico", "des hélicoptères", true},
        {"it", "vecchia autostrada", "una auto strada", true},
        {"nl", "een heli", "de helikopters", true},
        {"pt", "o sismo", "um terramoto", true},
        {"sv", "airbase", "air base", false},
    };
    (void)state;
    check_pairs(table, sizeof table / sizeof *table);
}

static void a_sum_is_one_term_rounded_or_not(void **state)
{
    static const struct text_pair table[] = {
        {"en", "278m", "278.2m", true},
        {"en", "$278.2 million", "278 million", true},
        {"en", "$278,200,000", "£278.9 million", true},
        {"en", "278,200,000", "$278m", true},
        {"en", "2,600,000,000", "2.6bn", true},
        {"en", "2.60bn", "2.6bn", true},
        {"en", "$5m", "$5.0 million", true},
        {"en", "2.6bn", "2.7bn", false},
        {"en", "2.6bn", "2bn", false},
        {"en", "278.2", "278", false}, /* no sum */
        {"en", "2782000", "$2.782", false},
        {"en", "$278th", "$278", false},
        {"es", "278,2 millones", "278 millones", true},
        {"de", "278,2 Mio", "278 Millionen", true},
        {"fr", "12 000", "12.000", true},
        {"fr", "12\u00a0000", "12000", true},
        {"fr", "12\u202f000", "12000", true},
        {"fr", "2 600 000", "2,6 millions", true},
        {"fr", "12 000", "000", false},
        {"fr", "12 000", "12 500", false},
        {"fr", "2020 300", "300", true},
        {"fr", "12, 300", "300", true},
        {"fr", "12 0000", "12", true},
        {"sv", "12 000", "12000", true},
        {"en", "12 000", "12000", false},
    };
    (void)state;
    check_pairs(table, sizeof table / sizeof *table);
}

/* A number that is set apart by blanks ends where a title's words do not fit any more. */
static void thousands_in_a_title_without_end(void **state)
{
    char title[1200] = "";
    (void)state;
    for (int i = 0; i < 150; i++)
        strcat(title, i % 5 ? " 000" : " 1");
    struct langs *l = langs_new();
    struct terms t = {0};
    terms_extract(langs_get(l, "fr"), title, title, &t);
    assert_true(t.n > 0 && t.n_title_sequence == 150);
    terms_free(&t);
    langs_free(l);
}

/* Letters beyond ASCII make terms too, and their marks say nothing. */
static void terms_of_other_letters(void **state)
{
    (void)state;
    struct langs *l = langs_new();
    struct terms with = {0}, without = {0}, russian = {0};
    terms_extract(langs_get(l, "es"), "Córdoba Beyoncé", "", &with);
    terms_extract(langs_get(l, "es"), "Cordoba Beyonce", "", &without);
    assert_int_equal(with.n, 2);
    assert_int_equal(with.v[0].id, without.v[0].id);
    assert_int_equal(with.v[1].id, without.v[1].id);
    terms_extract(langs_get(l, "ru"), "Пожар уничтожил библиотеку, пожары в библиотеке", "",
                  &russian);
    assert_int_equal(russian.n, 3); /* fire and library, twice each, and destroyed */
    terms_free(&with);
    terms_free(&without);
    terms_free(&russian);
    langs_free(l);
}

/* What is known of a language's common words is known of what its texts are read as: pairs of
 * characters, of a longer word each. */
static void common_words_of_unspaced_scripts_are_known(void **state)
{
    static const char *const table[][3] = {
        {"ko", "중앙은행", "다람쥐굴"}, {"ja", "大統領", "栗鼠巣"}, {"zh", "医院", "松鼠"}};
    (void)state;
    struct langs *l = langs_new();
    struct rarity *r = rarity_new(l, 3, 400);
    struct terms known = {0}, unknown = {0};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        terms_extract(langs_get(l, table[i][0]), table[i][1], NULL, &known);
        terms_extract(langs_get(l, table[i][0]), table[i][2], NULL, &unknown);
        assert_true(known.n > 0 && unknown.n > 0);
        for (size_t k = 0; k < known.n; k++)
            assert_true(rarity_idf(r, known.v[k].id) < rarity_idf(r, unknown.v[0].id));
    }
    terms_free(&known);
    terms_free(&unknown);
    rarity_free(r);
    langs_free(l);
}

/* What is half in English has English stop words too. */
static void words_that_tie_a_mixed_languages_texts_are_no_terms(void **state)
{
    (void)state;
    struct langs *l = langs_new();
    struct terms t = {0};
    terms_extract(langs_get(l, "tl"), "Ang bagyo ay nasa Samar", "Subscribe to the channel", &t);
    assert_non_null(find(&t, "bagyo"));
    assert_null(find(&t, "ang"));
    assert_null(find(&t, "the"));
    terms_free(&t);
    langs_free(l);
}

/* In A Title Like This a capital makes no name. */
static void title_case_names_nobody(void **state)
{
    (void)state;
    struct langs *l = langs_new();
    struct terms t = {0};
    terms_extract(langs_get(l, "en"), "Ferry Runs Aground Off Northern Islands", "", &t);
    const struct term *islands = find(&t, "islands");
    assert_non_null(islands);
    assert_int_equal(islands->capital, 0);
    assert_true(islands->opens);
    terms_free(&t);
    langs_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terms_of_an_article),
        cmocka_unit_test(dates_and_hours_are_no_terms),
        cmocka_unit_test(a_bare_count_is_known_by_its_id),
        cmocka_unit_test(a_country_and_its_people_are_one_term),
        cmocka_unit_test(spellings_of_a_word_are_one_term),
        cmocka_unit_test(a_sum_is_one_term_rounded_or_not),
        cmocka_unit_test(thousands_in_a_title_without_end),
        cmocka_unit_test(terms_of_other_letters),
        cmocka_unit_test(common_words_of_unspaced_scripts_are_known),
        cmocka_unit_test(title_case_names_nobody),
        cmocka_unit_test(words_that_tie_a_mixed_languages_texts_are_no_terms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
