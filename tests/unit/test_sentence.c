/* Texts -> their sentences, what is left out of them, and what each is about. */
#include "unit.h"

#include "base/buf.h"
#include "digest/sentence.h"
#include "text/terms.h"

#include <stdio.h>
#include <string.h>

static struct langs *langs;

/* "L We won.|Q ..." : the marks and the text of each sentence but the title. */
static void write_sentences(struct buf *b, const char *lang, const char *title, const char *text)
{
    static const char letters[] = "TLDAQqCSH";
    struct sentences s;
    sentences_of(langs_get(langs, lang), title, text, &s);
    for (size_t i = 0; i < s.n; i++) {
        if (s.v[i].marks & SENTENCE_TITLE)
            continue;
        if (b->len)
            buf_addc(b, '|');
        for (size_t k = 0; letters[k]; k++)
            if (s.v[i].marks >> k & 1)
                buf_addc(b, letters[k]);
        buf_addc(b, ' ');
        buf_add(b, s.v[i].text, s.v[i].n);
    }
    sentences_free(&s);
}

struct row {
    const char *lang, *text, *expected;
};

static void check(const struct row *table, size_t n)
{
    struct buf b;
    buf_init(&b, 8192);
    for (size_t i = 0; i < n; i++) {
        buf_clear(&b);
        write_sentences(&b, table[i].lang, "A title", table[i].text);
        assert_string_equal(buf_text(&b), table[i].expected);
    }
    buf_free(&b);
}
#define CHECK(table) check(table, sizeof table / sizeof *table)

static void splits_by_language(void **state)
{
    static const struct row table[] = {
        {"en", "Mr. J. K. Rowan of Acme Inc. met Sen. Foo. No. 5 was there. It cost $2.5 million!",
         "L Mr. J. K. Rowan of Acme Inc. met Sen. Foo.| No. 5 was there.|D It cost $2.5 million!"},
        {"en", "Acme works in the U.S. The company left the U.S. Navy at 5 p.m. Monday. Gone?!",
         "L Acme works in the U.S.| The company left the U.S. Navy at 5 p.m. Monday.|A Gone?!"},
        {"en", "“We won.” The mayor left. \"Who?\" she asked. (Rain fell.) Crews went.",
         "Lq “We won.”| The mayor left.| \"Who?\" she asked.| (Rain fell.)| Crews went."},
        {"en", "“The hull broke. We all swam to the shore,” the captain said. Crews went.",
         "LQS “The hull broke. We all swam to the shore,” the captain said.| Crews went."},
        {"en", "The ferry… sank; crews... went. The owner of the",
         "L The ferry… sank; crews... went.|H The owner of the"},
        {"en", "The ferry sank off Varn and the owner, who [...]",
         "LC The ferry sank off Varn and the owner, who [...]"},
        {"en", "Ferry sinks\n\nCrews went to the site.\nThe hull broke.",
         "H Ferry sinks|L Crews went to the site.| The hull broke."},
        {"de",
         "Am 3. Mai kamen z. B. rund 2,5 Mio. Menschen. Dr. Weber sagte: „Es ist gut.“ Kuno kam.",
         "L Am 3. Mai kamen z. B. rund 2,5 Mio. Menschen.|S Dr. Weber sagte: „Es ist gut.“| Kuno "
         "kam."},
        {"de", "Es waren 15. Die Polizei kam. Er ging.",
         "LD Es waren 15.| Die Polizei kam.|D Er ging."},
        {"fr",
         "M. Dupont est parti. « C'est fini. » L'art. 5 s'applique. Elle a coûté 3,5 millions.",
         "L M. Dupont est parti.|Dq « C'est fini. »| L'art. 5 s'applique.|D Elle a coûté 3,5 "
         "millions."},
        {"es", "El Sr. García viajó a EE. UU. para verla. ¿Qué pasó? La naviera dijo: «No».",
         "L El Sr. García viajó a EE. UU. para verla.|A ¿Qué pasó?|S La naviera dijo: «No»."},
        {"ru", "В 2020 г. фирма им. Иванова выросла. Он был на борту.",
         "L В 2020 г. фирма им. Иванова выросла.|D Он был на борту."},
        {"zh", "渡轮沉没，四人死亡。原因是什么？“我们需要帮助。”他说。警方在调查！",
         "L 渡轮沉没，四人死亡。|A 原因是什么？|S “我们需要帮助。”他说。| 警方在调查！"},
        {"ja", "フェリーが沈没した。船長は「浸水した。」と述べた。しかし原因は不明だ。",
         "L フェリーが沈没した。|S 船長は「浸水した。」と述べた。|D しかし原因は不明だ。"},
        {"ar", "غرقت العبارة. هل نجا أحد؟", "L غرقت العبارة.|A هل نجا أحد؟"},
        {"hi", "नौका डूब गई। जांच जारी है।", "L नौका डूब गई।| जांच जारी है।"},
    };
    (void)state;
    CHECK(table);
}

