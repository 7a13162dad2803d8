/* Converts between structs and JSON objects by a table of fields; see codec.h. The input may be any
 * JSON: a value of the wrong type is treated as missing, and only values that are used are
 * copied. */
#include "base/codec.h"

#include "base/mem.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 64, FEWEST = 4, DUMP = JSON_COMPACT | JSON_REAL_PRECISION(15) };

/* A CODEC_STRUCT is used in place. CODEC_NUMBER members may be signed or unsigned; both are 64 bits
 * wide and copied unchanged. */
union member {
    char *text;
    uint64_t number;
    int64_t count;
    double real;
    bool flag;
    json_t *json;
    struct codec_list list;
    void *object;
};

static size_t size_of_kind(enum codec_kind kind)
{
    static const size_t sizes[] = {
        [CODEC_TEXT] = sizeof(char *),
        [CODEC_STRING] = sizeof(char *),
        [CODEC_NUMBER] = sizeof(uint64_t),
        [CODEC_TIME] = sizeof(uint64_t),
        [CODEC_COUNT] = sizeof(int64_t),
        [CODEC_REAL] = sizeof(double),
        [CODEC_FLAG] = sizeof(bool),
        [CODEC_BITS] = sizeof(uint64_t),
        [CODEC_JSON] = sizeof(json_t *),
        [CODEC_ANY] = sizeof(json_t *),
        [CODEC_TEXTS] = sizeof(struct codec_list),
        [CODEC_NUMBERS] = sizeof(struct codec_list),
        [CODEC_LIST] = sizeof(struct codec_list),
        [CODEC_OBJECT] = sizeof(void *),
        [CODEC_STRUCT] = 0,
        [CODEC_REST] = sizeof(json_t *),
    };
    return sizes[kind];
}

static union member get_member(const struct codec_field *f, const void *of)
{
    union member m;
    memset(&m, 0, sizeof m);
    memcpy(&m, (const char *)of + f->at, size_of_kind(f->kind));
    return m;
}

static void *inside(const struct codec_field *f, void *of)
{
    return (char *)of + f->at;
}

static void set_member(const struct codec_field *f, void *of, const union member *m)
{
    memcpy((char *)of + f->at, m, size_of_kind(f->kind));
}

/* ---- lists ----------------------------------------------------------------------------------- */

void *codec_add(struct codec_list *list, size_t size)
{
    size_t room = FEWEST; /* no capacity is stored: it follows from `n` */
    while (room <= list->n)
        room *= 2;
    list->v = mem_resize(list->v, room * size);
    return memset((char *)list->v + list->n++ * size, 0, size);
}

void codec_add_text(struct codec_list *list, const char *text, size_t n)
{
    char *copy = mem_strn(text, n);
    memcpy(codec_add(list, sizeof copy), &copy, sizeof copy);
}

static char *text_at(const struct codec_list *list, size_t i)
{
    return ((char **)list->v)[i];
}

void codec_free_texts(struct codec_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(text_at(list, i));
    free(list->v);
    *list = (struct codec_list){0};
}

/* ---- reading --------------------------------------------------------------------------------- */

static char *read_string(const json_t *text)
{
    return json_string_length(text) ? mem_strn(json_string_value(text), json_string_length(text))
                                    : NULL;
}

static char *read_any_string(const json_t *text)
{
    return json_is_string(text) ? mem_strn(json_string_value(text), json_string_length(text))
                                : mem_str("");
}

static uint64_t read_bits(const json_t *numbers)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < json_array_size(numbers); i++) {
        const json_t *one = json_array_get(numbers, i);
        json_int_t bit = json_integer_value(one);
        if (json_is_integer(one) && bit >= 0 && bit < BITS)
            bits |= UINT64_C(1) << bit;
    }
    return bits;
}

static struct codec_list read_texts(const json_t *array)
{
    struct codec_list list = {0};
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *one = json_array_get(array, i);
        if (json_is_string(one))
            codec_add_text(&list, json_string_value(one), json_string_length(one));
    }
    return list;
}

