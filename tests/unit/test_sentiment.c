/* Where the authors of invented posts stand, and what of it is told. */
#include "unit.h"

#include "digest/sentiment.h"
#include "digest/stance.h"

#include <stdio.h>
#include <string.h>

static struct tones *tones;

struct row {
    const char *lang, *text;
    enum stance stance;
};

static void stances_are_read_from_words(void **state)
{
    static const struct row rows[] = {
        {"en", "Great news for commuters, well done!", STANCE_SUPPORTIVE},
        {"en", "Finally. I love this tunnel.", STANCE_SUPPORTIVE},
        {"en", "Congratulations to everybody who worked on it", STANCE_SUPPORTIVE},
        {"en", "The right decision, thank you \xf0\x9f\x91\x8f", STANCE_SUPPORTIVE},
        {"en", "Proud of our city today", STANCE_SUPPORTIVE},
        {"en", "Any proof? I doubt it will ever open.", STANCE_SKEPTICAL},
        {"en", "Sounds like propaganda to me.", STANCE_SKEPTICAL},
        {"en", "What a joke. Waste of money, the minister must resign", STANCE_SKEPTICAL},
        {"en", "Oh great, another tunnel. What could possibly go wrong.", STANCE_SKEPTICAL},
        {"en", "Their \"plan\" again", STANCE_SKEPTICAL},
        {"en", "I don't believe a word of it", STANCE_SKEPTICAL},
        {"en", "No tender? I doubt that this is legal.", STANCE_SKEPTICAL},
        {"en", "I am worried about the risk for the houses above.", STANCE_CONCERNED},
        {"en", "Scary. This is dangerous for all who live there.", STANCE_CONCERNED},
        {"en", "Thoughts are with the families, stay safe", STANCE_CONCERNED},
        {"en", "So afraid for our old bridge \xf0\x9f\x98\xa2", STANCE_CONCERNED},
        {"en", "The tunnel opens on Monday at nine.", STANCE_NEUTRAL},
        {"en", "Orlan ministry, page 4 of the report", STANCE_NEUTRAL},
        {"de", "Endlich! Gute Nachricht f\xc3\xbcr alle Pendler.", STANCE_SUPPORTIVE},
        {"de", "Bravo, richtige Entscheidung, weiter so", STANCE_SUPPORTIVE},
        {"de", "Danke an alle, tolle Arbeit!", STANCE_SUPPORTIVE},
        {"de", "Das glaube ich nicht, wer soll das bezahlen", STANCE_SKEPTICAL},
        {"de", "So ein Unsinn, reine Propaganda", STANCE_SKEPTICAL},
        {"de",
         "Steuergeld verschwendet, R\xc3\xbc"
         "cktritt!",
         STANCE_SKEPTICAL},
        {"de", "Ich habe Angst um unsere Kinder.", STANCE_CONCERNED},
        {"de", "Das ist gef\xc3\xa4hrlich, ich mache mir Sorgen", STANCE_CONCERNED},
        {"de", "Sehr beunruhigend, ein grosses Risiko", STANCE_CONCERNED},
        {"de",
         "Der Tunnel \xc3\xb6"
         "ffnet am Montag um neun.",
         STANCE_NEUTRAL},
        {"fr", "Bravo, tr\xc3\xa8s bonne nouvelle !", STANCE_SUPPORTIVE},
        {"fr", "Enfin, merci \xc3\xa0 tous", STANCE_SUPPORTIVE},
        {"fr",
         "Excellente d\xc3\xa9"
         "cision, je suis pour",
         STANCE_SUPPORTIVE},
        {"fr", "N'importe quoi, quelle arnaque", STANCE_SKEPTICAL},
        {"fr", "J'ai des doutes, une source?", STANCE_SKEPTICAL},
        {"fr", "Du gaspillage d'argent public", STANCE_SKEPTICAL},
        {"fr", "C'est inqui\xc3\xa9tant, j'ai peur pour les riverains", STANCE_CONCERNED},
        {"fr", "Trop de risques, c'est dangereux", STANCE_CONCERNED},
        {"fr", "Le tunnel ouvre lundi.", STANCE_NEUTRAL},
        {"es", "\xc2\xa1Por fin! Enhorabuena a todos", STANCE_SUPPORTIVE},
        {"es", "Gran noticia, gracias", STANCE_SUPPORTIVE},
        {"es", "Apoyo esta decisi\xc3\xb3n, buen trabajo", STANCE_SUPPORTIVE},
        {"es", "No me lo creo, pura propaganda", STANCE_SKEPTICAL},
        {"es", "Mentira, es una estafa", STANCE_SKEPTICAL},
        {"es", "Me preocupa, es muy peligroso", STANCE_CONCERNED},
        {"es", "Tengo miedo por los vecinos", STANCE_CONCERNED},
        {"es", "El t\xc3\xbanel abre el lunes.", STANCE_NEUTRAL},
        {NULL, "", STANCE_NEUTRAL},
    };
    unsigned wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum stance s = stance_of(tones, rows[i].lang, rows[i].text).stance;
        if (s != rows[i].stance) {
            print_error("%s: %s, expected %s\n", rows[i].text, stance_name(s),
                        stance_name(rows[i].stance));
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static const struct digest_post eight[] = {
    {1, "Great news for commuters, well done to all who dug this tunnel!", "Ada", "@ada",
     "Engineer", "https://talk.example/1", "en", 100},
    {2, "Finally! I love this tunnel and so will my whole street, thank you.", "Ben", "@ben", NULL,
     "https://talk.example/2", "en", 110},
    {3, "Proud of our city today, congratulations to the people of Acme Rail.", "Cem", "@cem", "",
     "", "en", 120},
    {4, "The right decision, well done, it was about time for a tunnel here.", "Dee", NULL, NULL,
     "https://talk.example/4", "en", 130},
    {5, "I am worried about the risk for the old houses above the tunnel.", "Eli", "@eli", NULL,
     "https://talk.example/5", "en", 140},
    {6, "Dangerous. I am afraid of what happens to our wells in the valley.", "Fay", "@fay", NULL,
     "https://talk.example/6", "en", 150},
    {7, "Any proof? I doubt that it will ever open, it is a waste of money.", "Gus", "@gus", NULL,
     "https://talk.example/7", "en", 160},
    {8, "The tunnel opens on Monday at nine, page four of the report says.", "Hal", "@hal", NULL,
     "https://talk.example/8", "en", 170},
};

static const struct digest_quote *quote(const struct digest_sentiment *s, size_t i)
{
    return (const struct digest_quote *)s->quotes.v + i;
}

static void eight_people_are_split_and_quoted_by_turns(void **state)
{
    struct digest_sentiment s;
    bool supportive = false, concerned = false;
    (void)state;
    sentiment_make(tones, eight, 8, &s);
    assert_int_equal(s.posts, 8);
    assert_int_equal(s.authors, 8);
    assert_false(s.few);
    assert_int_equal(s.split->supportive, 4);
    assert_int_equal(s.split->concerned, 2);
    assert_int_equal(s.split->skeptical, 1);
    assert_int_equal(s.split->neutral, 1);
    assert_string_equal(s.overall, "Divided, of 8 people: 4 supportive, 2 concerned, 1 skeptical, "
                                   "1 without a clear stance.");
    assert_int_equal(s.quotes.n, SENTIMENT_QUOTES);
    for (size_t i = 0; i < s.quotes.n; i++) {
        supportive |= !strcmp(quote(&s, i)->stance, "supportive");
        concerned |= !strcmp(quote(&s, i)->stance, "concerned");
        assert_true(quote(&s, i)->post >= 1 && quote(&s, i)->post <= 8);
        assert_non_null(strstr(eight[quote(&s, i)->post - 1].text, quote(&s, i)->text));
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(quote(&s, i)->post, quote(&s, k)->post);
    }
    assert_true(supportive && concerned);
    codec_free(&digest_sentiment_table, &s);
}

static void few_people_are_told_to_be_few(void **state)
{
    struct digest_sentiment s;
    (void)state;
    sentiment_make(tones, eight, 3, &s);
    assert_true(s.few);
    assert_null(s.split);
    assert_string_equal(s.overall,
                        "Only 3 posts by 3 people, too few to say how opinion is split.");
    codec_free(&digest_sentiment_table, &s);
    sentiment_make(tones, eight, 1, &s);
    assert_string_equal(s.overall, "Only 1 post by 1 person, too few to say how opinion is split.");
    codec_free(&digest_sentiment_table, &s);
    sentiment_make(tones, NULL, 0, &s);
    assert_null(s.overall);
    assert_int_equal(s.quotes.n, 0);
    codec_free(&digest_sentiment_table, &s);
}

/* Whoever writes most does not count most. */
static void an_author_counts_once(void **state)
{
    enum { MOST = 2000 };
    static struct digest_post posts[MOST + 5];
    static char texts[MOST][80];
    struct digest_sentiment s;
    (void)state;
    for (size_t i = 0; i < MOST; i++) {
        snprintf(texts[i], sizeof texts[i], "Great news, well done, I love it, number %zu", i);
        posts[i] = (struct digest_post){.number = i + 1,
                                        .text = texts[i],
                                        .handle = i % 2 ? "@bot" : "@BOT",
                                        .lang = "en",
                                        .published = (int64_t)i};
    }
    for (size_t i = 0; i < 5; i++) {
        posts[MOST + i] = eight[4 + i % 2];
        posts[MOST + i].number = MOST + 1 + i;
        posts[MOST + i].handle = (const char *[]){"@a", "@b", "@c", "@d", "@e"}[i];
    }
    sentiment_make(tones, posts, MOST + 5, &s);
    assert_int_equal(s.authors, 6);
    assert_int_equal(s.split->supportive, 1);
    assert_int_equal(s.split->concerned, 5);
    codec_free(&digest_sentiment_table, &s);
}

static void hostile_posts_do_no_harm(void **state)
{
    static char emoji[4001];
    const struct digest_post posts[] = {
        {.number = 1, .text = emoji},
        {.number = 2, .text = NULL},
        {.number = 3, .text = ""},
        {.number = 4, .text = "https://gazette.example/a"},
        {.number = 5, .text = "#a #b #c"},
        {.number = 6, .text = "\xff\xfe bad bytes \xc3"},
        {.number = 7, .text = "\"\"\"((((", .lang = "xx-YY-zz"},
    };
    struct digest_sentiment s;
    (void)state;
    for (size_t i = 0; i + 4 < sizeof emoji; i += 4)
        memcpy(emoji + i, "\xf0\x9f\x98\x8d", 4);
    sentiment_make(tones, posts, sizeof posts / sizeof *posts, &s);
    for (size_t i = 0; i < s.quotes.n; i++)
        assert_int_not_equal(quote(&s, i)->post, 4);
    json_t *out = codec_write(&digest_sentiment_table, &s);
    assert_non_null(out);
    json_decref(out);
    codec_free(&digest_sentiment_table, &s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stances_are_read_from_words),
        cmocka_unit_test(eight_people_are_split_and_quoted_by_turns),
        cmocka_unit_test(few_people_are_told_to_be_few),
        cmocka_unit_test(an_author_counts_once),
        cmocka_unit_test(hostile_posts_do_no_harm),
    };
    tones = tones_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tones_free(tones);
    return failed;
}