static void leaves_out_boilerplate(void **state)
{
    static const struct row table[] = {
        {"en", "By Jane Doe\nCrews went.\nRead more: Ten ferries\nSIGN UP NOW\nPhoto: Jane Doe",
         "L Crews went."},
        {"en",
         "Crews went. This is a developing story. Sign up for our newsletter.\nUpdated at 9:00",
         "L Crews went."},
        {"en", "Crews went. (AP Photo/Jane Doe)\nhttps://varn.example/a\n© 2020 Varn News",
         "L Crews went."},
        {"en", "Crews went. The post Ferry sinks appeared first on Varn News.\n#ferry #varn\n* * *",
         "L Crews went."},
        {"en", "Story continues below advertisement\nBy Monday crews had gone.\nWhat do you think?",
         "L By Monday crews had gone."},
        {"de", "Von Max Muster\nRetter kamen.\nLesen Sie auch: Zehn Fähren", "L Retter kamen."},
        {"fr", "Les secours sont venus.\nLire aussi : Dix ferries", "L Les secours sont venus."},
        {"es", "Llegaron los equipos.\nLea también: Diez barcos", "L Llegaron los equipos."},
    };
    (void)state;
    CHECK(table);
}

static void cuts_datelines_off(void **state)
{
    static const struct row table[] = {
        {"en", "VARN (Reuters) - Crews went.", "L Crews went."},
        {"en", "NEW VARN, March 3 — Crews went.", "L Crews went."},
        {"en", "(CNN) Crews went.", "L Crews went."},
        {"en", "VARN -- Crews went.", "L Crews went."},
        {"en", "The mayor — a sailor — went.", "L The mayor — a sailor — went."},
        {"en", "Crews (and boats) went.", "L Crews (and boats) went."},
        {"de", "BERLIN (dpa) - Retter kamen.", "L Retter kamen."},
        {"es", "Madrid, 3 may (EFE).- Llegaron.", "L Llegaron."},
        {"ru", "МОСКВА, 3 мая. /ТАСС/. Паром затонул.", "L Паром затонул."},
        {"zh", "新华社北京5月3日电（记者张三）渡轮沉没。", "L 渡轮沉没。"},
        {"ja", "【東京共同】フェリーが沈没した。", "L フェリーが沈没した。"},
    };
    (void)state;
    CHECK(table);
}

static void repeated_ones_are_there_once(void **state)
{
    struct sentences s;
    (void)state;
    sentences_of(langs_get(langs, "en"), "Ferry sinks off Varn",
                 "Ferry sinks off Varn. Crews went. Crews went.", &s);
    assert_int_equal(s.n, 2);
    assert_int_equal(s.v[0].marks & SENTENCE_TITLE, SENTENCE_TITLE);
    assert_int_equal(s.v[1].at, 1);
    assert_int_equal(s.v[1].words, 2);
    sentences_free(&s);
    sentences_of(NULL, NULL, NULL, &s);
    assert_int_equal(s.n, 0);
    sentences_free(&s);
}

