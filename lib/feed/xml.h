/* The two readers of XML. Both take UTF-8, tell of elements and text as they come, and know the
 * names of HTML's character references. */
#ifndef FEED_XML_H
#define FEED_XML_H

#include <stdbool.h>
#include <stddef.h>

struct xml_name {
    const char *prefix, *local; /* the prefix may be NULL */
    const char *uri;            /* of the namespace, NULL where none is known */
    bool lasting; /* the same pointers mean the same texts as long as the reader lives */
};

struct xml_attribute {
    struct xml_name name;
    const char *value; /* not NUL-terminated */
    size_t n;
};

/* What is handed over is valid only inside the call. Every start has its end, except where the
 * strict reader gives up. */
struct xml_events {
    void (*start)(void *context, const struct xml_name *name, const struct xml_attribute *a,
                  size_t n_attributes);
    void (*text)(void *context, const char *p, size_t n);
    void (*end)(void *context, const char *local);
};

struct xml_reader;

/* Strict, piece by piece. Once a document is not well-formed the strict reader is of no more use.
 */
struct xml_reader *xml_reader_new(const struct xml_events *events, void *context);
bool xml_reader_push(struct xml_reader *r, const char *p, size_t n); /* false: not well-formed */
bool xml_reader_end(struct xml_reader *r);                           /* frees it; the same */
void xml_reader_free(struct xml_reader *r); /* without an end; NULL is none */

/* Loose, the whole document: reads anything, however broken, in linear time. The bytes must outlive
 * the reader. xml_loose_read() reads about `n` more bytes; false at the end. */
struct xml_loose;
struct xml_loose *xml_loose_new(const char *p, size_t n, const struct xml_events *events,
                                void *context);
bool xml_loose_read(struct xml_loose *l, size_t n);
const char *
xml_loose_element(const struct xml_loose *l); /* inside `start`: where its name stands */
void xml_loose_end(struct xml_loose *l);      /* frees it */

#endif