static struct codec_list read_numbers(const json_t *array)
{
    struct codec_list list = {0};
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *one = json_array_get(array, i);
        if (json_is_integer(one))
            *(uint64_t *)codec_add(&list, sizeof(uint64_t)) = (uint64_t)json_integer_value(one);
    }
    return list;
}

static void *read_object(const struct codec_table *t, const json_t *object)
{
    if (!json_is_object(object))
        return NULL;
    void *of = mem_alloc(t->size);
    codec_read(t, object, of);
    return of;
}

static union member read_member(const struct codec_field *f, json_t *value)
{
    union member m;
    memset(&m, 0, sizeof m);
    switch (f->kind) {
    case CODEC_TEXT:
        m.text = read_string(value);
        break;
    case CODEC_STRING:
        m.text = read_any_string(value);
        break;
    case CODEC_NUMBER:
    case CODEC_TIME:
        m.number = (uint64_t)json_integer_value(value);
        break;
    case CODEC_COUNT:
        m.count = json_is_integer(value) ? json_integer_value(value) : -1;
        break;
    case CODEC_REAL:
        m.real = json_number_value(value);
        break;
    case CODEC_FLAG:
        m.flag = json_is_true(value);
        break;
    case CODEC_BITS:
        m.number = read_bits(value);
        break;
    case CODEC_JSON:
        m.json = json_is_object(value) ? json_incref(value) : NULL;
        break;
    case CODEC_ANY:
        m.json = json_incref(value);
        break;
    case CODEC_TEXTS:
        m.list = read_texts(value);
        break;
    case CODEC_NUMBERS:
        m.list = read_numbers(value);
        break;
    case CODEC_LIST:
        m.list = codec_read_list(f->of, value);
        break;
    case CODEC_OBJECT:
        m.object = read_object(f->of, value);
        break;
    case CODEC_STRUCT:
    case CODEC_REST:
        break; /* read_row() */
    }
    return m;
}

/* The last row, without a name, when there is none. */
static const struct codec_field *field_named(const struct codec_table *t, const char *name)
{
    const struct codec_field *f = t->fields;
    while (f->name && strcmp(f->name, name) != 0)
        f++;
    return f;
}

static json_t *read_rest(const struct codec_table *t, const json_t *object)
{
    json_t *rest = NULL, *value;
    const char *name;
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        if (field_named(t, name)->name)
            continue;
        rest = rest ? rest : json_object();
        json_object_set(rest, name, value);
    }
    return rest;
}

static void read_row(const struct codec_field *f, json_t *value, void *out)
{
    if (f->kind == CODEC_STRUCT) {
        codec_read(f->of, value, inside(f, out));
        return;
    }
    union member m = read_member(f, value);
    set_member(f, out, &m);
}

void codec_read(const struct codec_table *t, const json_t *object, void *out)
{
    size_t known = 0;
    memset(out, 0, t->size);
    for (const struct codec_field *f = t->fields; f->name; f++) {
        json_t *value = json_object_get(object, f->name);
        known += value != NULL;
        read_row(f, value, out);
        if (f->kind == CODEC_REST && known < json_object_size(object)) {
            union member m = {.json = read_rest(t, object)};
            set_member(f, out, &m);
        }
    }
}

bool codec_load(const struct codec_table *t, const char *json, size_t n, void *out)
{
    json_t *object = json_loadb(json, n, 0, NULL);
    bool is = json_is_object(object);
    codec_read(t, is ? object : NULL, out);
    json_decref(object);
    return is;
}

struct codec_list codec_read_list(const struct codec_table *t, const json_t *array)
{
    struct codec_list list = {0};
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *one = json_array_get(array, i);
        if (json_is_object(one))
            codec_read(t, one, codec_add(&list, t->size));
    }
    return list;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* NULL comes from values that JSON cannot represent, such as invalid UTF-8. */
static json_t *or_null(json_t *value)
{
    return value ? value : json_null();
}

