#include "unit.h"

#include "text/lang.h"
#include "text/rarity.h"
#include "text/roundup.h"
#include "text/terms.h"
#include "text/words.h"

#include <stdio.h>
#include <string.h>

/* A text and its words, blanks between; "^" before a capitalised word. */
static void words_of_texts(void **state)
{
    static const char *const table[][2] = {
        {"Kim Jong-un's sister", "^kim ^jong un sister"},
        {"The U.S. and the U.K. agree.", "^the ^us and the ^uk agree"},
        {"50,000 people, 1.5 million", "50000 people 1.5 million"},
        {"$4.75B, 2.6bn pounds, 10m people", "4.75 2.6 pounds 10 people"},
        {"3M sells 5K screens, 20min", "^3m sells ^5k screens 20min"},
        {"It's 3pm; don't go", "^it 3pm don't go"},
        {"\xc3\x89"
         "cole fran\xc3\xa7"
         "aise",
         "^\xc3\xa9"
         "cole fran\xc3\xa7"
         "aise"},
        {"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
         "\xe6\x97\xa5\xe6\x9c\xac \xe6\x9c\xac\xe8\xaa\x9e"},
        {"50.000 Menschen, 4,25 Prozent", "50000 ^menschen 4.25 ^prozent"},
        {"٣٠ قتيلا", "30 قتيلا"},
        {"３０人", "30 人"},
        {"セリン湖の山火事、2000人", "セリン 湖 の 山火 火事 2000 人"},
        {"トーラン・モーターズ", "トーラン モーターズ"},
        {"서울 지하철", "서울 지하 하철"},
        {"See https://a.example/x?y=1 or www.b.example, now", "^see or now"},
        {"", ""},
        {"... -- !!", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char got[256] = "";
        struct words w;
        struct word word;
        words_init(&w, table[i][0], strlen(table[i][0]));
        while (words_next(&w, &word)) {
            size_t n = strlen(got);
            snprintf(got + n, sizeof got - n, "%s%s%s", n ? " " : "", word.capital ? "^" : "",
                     word.text);
        }
        assert_string_equal(got, table[i][1]);
    }
}

/* Words are read sixteen bytes at once, but never beyond the text: each beginning of a text has the
 * words that it has with blanks behind it. */
static void words_end_where_the_text_does(void **state)
{
    enum { BLANKS = 24 };
    static const char text[] = "Kim Jong-un's U.S. visit cost 50,000.75 dollars (2.6bn), 3M's "
                               "INTERNATIONALISATIONSBEHOERDE says: caf\xc3\xa9s' 9,5 X";
    (void)state;
    for (size_t n = 0; n < sizeof text; n++) {
        if ((text[n] & 0xc0) == 0x80)
            continue; /* within a character */
        char *alone = test_malloc(n + 1), *longer = test_malloc(n + BLANKS);
        memcpy(alone, text, n);
        memcpy(longer, text, n);
        memset(longer + n, ' ', BLANKS);
        struct words a, b;
        struct word x, y;
        words_init(&a, alone, n);
        words_init(&b, longer, n + BLANKS);
        while (words_next(&a, &x)) {
            assert_true(words_next(&b, &y));
            assert_string_equal(x.text, y.text);
            assert_int_equal(x.len, y.len);
            assert_true(x.capital == y.capital && x.caps == y.caps && x.number == y.number);
            for (size_t i = x.len; i < WORD_PADDED; i++)
                assert_int_equal(x.text[i], 0);
        }
        assert_false(words_next(&b, &y));
        test_free(alone);
        test_free(longer);
    }
}

static void a_word_has_a_ceiling(void **state)
{
    (void)state;
    char text[1000];
    struct words w;
    struct word word;
    memset(text, 'x', sizeof text);
    words_init(&w, text, sizeof text);
    assert_true(words_next(&w, &word));
    assert_int_equal(word.len, WORD_MAX);
    assert_false(words_next(&w, &word));
}

/* What a feed claims, a text, the language. "-" claims nothing, or is not known. */
static void languages_of_texts(void **state)
{
    static const char *const table[][3] = {
        {"en-GB", "anything at all", "en"},
        {"-", "The ministers of the island have agreed on a plan for the harbour", "en"},
        {"-", "Die Minister der Insel haben sich auf einen Plan f\xc3\xbcr den Hafen geeinigt",
         "de"},
        {"-", "Les ministres de l'\xc3\xaele se sont mis d'accord sur un plan pour le port", "fr"},
        {"-", "Los ministros de la isla han acordado un plan para el puerto", "es"},
        {"-", "\xd0\x9c\xd0\xb8\xd0\xbd\xd0\xb8\xd1\x81\xd1\x82\xd1\x80", "ru"},
        {"uk", "\xd0\x9c\xd1\x96\xd0\xbd\xd1\x96\xd1\x81\xd1\x82\xd1\x80", "uk"},
        {"en", "\xd0\x9c\xd0\xb8\xd0\xbd\xd0\xb8\xd1\x81\xd1\x82\xd1\x80", "ru"},
        {"-", "\xe6\x9d\xb1\xe4\xba\xac\xe3\x81\xa7\xe3\x81\xaf", "ja"},
        {"-", "\xe5\x8c\x97\xe4\xba\xac", "zh"},
        {"-", "\xed\x95\x9c\xea\xb5\xad", "ko"},
        {"-", "Xyzzy", "-"},
        {"-", "Banco central sobe taxa de juro: a inflação continua alta", "pt"},
        {"-", "Banco central sube la tasa: la inflación sigue siendo alta", "es"},
        {"no-NO", "Regjeringen", "nb"},
        /* few stop words, or others' */
        {"-", "Three dead in shooting in Marlow", "en"},
        {"-", "Cedar Fire passes 900 acres in Alta Sur as evacuations remain", "en"},
        {"-", "Harbour Workers Reject Contract Offer", "en"},
        {"-", "AI Shares Tumble as UN Talks Stall", "en"},
        {"-", "LAWMAKERS REJECT HARBOUR PLAN AFTER LONG DEBATE", "en"},
        {"-", "Hafenarbeiter lehnen Angebot ab", "de"},
        {"-", "HAFENARBEITER LEHNEN ANGEBOT AB", "de"},
        {"-", "Incendie sur le port, deux blessés", "fr"},
        {"-", "Incendio al porto, evacuate dieci famiglie", "it"},
        {"-", "Incêndio deixa três feridos no porto", "pt"},
        {"-", "Havenarbeiders leggen het werk neer", "nl"},
        {"-", "Pożar w porcie, ranni strażacy", "pl"},
        {"-", "Brand i hamnen, två skadade", "sv"},
        {"-", "Limanda yangın: üç işçi yaralandı", "tr"},
        {"-", "Satamassa syttyi tulipalo, kaksi loukkaantui", "fi"},
        {"-", "Guvernul a aprobat planul pentru port", "ro"},
        {"-", "A kormány elfogadta a kikötő tervét", "hu"},
        {"-", "Vláda schválila plán pro přístav", "cs"},
        {"-", "Pemerintah setujui rencana pelabuhan", "id"},
        /* names and numbers */
        {"-", "US", "-"},
        {"-", "AP", "-"},
        {"-", "Marlow United 2-1 Sorrel Wanderers", "-"},
        {"-", "Lena Vogt", "-"},
        {"-", "3 - 0", "-"},
        /* no language's codes */
        {"xx", "Die Minister der Insel haben sich auf einen Plan für den Hafen geeinigt", "de"},
        {"us", "Hafenarbeiter lehnen Angebot ab", "de"},
        {"jp", "北京", "ja"},
        /* a language of other letters */
        {"ja", "The ministers of the island have agreed on a plan for the harbour", "en"},
        {"ja", "Sorrel 5 Pro", "ja"},
        /* one of which nothing is known */
        {"ca", "El govern aprova el pla del port de la ciutat", "ca"},
        /* what the feed's software came with, not what the text is */
        {"en-us", "Die Minister der Insel haben sich auf einen Plan für den Hafen geeinigt", "de"},
        {"en", "De ministers van het eiland zijn het eens over een plan voor de haven", "nl"},
        {"en", "I ministri dell'isola hanno trovato un accordo sul piano per il porto", "it"},
        {"de", "The ministers of the island have agreed on a plan for the harbour", "en"},
        /* too little to speak against the claim */
        {"en", "Le Mans: Porsche wins", "en"},
        {"en", "State media: leader Un made first visit to the harbour in weeks", "en"},
        {"en", "Boats to go to harbour, owners to pay for it in May", "en"},
        /* a language that borrows much */
        {"en", "Lalaki, arestado matapos magnakaw ng bisikleta sa harap ng mga pulis", "tl"},
        {"-", "Ang alkalde ay nagbigay ng tulong sa mga pamilya", "tl"},
        {"fr", "Sollund", "fr"},
        {"hu", "A sziget miniszterei megállapodtak a kikötő tervéről", "hu"},
        {"ru", "Міністри острова погодили план щодо порту на два роки", "uk"},
        {"-", "Міністри погодили план", "uk"},
        {"uk-UA", "Министры острова согласовали план по порту на два года, объявили власти", "uk"},
        {"en", "Міністры вострава ўзгаднілі план", "be"},
        {"ar", "وزیران جزیره بر سر طرح بندر توافق کردند", "fa"},
        {"en", "جزیرے کے وزیروں نے بندرگاہ کے منصوبے پر اتفاق کیا", "ur"},
        {"en", "اتفق وزراء الجزيرة على خطة للميناء", "ar"},
        {"uk", "Міністри острова погодили план щодо порту на два роки", "uk"},
    };
    (void)state;
    struct langs *l = langs_new();
    struct terms terms = {0};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *claimed = strcmp(table[i][0], "-") ? table[i][0] : NULL;
        const struct lang *lang = langs_detect(l, claimed, table[i][1], strlen(table[i][1]));
        terms_extract(lang, table[i][1], NULL, &terms);
        if (lang)
            lang = langs_elect(l, lang, true, &terms.votes, table[i][1], strlen(table[i][1]),
                               strlen(table[i][1]));
        if (strcmp(lang ? lang_code(lang) : "-", table[i][2]))
            fail_msg("%s: %s, expected %s", table[i][1], lang ? lang_code(lang) : "-", table[i][2]);
    }
    terms_free(&terms);
    langs_free(l);
}

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

