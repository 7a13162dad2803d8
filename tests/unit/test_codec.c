#include "unit.h"

#include "base/codec.h"
#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct place {
    char *name;
    double lat;
};

struct visit {
    int64_t time;
    struct codec_list places; /* of struct place */
    struct codec_list words;  /* of char * */
};

struct thing {
    uint64_t number;
    int64_t below;
    const char *outside; /* of no field */
    char *text, *string;
    int64_t time, count;
    double real;
    bool flag;
    uint64_t bits;
    json_t *others, *any;
    struct codec_list texts, numbers;
    struct codec_list visits; /* of struct visit */
    struct place *home;
};

#define AT(type, member) offsetof(struct type, member)

static const struct codec_field place_fields[] = {
    {"name", CODEC_TEXT, AT(place, name), NULL, false},
    {"lat", CODEC_REAL, AT(place, lat), NULL, true},
    {0},
};
static const struct codec_table place_table = {sizeof(struct place), place_fields};

static const struct codec_field visit_fields[] = {
    {"time", CODEC_TIME, AT(visit, time), NULL, false},
    {"places", CODEC_LIST, AT(visit, places), &place_table, false},
    {"words", CODEC_TEXTS, AT(visit, words), NULL, true},
    {0},
};
static const struct codec_table visit_table = {sizeof(struct visit), visit_fields};

#define THING(optional)                                                                            \
    {                                                                                              \
        {"number", CODEC_NUMBER, AT(thing, number), NULL, optional},                               \
            {"below", CODEC_NUMBER, AT(thing, below), NULL, optional},                             \
            {"text", CODEC_TEXT, AT(thing, text), NULL, optional},                                 \
            {"string", CODEC_STRING, AT(thing, string), NULL, optional},                           \
            {"time", CODEC_TIME, AT(thing, time), NULL, optional},                                 \
            {"count", CODEC_COUNT, AT(thing, count), NULL, optional},                              \
            {"real", CODEC_REAL, AT(thing, real), NULL, optional},                                 \
            {"flag", CODEC_FLAG, AT(thing, flag), NULL, optional},                                 \
            {"bits", CODEC_BITS, AT(thing, bits), NULL, optional},                                 \
            {"others", CODEC_JSON, AT(thing, others), NULL, optional},                             \
            {"any", CODEC_ANY, AT(thing, any), NULL, optional},                                    \
            {"texts", CODEC_TEXTS, AT(thing, texts), NULL, optional},                              \
            {"numbers", CODEC_NUMBERS, AT(thing, numbers), NULL, optional},                        \
            {"visits", CODEC_LIST, AT(thing, visits), &visit_table, optional},                     \
            {"home", CODEC_OBJECT, AT(thing, home), &place_table, optional}, {0},                  \
    }
static const struct codec_field thing_fields[] = THING(false), spare_fields[] = THING(true);
static const struct codec_table thing_table = {sizeof(struct thing), thing_fields},
                                spare_table = {sizeof(struct thing), spare_fields};

static json_t *parse(const char *text)
{
    json_t *value = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(value);
    return value;
}

/* What the table makes of a text, as a text. */
static char *through(const struct codec_table *t, const char *text)
{
    struct thing thing;
    memset(&thing, 0xa5, sizeof thing);
    json_t *in = parse(text);
    codec_read(t, in, &thing);
    json_decref(in);
    assert_null(thing.outside);
    json_t *out = codec_write(t, &thing);
    codec_free(t, &thing);
    struct thing empty;
    memset(&empty, 0, sizeof empty);
    assert_memory_equal(&thing, &empty, sizeof thing);
    char *written = json_dumps(out, JSON_COMPACT);
    json_decref(out);
    return written;
}

static void check(const struct codec_table *t, const char *text, const char *expected)
{
    char *written = through(t, text);
    assert_string_equal(written, expected);
    free(written);
}

static const char *const full =
    "{\"number\":7,\"below\":-7,\"text\":\"a \\\"b\\\"\",\"string\":\"s\",\"time\":1700000000,"
    "\"count\":0,\"real\":0.25,\"flag\":true,\"bits\":[0,5,63],\"others\":{\"x\":[1,{}],\"y\":null}"
    ","
    "\"any\":[7,null],\"texts\":[\"a\",\"\","
    "\"b\"],\"numbers\":[3,0,9223372036854775807],\"visits\":[{\"time\":null,\"places\":[{\"name\":"
    "\"Uri\",\"lat\":46.5},{\"name\":null}]},{\"time\":5,\"places\":[],\"words\":[\"w\"]}],"
    "\"home\":{\"name\":\"Zug\",\"lat\":-1.5}}";
