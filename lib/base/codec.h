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
    CODEC_STRING,  /* the same, but NULL is written as "", and never read */
    CODEC_NUMBER,  /* uint64_t or int64_t */
    CODEC_TIME,    /* the same; 0 is written as null */
    CODEC_COUNT,   /* int64_t; -1 is written as null, and read when the field is missing */
    CODEC_REAL,    /* double */
    CODEC_FLAG,    /* bool */
    CODEC_BITS,    /* uint64_t; an array of the numbers of the bits set */
    CODEC_JSON,    /* json_t *, an object; NULL is written as {}; shared, not copied */
    CODEC_ANY,     /* json_t *, any value; NULL is written as null; shared, not copied */
    CODEC_TEXTS,   /* struct codec_list of char *; an array */
    CODEC_NUMBERS, /* struct codec_list of uint64_t */
    CODEC_LIST,    /* struct codec_list of structs of table `of`; an array of objects */
    CODEC_OBJECT,  /* pointer to a malloc'd struct of table `of`; NULL is written as null */
    CODEC_STRUCT,  /* a struct of table `of` inside this one; always written as an object */
    CODEC_REST,    /* json_t *, in the last row: the fields that the table lacks, written after its
                      own, so that those of a newer version are kept; NULL: none */
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
    bool optional; /* omitted when NULL, 0 (a count: -1), false or empty */
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
/* The same for the text of a record. False, with an empty struct, when it is no JSON object. The
 * text is compact and malloc'd; a decimal fraction is in it as it was rounded, not as the nearest
 * binary one. Aborts on a text that is not UTF-8. */
bool codec_load(const struct codec_table *t, const char *json, size_t n, void *out);
char *codec_dump(const struct codec_table *t, const void *of);
/* The first field of a value that codec_read() would not use, such as a string in place of an
 * array; NULL: none. A field may be missing, or null. */
const char *codec_misfit(const struct codec_table *t, const json_t *object);
/* One field by its name: the value as written, NULL when it is omitted or in no row; and the member
 * read anew from a value (NULL: missing), for a name that must be in the table. */
json_t *codec_get(const struct codec_table *t, const void *of, const char *name);
void codec_set(const struct codec_table *t, void *of, const char *name, json_t *value);
/* A text member, "" for NULL. */
static inline const char *codec_text(const char *member)
{
    return member ? member : "";
}
/* Replaces a member with a copy of `text`: a CODEC_TEXT, NULL for NULL or ""; and a CODEC_STRING,
 * "" for NULL. */
void codec_set_text(char **member, const char *text);
void codec_set_string(char **member, const char *text);
/* Frees and clears the members of the struct, not the struct itself. */
void codec_free(const struct codec_table *t, void *of);

/* The same for an array of structs of the table. */
struct codec_list codec_read_list(const struct codec_table *t, const json_t *array);
json_t *codec_write_list(const struct codec_table *t, const struct codec_list *list);
void codec_free_list(const struct codec_table *t, struct codec_list *list);

/* Appends a zeroed element and returns it. The array may move. */
void *codec_add(struct codec_list *list, size_t size);
void codec_add_text(struct codec_list *list, const char *text, size_t n);
/* Frees an element of a list of structs, or all of a list of texts, and removes it. */
void codec_remove(const struct codec_table *t, struct codec_list *list, size_t i);
void codec_free_texts(struct codec_list *list);

#endif