static json_t *write_bits(uint64_t bits)
{
    json_t *numbers = json_array();
    for (int i = 0; i < BITS; i++)
        if (bits >> i & 1)
            json_array_append_new(numbers, json_integer(i));
    return numbers;
}

static json_t *write_texts(const struct codec_list *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->n; i++)
        json_array_append_new(array, json_string(text_at(list, i)));
    return array;
}

static json_t *write_numbers(const struct codec_list *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->n; i++)
        json_array_append_new(array, json_integer((json_int_t)((const uint64_t *)list->v)[i]));
    return array;
}

static json_t *write_member(const struct codec_field *f, const union member *m)
{
    switch (f->kind) {
    case CODEC_TEXT:
        return or_null(m->text ? json_string(m->text) : NULL);
    case CODEC_STRING:
        return or_null(json_string(m->text ? m->text : ""));
    case CODEC_NUMBER:
        return json_integer((json_int_t)m->number);
    case CODEC_TIME:
        return m->number ? json_integer((json_int_t)m->number) : json_null();
    case CODEC_COUNT:
        return m->count >= 0 ? json_integer(m->count) : json_null();
    case CODEC_REAL:
        return json_real(isfinite(m->real) ? m->real : 0);
    case CODEC_FLAG:
        return json_boolean(m->flag);
    case CODEC_BITS:
        return write_bits(m->number);
    case CODEC_JSON:
        return m->json ? json_incref(m->json) : json_object();
    case CODEC_ANY:
        return or_null(json_incref(m->json));
    case CODEC_TEXTS:
        return write_texts(&m->list);
    case CODEC_NUMBERS:
        return write_numbers(&m->list);
    case CODEC_LIST:
        return codec_write_list(f->of, &m->list);
    case CODEC_OBJECT:
        return m->object ? codec_write(f->of, m->object) : json_null();
    case CODEC_STRUCT:
    case CODEC_REST:
        break; /* write_row() */
    }
    return json_null();
}

static bool is_empty(const struct codec_field *f, const union member *m)
{
    switch (f->kind) {
    case CODEC_TEXT:
        return !m->text;
    case CODEC_STRING:
        return !m->text || !*m->text;
    case CODEC_COUNT:
        return m->count < 0;
    case CODEC_NUMBER:
    case CODEC_TIME:
    case CODEC_BITS:
        return !m->number;
    case CODEC_REAL:
        return !(fabs(m->real) > 0);
    case CODEC_FLAG:
        return !m->flag;
    case CODEC_JSON:
        return json_object_size(m->json) == 0;
    case CODEC_ANY:
        return !m->json;
    case CODEC_TEXTS:
    case CODEC_NUMBERS:
    case CODEC_LIST:
        return !m->list.n;
    case CODEC_OBJECT:
        return !m->object;
    case CODEC_STRUCT:
    case CODEC_REST:
        break;
    }
    return false;
}

/* The value of a row; NULL: it is omitted. */
static json_t *write_row(const struct codec_field *f, const void *of)
{
    if (f->kind == CODEC_STRUCT)
        return codec_write(f->of, (const char *)of + f->at);
    union member m = get_member(f, of);
    return f->optional && is_empty(f, &m) ? NULL : write_member(f, &m);
}

void codec_write_into(const struct codec_table *t, const void *of, json_t *object)
{
    for (const struct codec_field *f = t->fields; f->name; f++) {
        if (f->kind == CODEC_REST) {
            json_object_update_missing(object, get_member(f, of).json);
            continue;
        }
        json_t *value = write_row(f, of);
        if (value)
            json_object_set_new(object, f->name, value);
        else
            json_object_del(object, f->name);
    }
}

char *codec_dump(const struct codec_table *t, const void *of)
{
    json_t *object = codec_write(t, of);
    char *text = json_dumps(object, DUMP);
    if (!text)
        abort(); /* a text that is not UTF-8 got this far */
    json_decref(object);
    return text;
}

