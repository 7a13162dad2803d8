/* The tables of records have the fields of their schemas in config/schema/, with the same types. */
#include "unit.h"

#include "store/article_record.h"
#include "store/change_record.h"
#include "store/decision_record.h"
#include "store/event_record.h"
#include "store/feed_record.h"
#include "store/page_record.h"
#include "store/post_record.h"
#include "store/tombstone_record.h"

#include <stdio.h>
#include <string.h>

/* The types that a kind writes; a table that may be absent writes null, which is not checked. */
static const char *type_of(enum codec_kind kind)
{
    switch (kind) {
    case CODEC_TEXT:
    case CODEC_STRING:
        return "string";
    case CODEC_NUMBER:
    case CODEC_TIME:
    case CODEC_COUNT:
        return "integer";
    case CODEC_REAL:
        return "number";
    case CODEC_FLAG:
        return "boolean";
    case CODEC_BITS:
    case CODEC_TEXTS:
    case CODEC_NUMBERS:
    case CODEC_LIST:
        return "array";
    case CODEC_JSON:
    case CODEC_OBJECT:
    case CODEC_STRUCT:
        return "object";
    case CODEC_ANY:
    case CODEC_REST:
        break;
    }
    return NULL;
}

/* Follows "$ref": "#/definitions/NAME", and of several alternatives takes the first that is more
 * than null. */
static const json_t *resolve(const json_t *root, const json_t *schema)
{
    static const char *const choices[] = {"oneOf", "anyOf"};
    const char *ref = json_string_value(json_object_get(schema, "$ref"));
    size_t i;
    json_t *one;
    if (ref)
        return json_object_get(json_object_get(root, "definitions"), strrchr(ref, '/') + 1);
    for (size_t c = 0; c < sizeof choices / sizeof *choices; c++)
        json_array_foreach(json_object_get(schema, choices[c]), i, one)
        {
            const char *type = json_string_value(json_object_get(one, "type"));
            if (!type || strcmp(type, "null") != 0)
                return resolve(root, one);
        }
    return schema;
}

static bool has_text(const json_t *array, const char *text)
{
    size_t i;
    json_t *one;
    json_array_foreach(array, i, one) if (json_is_string(one) &&
                                          !strcmp(json_string_value(one), text)) return true;
    return false;
}

static bool allows(const json_t *schema, const char *type)
{
    const json_t *types = json_object_get(schema, "type");
    if (!types) /* an enumeration of texts, or anything */
        return !strcmp(type, "string") || !json_object_get(schema, "enum");
    if (json_is_string(types) && !strcmp(json_string_value(types), "null"))
        return true; /* here it is always empty */
    return has_text(types, type) ||
           (json_is_string(types) && !strcmp(json_string_value(types), type));
}

/* `whole`: each field of the schema is in the table, too. */
static void check_table(const json_t *root, const json_t *schema, const struct codec_table *t,
                        const char *where, bool whole)
{
    const json_t *properties = json_object_get(schema, "properties");
    size_t known = 0;
    for (const struct codec_field *f = t->fields; f->name; f++) {
        const json_t *property = json_object_get(properties, f->name);
        const char *type = type_of(f->kind);
        if (f->kind == CODEC_REST)
            continue;
        if (!property)
            fail_msg("%s: the table has %s, the schema has not", where, f->name);
        property = resolve(root, property);
        known++;
        if (type && !allows(property, type))
            fail_msg("%s: %s is a %s in the table only", where, f->name, type);
        if (f->kind == CODEC_LIST)
            property = resolve(root, json_object_get(property, "items"));
        if (f->of && json_object_get(property, "properties"))
            check_table(root, property, f->of, f->name, true);
    }
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)properties, name, value)
    {
        bool in_table = false;
        for (const struct codec_field *f = t->fields; f->name; f++)
            in_table |= !strcmp(f->name, name);
        if (whole && !in_table)
            fail_msg("%s: the schema has %s, the table has not", where, name);
    }
}

static json_t *schema_named(const char *name)
{
    char path[80];
    snprintf(path, sizeof path, "config/schema/%s.schema.json", name);
    json_t *schema = json_load_file(path, 0, NULL);
    if (!schema)
        fail_msg("%s cannot be read", path);
    return schema;
}

static void each_table_is_its_schema(void **state)
{
    static const struct {
        const char *name, *definition; /* NULL: the schema itself */
        const struct codec_table *table;
        bool whole;
    } rows[] = {
        {"article", NULL, &article_table, true},      {"event", "event", &event_table, true},
        {"event", "event", &event_head_table, false}, {"decision", NULL, &decision_table, true},
        {"page", NULL, &page_record_table, true},     {"post", NULL, &post_table, true},
        {"tombstone", NULL, &tombstone_table, true},  {"feed", NULL, &feed_table, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *root = schema_named(rows[i].name);
        const json_t *schema = root;
        if (rows[i].definition)
            schema = json_object_get(json_object_get(root, "definitions"), rows[i].definition);
        check_table(root, schema, rows[i].table, rows[i].name, rows[i].whole);
        json_decref(root);
    }
}

static void what_is_left_of_a_merged_event_is_its_schema(void **state)
{
    (void)state;
    struct event_record e = event_record_new(1);
    json_t *root = schema_named("event");
    event_record_end(&e, 2, 3, 4);
    check_table(root, json_object_get(json_object_get(root, "definitions"), "merged"),
                event_table_of(&e), "merged", true);
    codec_free(&event_table, &e);
    json_decref(root);
}

/* Each kind of change has a schema: together they have the fields of the table. */
static void the_kinds_of_changes_share_one_table(void **state)
{
    json_t *root = schema_named("change"), *all = json_object(), *kind;
    const char *name;
    (void)state;
    json_object_foreach(json_object_get(root, "definitions"), name, kind)
        json_object_update_missing(all, json_object_get(kind, "properties"));
    json_t *schema = json_pack("{s:o}", "properties", all);
    check_table(root, schema, &change_scored_table, "change", true);
    json_decref(schema);
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_table_is_its_schema),
        cmocka_unit_test(what_is_left_of_a_merged_event_is_its_schema),
        cmocka_unit_test(the_kinds_of_changes_share_one_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
