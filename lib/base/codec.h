/* A struct and its JSON object, by one table of fields that serves both ways: for records that a
 * store keeps and programs read. JSON stays at the border; between, a misspelt field does not
 * compile. */
#ifndef BASE_CODEC_H
#define BASE_CODEC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum codec_kind {
    CODEC_TEXT,    /* char *, malloc'd; NULL is null, and "" is read as NULL */
    CODEC_NUMBER,  /* uint64_t or int64_t */
    CODEC_TIME,    /* the same; 0 is null */
    CODEC_REAL,    /* double */
    CODEC_FLAG,    /* bool */
    CODEC_BITS,    /* uint64_t; an array of the numbers of its bits */
    CODEC_JSON,    /* json_t *, an object; NULL is {}; shared, not copied */
    CODEC_TEXTS,   /* struct codec_list of char *; an array */
    CODEC_NUMBERS, /* struct codec_list of uint64_t */
    CODEC_LIST,    /* struct codec_list of structs, of the table `of`; an array of objects */
    CODEC_OBJECT,  /* pointer to a malloc'd struct of the table `of`; NULL is null */
};

/* `v` is malloc'd, an array of `n` elements. */
struct codec_list {
    void *v;
    size_t n;
};

struct codec_field {
    const char *name; /* NULL ends the table */
    enum codec_kind kind;
    size_t at; /* offsetof */
    const struct codec_table *of;
    bool optional; /* left out where it is NULL, 0, false or empty */
};

struct codec_table {
    size_t size; /* of the struct */
    const struct codec_field *fields;
};

/* Fills `out`, which holds nothing yet. What is missing, null or of another kind is empty. */
void codec_read(const struct codec_table *t, const json_t *object, void *out);
/* A new object, its fields in the table's order. */
json_t *codec_write(const struct codec_table *t, const void *of);
/* Sets the same fields in an object that has others. */
void codec_write_into(const struct codec_table *t, const void *of, json_t *object);
/* What the struct holds, which is then empty; not itself. */
void codec_free(const struct codec_table *t, void *of);

/* An array of structs of the table, and back. */
struct codec_list codec_read_list(const struct codec_table *t, const json_t *array);
json_t *codec_write_list(const struct codec_table *t, const struct codec_list *list);
void codec_free_list(const struct codec_table *t, struct codec_list *list);

/* One more element, of zeroes: the array may move. */
void *codec_add(struct codec_list *list, size_t size);
void codec_add_text(struct codec_list *list, const char *text, size_t n);

#endif
