/* The engine: the language that an article is taken to be in. */
#include "engine_cases.h"

#include "base/mem.h"

static void languages_do_not_mix(void **state)
{
    (void)state;
    struct engine *e = engine_new(1, 1);
    uint64_t a =
        add(e, "Angela Merkel Emmanuel Macron Berlin", NULL, "en", "one.example", NOON).event;
    uint64_t b =
        add(e, "Angela Merkel Emmanuel Macron Berlin", NULL, "de", "two.example", NOON).event;
    assert_int_not_equal(a, b);
    engine_free(e);
}

static void the_title_says_more_of_the_language_than_a_quote(void **state)
{
    (void)state;
    struct engine *e = engine_new(1, 1);
    static const char quote[] =
        "Hinihintay po namin ang ulat ng mga alkalde sa lungsod, sabi niya.";
    assert_string_equal(
        add(e, "Ministers approve harbour plan", quote, "en", "one.example", NOON).lang, "en");
    assert_string_equal(
        add(e, "Mga alkalde, humiling ng ulat", quote, "en", "two.example", NOON).lang, "tl");
    engine_free(e);
}

static void lang_is(struct engine *e, const char *title, const char *claimed, const char *publisher,
                    const char *expected)
{
    assert_string_equal(add(e, title, NULL, claimed, publisher, NOON).lang, expected);
}

static void what_a_publisher_writes_stands_for_its_feeds_claim(void **state)
{
    (void)state;
    static const char *const german[] = {"Hafenarbeiter lehnen Angebot ab",
                                         "Mehrere Verletzte nach Unfall auf der Brücke",
                                         "Regierung will den Hafen erweitern"};
    static const char *const english[] = {"Harbour workers reject offer",
                                          "Several injured after crash on bridge",
                                          "Government wants to extend the harbour"};
    static const char names[] = "Sorrel Dynamo"; /* of no language */
    struct kept *k = mem_zero(sizeof *k);
    struct engine *e = engine_new(1, 1);
    buf_init(&k->rarity, 1 << 26);
    engine_save_rarity(e, &k->rarity);
    for (size_t i = 0; i < 6; i++) {
        const char *publisher = i < 3 ? "one.example" : "two.example";
        const char *title = i == 4 ? english[1] : german[i % 3];
        struct engine_result r = add(e, title, NULL, NULL, publisher, NOON);
        keep(k, e, &r);
    }
    struct engine *both[] = {e, restart(k, k->n + 1, NOON)};
    for (size_t i = 0; i < 2; i++) {
        lang_is(both[i], names, NULL, "one.example", "de");
        lang_is(both[i], names, "xx", "one.example", "de"); /* no language's code */
        lang_is(both[i], names, "fr", "one.example", "fr");
        lang_is(both[i], names, NULL, "two.example", ""); /* it writes both */
        lang_is(both[i], names, NULL, "new.example", "");
        for (size_t w = 0; w < 3; w++)
            lang_is(both[i], english[w], NULL, "one.example", "en");
        engine_free(both[i]);
    }
    free_kept(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(languages_do_not_mix),
        cmocka_unit_test(the_title_says_more_of_the_language_than_a_quote),
        cmocka_unit_test(what_a_publisher_writes_stands_for_its_feeds_claim),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