static const char *const nothing =
    "{\"number\":0,\"below\":0,\"text\":null,\"string\":\"\",\"time\":null,\"count\":null,"
    "\"real\":0.0,\"flag\":false,\"bits\":[],\"others\":{},\"any\":null,\"texts\":[],"
    "\"numbers\":[],\"visits\":[],\"home\":null}";

static void every_kind_goes_there_and_back(void **state)
{
    (void)state;
    check(&thing_table, full, full);
    check(&spare_table, full, full);
    check(&thing_table, nothing, nothing);
}

static void what_is_optional_is_left_out_where_it_is_empty(void **state)
{
    (void)state;
    check(&spare_table, "{}", "{}");
    check(&spare_table, nothing, "{\"any\":null}"); /* null is a value */
    check(&spare_table, "{\"text\":\"\",\"others\":{}}", "{}");
}

static void what_is_missing_or_of_another_kind_is_empty(void **state)
{
    static const char *const values[] = {"null", "true",  "-3.5", "7",        "\"7\"",
                                         "\"\"", "[[0]]", "{}",   "{\"a\":1}"};
    (void)state;
    check(&thing_table, "{}", nothing);
    check(&thing_table, "[1]", nothing);
    for (const struct codec_field *f = thing_fields; f->name; f++)
        for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
            const char *v = values[i];
            bool fits = f->kind == CODEC_TEXT     ? !strcmp(v, "\"7\"")
                        : f->kind == CODEC_NUMBER ? !strcmp(v, "7")
                        : f->kind == CODEC_TIME   ? !strcmp(v, "7")
                        : f->kind == CODEC_STRING ? !strcmp(v, "\"7\"")
                        : f->kind == CODEC_COUNT  ? !strcmp(v, "7")
                        : f->kind == CODEC_ANY    ? strcmp(v, "null") != 0
                        : f->kind == CODEC_REAL   ? !strcmp(v, "7") || !strcmp(v, "-3.5")
                        : f->kind == CODEC_FLAG   ? !strcmp(v, "true")
                        : f->kind == CODEC_JSON   ? !strcmp(v, "{\"a\":1}")
                        : f->kind == CODEC_OBJECT ? *v == '{'
                                                  : false;
            char text[64];
            snprintf(text, sizeof text, "{\"%s\":%s}", f->name, v);
            char *written = through(&thing_table, text);
            if ((strcmp(written, nothing) != 0) != fits)
                fail_msg("%s is read as %s", text, written);
            free(written);
        }
}

static void in_lists_what_is_of_another_kind_is_passed_over(void **state)
{
    (void)state;
    check(&spare_table,
          "{\"texts\":[null,\"a\",1,[\"b\"]],\"numbers\":[\"1\",2,2.5,{}],\"bits\":[64,-1,1e9,3,3,"
          "\"4\",70000000000],\"visits\":[7,{\"places\":{\"name\":\"no\"}},[],null]}",
          "{\"bits\":[3],\"texts\":[\"a\"],\"numbers\":[2],"
          "\"visits\":[{\"time\":null,\"places\":[]}]}");
}

static void fields_that_it_does_not_know_are_kept(void **state)
{
    (void)state;
    struct place place = {.name = mem_str("Uri")};
    json_t *object = parse("{\"new\":1,\"lat\":5,\"name\":\"Zug\",\"newer\":{}}");
    codec_write_into(&place_table, &place, object);
    codec_free(&place_table, &place);
    char *written = json_dumps(object, JSON_COMPACT);
    assert_string_equal(written, "{\"new\":1,\"name\":\"Uri\",\"newer\":{}}");
    free(written);
    json_decref(object);
}

struct record {
    uint64_t number;
    struct place at;
    json_t *rest;
};

static const struct codec_field record_fields[] = {
    {"number", CODEC_NUMBER, AT(record, number), NULL, false},
    {"at", CODEC_STRUCT, AT(record, at), &place_table, false},
    {"", CODEC_REST, AT(record, rest), NULL, false},
    {0},
};
static const struct codec_table record_table = {sizeof(struct record), record_fields};