static void count(struct rarity *r, uint32_t id, int articles)
{
    for (int i = 0; i < articles; i++) {
        rarity_article(r);
        rarity_term(r, id, false, true);
    }
}

/* A subject that fills the news loses its weight, and regains it when it is over. */
/* A live page or an explainer is of the happening that its title names; a frame that names none, a
 * briefing and a dated daily text are round-ups. */
static void frames_of_titles(void **state)
{
    static const struct {
        const char *title, *lang;
        enum title_frame frame;
    } table[] = {
        {"Ferry sinks off Kalmar, 28 missing", "en", FRAME_NONE},
        {"Live updates: Ferry sinks off Kalmar, 28 missing", "en", FRAME_RUNNING},
        {"What to know about the ferry that sank off Kalmar", "en", FRAME_RUNNING},
        {"Kalmar ferry disaster - as it happened", "en", FRAME_RUNNING},
        {"Ferry disaster in Kalmar: What you need to know", "en", FRAME_RUNNING},
        {"Live updates", "en", FRAME_ROUNDUP},
        {"Tuesday: what you need to know", "en", FRAME_ROUNDUP},
        {"En vivo: naufragio del ferry frente a Kalmar", "es", FRAME_RUNNING},
        {"Morning briefing: ferry sinks off Kalmar", "en", FRAME_ROUNDUP},
        {"Your horoscope for the week", "en", FRAME_ROUNDUP},
        {"Harbour notices for April 28, 2020", "en", FRAME_ROUNDUP},
    };
    (void)state;
    struct langs *langs = langs_new();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct terms t = {0};
        terms_extract(langs_get(langs, table[i].lang), table[i].title, NULL, &t);
        if (title_frame(table[i].title, terms_of_title(&t)) != table[i].frame)
            fail_msg("%s", table[i].title);
        terms_free(&t);
    }
    langs_free(langs);
}

