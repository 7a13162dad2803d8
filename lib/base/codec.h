/* Converts between a struct and a JSON object by one table of fields that serves both directions;
 * for records that the store keeps and programs read. Code works on the struct, so a misspelt field
 * name does not compile. */
#ifndef BASE_CODEC_H
#define BASE_CODEC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum codec_kind {
    CODEC_TEXT,    /* char *, malloc'd; NULL is written as null, and "" is read as NULL */
    CODEC_NUMBER,  /* uint64_t or int64_t */
    CODEC_TIME,    /* the same; 0 is written as null */
    CODEC_REAL,    /* double */
    CODEC_FLAG,    /* bool */
    CODEC_BITS,    /* uint64_t; an array of the numbers of the bits set */
    CODEC_JSON,    /* json_t *, an object; NULL is written as {}; shared, not copied */
    CODEC_TEXTS,   /* struct codec_list of char *; an array */
    CODEC_NUMBERS, /* struct codec_list of uint64_t */
    CODEC_LIST,    /* struct codec_list of structs of table `of`; an array of objects */
    CODEC_OBJECT,  /* pointer to a malloc'd struct of table `of`; NULL is written as null */
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
    bool optional; /* omitted when NULL, 0, false or empty */
};

struct codec_table {
    size_t size; /* of the struct */
    const struct codec_field *fields;
};

/* Fills `out`, overwriting what it contains without freeing it. A field that is missing, null or of
 * the wrong type is set to NULL, 0, false or empty. */
void codec_read(const struct codec_table *t, const json_t *object, void *out);
/* Returns a new object with the fields in the table's order. */
json_t *codec_write(const struct codec_table *t, const void *of);
/* Sets the table's fields in an existing object; other fields stay. */
void codec_write_into(const struct codec_table *t, const void *of, json_t *object);
/* Frees and clears the members of the struct, not the struct itself. */
void codec_free(const struct codec_table *t, void *of);

/* The same for an array of structs of the table. */
struct codec_list codec_read_list(const struct codec_table *t, const json_t *array);
json_t *codec_write_list(const struct codec_table *t, const struct codec_list *list);
void codec_free_list(const struct codec_table *t, struct codec_list *list);

/* Appends a zeroed element and returns it. The array may move. */
void *codec_add(struct codec_list *list, size_t size);
void codec_add_text(struct codec_list *list, const char *text, size_t n);

#endif
