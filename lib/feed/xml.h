/* The strict and the loose XML reader. Both take UTF-8, report elements and text as they are read,
 * and know the names of HTML's character references. */
#ifndef FEED_XML_H
#define FEED_XML_H

#include <stdbool.h>
#include <stddef.h>

struct xml_name {
    const char *prefix, *local; /* the prefix may be NULL */
    const char *uri;            /* of the namespace, NULL if unknown */
    bool lasting;               /* equal pointers mean equal texts for the lifetime of the reader */
};

struct xml_attribute {
    struct xml_name name;
    const char *value; /* not NUL-terminated */
    size_t n;
};

/* Arguments are valid only during the call. Every start has its end, unless the strict reader
 * fails. */
struct xml_events {
    void (*start)(void *context, const struct xml_name *name, const struct xml_attribute *a,
                  size_t n_attributes);
    void (*text)(void *context, const char *p, size_t n);
    void (*end)(void *context, const char *local);
};

struct xml_reader;

/* The strict reader takes a document piece by piece. It cannot continue after a document turns out
 * not to be well-formed. */
struct xml_reader *xml_reader_new(const struct xml_events *events, void *context);
bool xml_reader_push(struct xml_reader *r, const char *p, size_t n); /* false: not well-formed */
bool xml_reader_end(struct xml_reader *r);                           /* frees it; the same result */
void xml_reader_free(struct xml_reader *r); /* without an end; accepts NULL */

/* The loose reader takes a whole document, however malformed, in linear time. The bytes must
 * outlive the reader. xml_loose_read() reads about `n` more bytes; false at the end. */
struct xml_loose;
struct xml_loose *xml_loose_new(const char *p, size_t n, const struct xml_events *events,
                                void *context);
bool xml_loose_read(struct xml_loose *l, size_t n);
const char *xml_loose_element(const struct xml_loose *l); /* inside `start`: its name in the text */
void xml_loose_end(struct xml_loose *l);                  /* frees it */

#endif
