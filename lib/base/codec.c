/* Converts between structs and JSON objects by a table of fields; see codec.h. The input may be any
 * JSON: a value of the wrong type is treated as missing, and only values that are used are
 * copied. */
#include "base/codec.h"

#include "base/mem.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 64, FEWEST = 4 };

/* CODEC_NUMBER members may be signed or unsigned; both are 64 bits wide and copied unchanged. */
union member {
    char *text;
    uint64_t number;
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
        [CODEC_NUMBER] = sizeof(uint64_t),
        [CODEC_TIME] = sizeof(uint64_t),
        [CODEC_REAL] = sizeof(double),
        [CODEC_FLAG] = sizeof(bool),
        [CODEC_BITS] = sizeof(uint64_t),
        [CODEC_JSON] = sizeof(json_t *),
        [CODEC_TEXTS] = sizeof(struct codec_list),
        [CODEC_NUMBERS] = sizeof(struct codec_list),
        [CODEC_LIST] = sizeof(struct codec_list),
        [CODEC_OBJECT] = sizeof(void *),
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

static void free_texts(struct codec_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(text_at(list, i));
    free(list->v);
}

/* ---- reading --------------------------------------------------------------------------------- */

static char *read_string(const json_t *text)
{
    return json_string_length(text) ? mem_strn(json_string_value(text), json_string_length(text))
                                    : NULL;
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
    case CODEC_NUMBER:
    case CODEC_TIME:
        m.number = (uint64_t)json_integer_value(value);
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
    }
    return m;
}

void codec_read(const struct codec_table *t, const json_t *object, void *out)
{
    memset(out, 0, t->size);
    for (const struct codec_field *f = t->fields; f->name; f++) {
        union member m = read_member(f, json_object_get(object, f->name));
        set_member(f, out, &m);
    }
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
    case CODEC_NUMBER:
        return json_integer((json_int_t)m->number);
    case CODEC_TIME:
        return m->number ? json_integer((json_int_t)m->number) : json_null();
    case CODEC_REAL:
        return json_real(isfinite(m->real) ? m->real : 0);
    case CODEC_FLAG:
        return json_boolean(m->flag);
    case CODEC_BITS:
        return write_bits(m->number);
    case CODEC_JSON:
        return m->json ? json_incref(m->json) : json_object();
    case CODEC_TEXTS:
        return write_texts(&m->list);
    case CODEC_NUMBERS:
        return write_numbers(&m->list);
    case CODEC_LIST:
        return codec_write_list(f->of, &m->list);
    case CODEC_OBJECT:
        return m->object ? codec_write(f->of, m->object) : json_null();
    }
    return json_null();
}

static bool is_empty(const struct codec_field *f, const union member *m)
{
    switch (f->kind) {
    case CODEC_TEXT:
        return !m->text;
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
    case CODEC_TEXTS:
    case CODEC_NUMBERS:
    case CODEC_LIST:
        return !m->list.n;
    case CODEC_OBJECT:
        return !m->object;
    }
    return true;
}

void codec_write_into(const struct codec_table *t, const void *of, json_t *object)
{
    for (const struct codec_field *f = t->fields; f->name; f++) {
        union member m = get_member(f, of);
        if (f->optional && is_empty(f, &m))
            json_object_del(object, f->name);
        else
            json_object_set_new(object, f->name, write_member(f, &m));
    }
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

/* ---- freeing --------------------------------------------------------------------------------- */

static void free_member(const struct codec_field *f, union member *m)
{
    if (f->kind == CODEC_TEXT)
        free(m->text);
    else if (f->kind == CODEC_JSON)
        json_decref(m->json);
    else if (f->kind == CODEC_TEXTS)
        free_texts(&m->list);
    else if (f->kind == CODEC_NUMBERS)
        free(m->list.v);
    else if (f->kind == CODEC_LIST)
        codec_free_list(f->of, &m->list);
    else if (f->kind == CODEC_OBJECT && m->object) {
        codec_free(f->of, m->object);
        free(m->object);
    }
}

void codec_free(const struct codec_table *t, void *of)
{
    for (const struct codec_field *f = t->fields; f->name; f++) {
        union member m = get_member(f, of);
        free_member(f, &m);
        memset(&m, 0, sizeof m);
        set_member(f, of, &m);
    }
}

void codec_free_list(const struct codec_table *t, struct codec_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        codec_free(t, (char *)list->v + i * t->size);
    free(list->v);
    *list = (struct codec_list){0};
}