static const struct sentence_term *term_at(const struct sentence *s, const char *word)
{
    for (size_t i = 0; i < s->n_terms; i++)
        if (s->terms[i].n == strlen(word) && !memcmp(s->text + s->terms[i].at, word, s->terms[i].n))
            return &s->terms[i];
    return NULL;
}

static void terms_are_the_engines(void **state)
{
    struct sentences s;
    struct terms t = {0};
    const struct lang *en = langs_get(langs, "en");
    (void)state;
    static const char text[] = "Crews of 45 boats saved 12 000 sailors off Varn near the U.S.";
    sentences_of(en, "", text, &s);
    terms_extract(en, "", text, &t);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.v[0].n_terms, t.n);
    for (size_t i = 0; i < t.n; i++)
        assert_int_equal(s.v[0].terms[i].id, t.gathered[i].id);
    sentences_free(&s);
    terms_free(&t);
}

static void kinds_of_terms(void **state)
{
    struct sentences s;
    (void)state;
    sentences_of(langs_get(langs, "en"), "", "Varn lost four boats. Crews left Varn with 4 boats.",
                 &s);
    assert_int_equal(s.n, 2);
    assert_int_equal(term_at(&s.v[0], "Varn")->kind, WORD_NAME);
    assert_int_equal(term_at(&s.v[1], "Crews")->kind, WORD_PLAIN);
    assert_int_equal(term_at(&s.v[0], "four")->kind, WORD_NUMBER);
    assert_int_equal(term_at(&s.v[0], "four")->id, term_at(&s.v[1], "4")->id);
    assert_int_equal(term_at(&s.v[1], "4")->place, 4);
    sentences_free(&s);
    sentences_of(langs_get(langs, "de"), "", "Am Abend kam Olga Weber. Boote sah Weber nicht.", &s);
    assert_int_equal(term_at(&s.v[0], "Abend") ? term_at(&s.v[0], "Abend")->kind : WORD_PLAIN,
                     WORD_PLAIN);
    assert_int_equal(term_at(&s.v[0], "Olga")->kind, WORD_NAME);
    assert_int_equal(term_at(&s.v[1], "Weber")->kind, WORD_NAME);
    sentences_free(&s);
}

static void keeps_to_its_ceilings(void **state)
{
    struct buf b;
    struct sentences s;
    (void)state;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 2000; i++)
        buf_addf(&b, "Boat %d left the harbour of Varn. ", i);
    sentences_of(langs_get(langs, "en"), "A title", buf_text(&b), &s);
    assert_int_equal(s.n, SENTENCE_MOST);
    sentences_free(&s);
    buf_clear(&b);
    for (int i = 0; i < 400; i++)
        buf_addf(&b, "b%d ", i);
    sentences_of(langs_get(langs, "en"), "A title", buf_text(&b), &s);
    assert_int_equal(s.n, 1); /* the long one is left out */
    sentences_free(&s);
    buf_clear(&b);
    for (int i = 0; i < 90; i++)
        buf_addf(&b, "b%d ", i);
    sentences_of(langs_get(langs, "en"), "", buf_text(&b), &s);
    assert_int_equal(s.v[0].n_terms, SENTENCE_TERMS);
    sentences_free(&s);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_by_language),    cmocka_unit_test(leaves_out_boilerplate),
        cmocka_unit_test(cuts_datelines_off),    cmocka_unit_test(repeated_ones_are_there_once),
        cmocka_unit_test(terms_are_the_engines), cmocka_unit_test(kinds_of_terms),
        cmocka_unit_test(keeps_to_its_ceilings),
    };
    langs = langs_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    langs_free(langs);
    return failed;
}
