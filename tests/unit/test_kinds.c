/* What kind of fact a sentence tells. */
#include "unit.h"

#include "digest/kinds.h"

#include <string.h>

enum { OPENING = 1 }; /* place of the first sentence behind a title */

struct row {
    const char *lang, *text, *kind; /* NULL: none is clear */
};

static const char *kind_in(struct langs *langs, const struct row *r)
{
    struct sentences s;
    sentences_of(langs_get(langs, r->lang), "Varn bridge shut", r->text, &s);
    assert_true(s.n > OPENING);
    const char *kind = kind_of(&s, &s.v[s.n - 1], 1);
    sentences_free(&s);
    return kind;
}

static void a_sentence_has_the_kind_that_its_words_speak_for(void **state)
{
    static const struct row table[] = {
        {"en", "The Varn bridge was shut on Monday after inspectors found a crack.",
         "what happened"},
        {"en",
         "Work began in May. “This is a disgrace for all who live here,” the mayor said, and "
         "criticized the ministry.",
         "reaction"},
        {"en", "Work began in May. A poll found that 62 percent of 1,200 people want a tunnel.",
         "numbers"},
        {"en", "Work began in May. Repairs are expected to begin next month.", "what next"},
        {"en",
         "Work began in May. Acme signed a partnership with Orlan Rail to build the new span.",
         "partnership"},
        {"en",
         "Work began in May. Prosecutors charged two engineers, and a court will hear the case.",
         "legal"},
        {"de", "Seit Mai wird gebaut. „Das ist eine Schande“, sagte die Bürgermeisterin.",
         "reaction"},
        {"de", "Seit Mai wird gebaut. 62 Prozent der 1200 Befragten wollen einen Tunnel.",
         "numbers"},
    };
    struct langs *langs = langs_new();
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *kind = kind_in(langs, &table[i]);
        if (!kind || strcmp(kind, table[i].kind) != 0)
            fail_msg("%s: %s, not %s", table[i].text, kind ? kind : "none", table[i].kind);
    }
    langs_free(langs);
}

static void features_are_shares_and_have_names(void **state)
{
    struct langs *langs = langs_new();
    struct sentences s;
    double features[KIND_FEATURES];
    (void)state;
    sentences_of(
        langs_get(langs, "en"), "Varn bridge shut",
        "“Because, because, because of 1, 2, 3, 4, 5, 6 per cent,” said he, for he will, he "
        "will, will, will.",
        &s);
    for (size_t i = 0; i < s.n; i++) {
        kind_features(&s, &s.v[i], features);
        for (size_t k = 0; k < KIND_FEATURES; k++)
            assert_true(features[k] >= 0 && features[k] <= 1);
    }
    for (size_t k = 0; k < KIND_FEATURES; k++)
        assert_non_null(kind_feature_name(k));
    assert_null(kind_feature_name(KIND_FEATURES));
    sentences_free(&s);
    langs_free(langs);
}

static void every_kind_has_a_legend(void **state)
{
    static const char *const langs[] = {"en", "de", "es", "fr", "xx", ""};
    (void)state;
    for (size_t k = 0; k < sizeof langs / sizeof *langs; k++)
        for (size_t i = 0; kind_name(i); i++)
            assert_non_null(kind_legend(langs[k], kind_name(i)));
    assert_string_equal(kind_legend("xx", "legal"), kind_legend("en", "legal"));
    assert_string_not_equal(kind_legend("de", "legal"), kind_legend("en", "legal"));
    assert_null(kind_legend("en", "gossip"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sentence_has_the_kind_that_its_words_speak_for),
        cmocka_unit_test(features_are_shares_and_have_names),
        cmocka_unit_test(every_kind_has_a_legend),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