/* A record of a newer version goes through this one, which changes only what it knows. */
static void a_record_keeps_what_it_does_not_know(void **state)
{
    static const char *const table[][2] = {
        {"{\"new\":[1],\"number\":1,\"at\":{\"name\":\"Zug\"},\"newer\":{\"a\":null}}",
         "{\"number\":2,\"at\":{\"name\":\"Zug\"},\"new\":[1],\"newer\":{\"a\":null}}"},
        {"{\"new\":0}", "{\"number\":2,\"at\":{\"name\":null},\"new\":0}"},
        {"{\"at\":7,\"number\":1}", "{\"number\":2,\"at\":{\"name\":null}}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct record r;
        assert_true(codec_load(&record_table, table[i][0], strlen(table[i][0]), &r));
        assert_true(!r.rest == !strstr(table[i][0], "new"));
        r.number = 2;
        char *written = codec_dump(&record_table, &r);
        assert_string_equal(written, table[i][1]);
        free(written);
        codec_free(&record_table, &r);
        assert_true(!r.rest && !r.at.name);
    }
    static const char *const no_objects[] = {"", "[]", "7", "{", "{\"number\":1}x"};
    for (size_t i = 0; i < sizeof no_objects / sizeof *no_objects; i++) {
        struct record r = {.number = 7};
        assert_false(codec_load(&record_table, no_objects[i], strlen(no_objects[i]), &r));
        assert_true(!r.number && !r.rest);
        codec_free(&record_table, &r);
    }
}

static void what_does_not_fit_is_named(void **state)
{
    static const char *const table[][2] = {
        {"{}", NULL},
        {"{\"text\":null,\"texts\":null,\"new\":1}", NULL},
        {"{\"text\":1,\"number\":7}", "text"},
        {"{\"string\":[]}", "string"},
        {"{\"number\":\"7\"}", "number"},
        {"{\"number\":7.5}", "number"},
        {"{\"time\":true}", "time"},
        {"{\"count\":\"\"}", "count"},
        {"{\"real\":\"1\"}", "real"},
        {"{\"flag\":0}", "flag"},
        {"{\"bits\":0}", "bits"},
        {"{\"others\":[]}", "others"},
        {"{\"texts\":\"a\"}", "texts"},
        {"{\"numbers\":{}}", "numbers"},
        {"{\"visits\":{}}", "visits"},
        {"{\"home\":[]}", "home"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        json_t *in = parse(table[i][0]);
        const char *misfit = codec_misfit(&thing_table, in);
        if (table[i][1])
            assert_string_equal(misfit, table[i][1]);
        else
            assert_null(misfit);
        json_decref(in);
    }
    json_t *in = parse(full);
    assert_null(codec_misfit(&thing_table, in));
    json_decref(in);
}

/* Each field of one record, set in another that has something else there. */
static void one_field_is_read_and_set_by_its_name(void **state)
{
    struct thing from, to;
    (void)state;
    codec_load(&spare_table, full, strlen(full), &from);
    codec_load(&spare_table, full, strlen(full), &to);
    for (const struct codec_field *f = spare_fields; f->name; f++)
        codec_set(&spare_table, &to, f->name, NULL);
    char *written = codec_dump(&spare_table, &to);
    assert_string_equal(written, "{}");
    free(written);
    for (const struct codec_field *f = spare_fields; f->name; f++) {
        assert_null(codec_get(&spare_table, &to, f->name));
        json_t *value = codec_get(&spare_table, &from, f->name);
        codec_set(&spare_table, &to, f->name, value);
        json_decref(value);
    }
    written = codec_dump(&spare_table, &to);
    assert_string_equal(written, full);
    free(written);
    codec_free(&spare_table, &from);
    codec_free(&spare_table, &to);
}

static void what_json_cannot_say_is_not_said(void **state)
{
    (void)state;
    struct thing thing = {.text = mem_str("\xff"), .real = NAN};
    codec_add_text(&thing.texts, "\xff", 1);
    codec_add_text(&thing.texts, "fine", 3);
    json_t *out = codec_write(&thing_table, &thing);
    assert_true(json_is_null(json_object_get(out, "text")));
    assert_true(json_is_real(json_object_get(out, "real")));
    assert_int_equal(json_array_size(json_object_get(out, "texts")), 1);
    assert_string_equal(json_string_value(json_array_get(json_object_get(out, "texts"), 0)), "fin");
    json_decref(out);
    codec_free(&thing_table, &thing);
}

static void lists_grow_from_whatever_they_are(void **state)
{
    (void)state;
    enum { N = 3000 };
    for (size_t before = 0; before < 10; before++) {
        struct codec_list list = {before ? mem_zero(before * sizeof(struct place)) : NULL, before};
        for (size_t i = 0; i < N; i++) {
            struct place *p = codec_add(&list, sizeof *p);
            assert_null(p->name);
            p->name = mem_str("x");
            p->lat = (double)i;
        }
        assert_int_equal(list.n, before + N);
        assert_true(((struct place *)list.v)[before + 7].lat == 7);
        json_t *array = codec_write_list(&place_table, &list);
        codec_free_list(&place_table, &list);
        assert_true(!list.v && !list.n);
        list = codec_read_list(&place_table, array);
        json_decref(array);
        assert_int_equal(list.n, before + N);
        assert_string_equal(((struct place *)list.v)[list.n - 1].name, "x");
        codec_free_list(&place_table, &list);
    }
}

static void an_element_is_removed_with_what_it_has(void **state)
{
    (void)state;
    struct codec_list list = {0}, texts = {0};
    for (int i = 0; i < 5; i++) {
        struct place *p = codec_add(&list, sizeof *p);
        codec_set_text(&p->name, "x");
        p->lat = i;
        codec_add_text(&texts, "text", 4);
    }
    codec_remove(&place_table, &list, 4);
    codec_remove(&place_table, &list, 1);
    codec_remove(&place_table, &list, 0);
    assert_int_equal(list.n, 2);
    assert_true(((struct place *)list.v)[0].lat == 2 && ((struct place *)list.v)[1].lat == 3);
    codec_free_list(&place_table, &list);
    codec_free_texts(&texts);
    assert_true(!texts.v && !texts.n);
}

static void texts_are_replaced_as_their_kind_is_written(void **state)
{
    (void)state;
    char *text = NULL, *string = NULL;
    assert_string_equal(codec_text(text), "");
    codec_set_text(&text, "a");
    codec_set_text(&text, text); /* of itself */
    assert_string_equal(codec_text(text), "a");
    codec_set_text(&text, "");
    assert_null(text);
    codec_set_string(&string, NULL);
    assert_string_equal(string, "");
    codec_set_string(&string, "a");
    assert_string_equal(string, "a");
    free(string);
}

static void a_fraction_is_written_as_it_was_rounded(void **state)
{
    (void)state;
    const struct place place = {.lat = 0.1 + 0.2};
    char *written = codec_dump(&place_table, &place);
    assert_string_equal(written, "{\"name\":null,\"lat\":0.3}");
    free(written);
}

static void a_struct_and_its_object_outlive_each_other(void **state)
{
    (void)state;
    struct thing thing;
    json_t *in = parse(full);
    codec_read(&thing_table, in, &thing);
    json_decref(in);
    assert_int_equal(((struct visit *)thing.visits.v)[0].places.n, 2);
    assert_string_equal(thing.home->name, "Zug");
    assert_true(thing.number == 7 && thing.below == -7);
    json_t *out = codec_write(&thing_table, &thing);
    codec_free(&thing_table, &thing);
    char *written = json_dumps(out, JSON_COMPACT);
    assert_string_equal(written, full);
    free(written);
    json_decref(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_goes_there_and_back),
        cmocka_unit_test(what_is_optional_is_left_out_where_it_is_empty),
        cmocka_unit_test(what_is_missing_or_of_another_kind_is_empty),
        cmocka_unit_test(in_lists_what_is_of_another_kind_is_passed_over),
        cmocka_unit_test(fields_that_it_does_not_know_are_kept),
        cmocka_unit_test(a_record_keeps_what_it_does_not_know),
        cmocka_unit_test(what_does_not_fit_is_named),
        cmocka_unit_test(one_field_is_read_and_set_by_its_name),
        cmocka_unit_test(what_json_cannot_say_is_not_said),
        cmocka_unit_test(lists_grow_from_whatever_they_are),
        cmocka_unit_test(an_element_is_removed_with_what_it_has),
        cmocka_unit_test(texts_are_replaced_as_their_kind_is_written),
        cmocka_unit_test(a_fraction_is_written_as_it_was_rounded),
        cmocka_unit_test(a_struct_and_its_object_outlive_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