static void rarity_fades(void **state)
{
    (void)state;
    struct langs *l = langs_new();
    struct rarity *r = rarity_new(l, 2, 100);
    uint32_t id = term_id("plague", 6), other = term_id("ferri", 5);
    assert_true(rarity_day(r, 1000));
    double before = rarity_idf(r, id);
    count(r, id, 500);
    double during = rarity_idf(r, id);
    assert_true(during < before / 3);
    for (int64_t day = 1001; day < 1030; day++) {
        assert_true(rarity_day(r, day));
        count(r, other, 100);
    }
    assert_true(rarity_idf(r, id) > before * 0.9);
    assert_false(rarity_day(r, 1029));
    double now = rarity_idf(r, other);
    assert_true(rarity_day(r, 5)); /* a clock that went back, and one that leaps */
    assert_float_equal(rarity_idf(r, other), now, 1e-3);
    assert_true(rarity_day(r, 99999));
    assert_true(rarity_idf(r, other) < before * 0.9);
    rarity_free(r);
    langs_free(l);
}

static void rarity_is_saved_to_the_bit(void **state)
{
    (void)state;
    struct langs *l = langs_new();
    struct rarity *a = rarity_new(l, 3, 100), *b = rarity_new(l, 3, 100);
    struct buf saved, again;
    buf_init(&saved, 1 << 20);
    buf_init(&again, 1 << 20);
    rarity_day(a, 1000);
    for (uint32_t id = 1; id < 3000; id++)
        count(a, id * 7919, (int)(id % 5) + 1);
    rarity_day(a, 1001);
    rarity_save(a, &saved);
    assert_true(rarity_load(b, saved.p, saved.len));
    rarity_save(b, &again);
    assert_int_equal(saved.len, again.len);
    assert_memory_equal(saved.p, again.p, saved.len);
    for (uint32_t id = 1; id < 3000; id++)
        assert_true(!(rarity_idf(a, id * 7919) < rarity_idf(b, id * 7919)) &&
                    !(rarity_idf(a, id * 7919) > rarity_idf(b, id * 7919)));
    assert_false(rarity_load(b, saved.p, saved.len - 1));
    assert_false(rarity_load(b, "nonsense", 8));
    buf_free(&saved);
    buf_free(&again);
    rarity_free(a);
    rarity_free(b);
    langs_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_texts),
        cmocka_unit_test(words_end_where_the_text_does),
        cmocka_unit_test(a_word_has_a_ceiling),
        cmocka_unit_test(languages_of_texts),
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
        cmocka_unit_test(frames_of_titles),
        cmocka_unit_test(rarity_fades),
        cmocka_unit_test(rarity_is_saved_to_the_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