json_t *codec_write(const struct codec_table *t, const void *of)
{
    json_t *object = json_object();
    codec_write_into(t, of, object);
    return object;
}

json_t *codec_write_list(const struct codec_table *t, const struct codec_list *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->n; i++)
        json_array_append_new(array, codec_write(t, (const char *)list->v + i * t->size));
    return array;
}

/* ---- one field ------------------------------------------------------------------------------- */

json_t *codec_get(const struct codec_table *t, const void *of, const char *name)
{
    const struct codec_field *f = field_named(t, name);
    return f->name ? write_row(f, of) : NULL;
}

static bool row_fits(enum codec_kind kind, const json_t *value)
{
    switch (kind) {
    case CODEC_TEXT:
    case CODEC_STRING:
        return json_is_string(value);
    case CODEC_NUMBER:
    case CODEC_TIME:
    case CODEC_COUNT:
        return json_is_integer(value);
    case CODEC_REAL:
        return json_is_number(value);
    case CODEC_FLAG:
        return json_is_boolean(value);
    case CODEC_BITS:
    case CODEC_TEXTS:
    case CODEC_NUMBERS:
    case CODEC_LIST:
        return json_is_array(value);
    case CODEC_JSON:
    case CODEC_OBJECT:
    case CODEC_STRUCT:
        return json_is_object(value);
    case CODEC_ANY:
    case CODEC_REST:
        break;
    }
    return true;
}

const char *codec_misfit(const struct codec_table *t, const json_t *object)
{
    for (const struct codec_field *f = t->fields; f->name; f++) {
        const json_t *value = json_object_get(object, f->name);
        if (value && !json_is_null(value) && !row_fits(f->kind, value))
            return f->name;
    }
    return NULL;
}

/* ---- freeing --------------------------------------------------------------------------------- */

static void free_member(const struct codec_field *f, union member *m)
{
    if (f->kind == CODEC_TEXT || f->kind == CODEC_STRING)
        free(m->text);
    else if (f->kind == CODEC_JSON || f->kind == CODEC_ANY || f->kind == CODEC_REST)
        json_decref(m->json);
    else if (f->kind == CODEC_TEXTS)
        codec_free_texts(&m->list);
    else if (f->kind == CODEC_NUMBERS)
        free(m->list.v);
    else if (f->kind == CODEC_LIST)
        codec_free_list(f->of, &m->list);
    else if (f->kind == CODEC_OBJECT && m->object) {
        codec_free(f->of, m->object);
        free(m->object);
    }
}

static void free_row(const struct codec_field *f, void *of)
{
    if (f->kind == CODEC_STRUCT) {
        codec_free(f->of, inside(f, of));
        return;
    }
    union member m = get_member(f, of);
    free_member(f, &m);
    memset(&m, 0, sizeof m);
    set_member(f, of, &m);
}

void codec_free(const struct codec_table *t, void *of)
{
    for (const struct codec_field *f = t->fields; f->name; f++)
        free_row(f, of);
}

void codec_set(const struct codec_table *t, void *of, const char *name, json_t *value)
{
    const struct codec_field *f = field_named(t, name);
    if (!f->name)
        abort(); /* a name of ours that is in no row */
    free_row(f, of);
    read_row(f, value, of);
}

void codec_set_text(char **member, const char *text)
{
    char *copy = text && *text ? mem_str(text) : NULL;
    free(*member);
    *member = copy;
}

void codec_set_string(char **member, const char *text)
{
    char *copy = mem_str(text ? text : "");
    free(*member);
    *member = copy;
}

void codec_free_list(const struct codec_table *t, struct codec_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        codec_free(t, (char *)list->v + i * t->size);
    free(list->v);
    *list = (struct codec_list){0};
}

void codec_remove(const struct codec_table *t, struct codec_list *list, size_t i)
{
    char *at = (char *)list->v + i * t->size;
    codec_free(t, at);
    memmove(at, at + t->size, (--list->n - i) * t->size);
}
