/* A text's words and its language. */
#include "unit.h"

#include "text/terms.h"
#include "text/lang.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_texts),
        cmocka_unit_test(words_end_where_the_text_does),
        cmocka_unit_test(a_word_has_a_ceiling),
        cmocka_unit_test(languages_of_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
