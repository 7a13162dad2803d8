#include "unit.h"

#include "digest/digest.h"

#include <stdlib.h>
#include <string.h>

/* A text that is read and written must be the same text: no field is forgotten, misspelt or out of
 * its order. */
static void check(const struct codec_table *t, const char *text)
{
    json_t *in = json_loads(text, 0, NULL);
    assert_non_null(in);
    void *of = test_malloc(t->size);
    codec_read(t, in, of);
    json_t *out = codec_write(t, of);
    codec_free(t, of);
    test_free(of);
    char *written = json_dumps(out, JSON_COMPACT);
    assert_string_equal(written, text);
    free(written);
    json_decref(in);
    json_decref(out);
}

#define EXTRACTED                                                                                  \
    "{\"text\":\"The bridge is shut.\",\"article\":7,\"source\":\"Gazette\",\"url\":"              \
    "\"https://gazette.example/7\",\"time\":1700000000,\"sources\":[\"Gazette\",\"Post\"],"        \
    "\"kind\":\"extracted\"}"
#define WRITTEN                                                                                    \
    "{\"text\":\"It opens in May.\",\"article\":null,\"source\":null,\"url\":null,"                \
    "\"time\":1700000000,\"sources\":[],\"type\":\"what next\",\"heading\":\"Opening\","           \
    "\"by\":\"Ada\",\"kind\":\"written\"}"
#define GENERATED                                                                                  \
    "{\"text\":\"It opens in May.\",\"article\":7,\"source\":\"Gazette\",\"url\":null,"            \
    "\"time\":1700000000,\"sources\":[\"Gazette\"],\"by\":\"tiny-1\",\"kind\":\"generated\","      \
    "\"cites\":[{\"text\":\"It will open in May.\",\"article\":7,\"source\":\"Gazette\","          \
    "\"url\":null}]}"
#define DISPUTE                                                                                    \
    "{\"what\":\"people hurt\",\"values\":[{\"value\":\"12\",\"sources\":[\"Post\"],"              \
    "\"article\":8,\"time\":1700000001},{\"value\":\"nine\",\"sources\":[],\"article\":9,"         \
    "\"time\":1700000002}]}"

#define DEVELOPMENT                                                                                \
    "{\"title\":\"Bridge shut\",\"from\":1700000001,\"until\":1700000009,\"article\":8,"           \
    "\"source\":\"Post\",\"url\":\"https://post.example/8\",\"articles\":[8,9],\"sources\":"       \
    "[\"Post\",\"Gazette\"],\"new\":[{\"text\":\"12 are hurt.\",\"article\":9,\"source\":"         \
    "\"Gazette\",\"url\":null,\"time\":1700000009,\"was\":\"nine\"},{\"text\":\"It is shut.\","    \
    "\"article\":8,\"source\":\"Post\",\"url\":null,\"time\":1700000001}]}"

static void records_are_read_and_written_whole(void **state)
{
    (void)state;
    check(&digest_statement_table, EXTRACTED);
    check(&digest_statement_table, WRITTEN);
    check(&digest_statement_table, GENERATED);
    check(&digest_dispute_table, DISPUTE);
    check(&digest_development_table, DEVELOPMENT);
    check(&digest_similar_table, "{\"event\":3,\"title\":\"Tunnel shut\",\"updated\":1700000003,"
                                 "\"kind\":\"earlier\",\"why\":\"Uri, tunnel\"}");
    check(&digest_table,
          "{\"summary\":[" EXTRACTED "],\"details\":[" WRITTEN "," EXTRACTED
          "],\"meaning\":[" WRITTEN "],\"disputed\":[" DISPUTE "],\"developments\":[" DEVELOPMENT
          "],\"categories\":[\"health\",\"sport\"],\"keywords\":[\"Port Lumen\"]}");
}

static void an_empty_digest_has_every_list(void **state)
{
    (void)state;
    check(&digest_table, "{\"summary\":[],\"details\":[],\"meaning\":[],\"disputed\":[],"
                         "\"developments\":[],\"categories\":[],\"keywords\":[]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_read_and_written_whole),
        cmocka_unit_test(an_empty_digest_has_every_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
