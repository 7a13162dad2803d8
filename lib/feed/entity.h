/* Character references of HTML and XML: the names of HTML 5 and numbers. */
#ifndef FEED_ENTITY_H
#define FEED_ENTITY_H

#include <stddef.h>

enum { ENTITY_MAX = 8 }; /* bytes that one reference can stand for */

/* The text of a name as in "&name;", or NULL. */
const char *entity_find(const char *name, size_t n);

/* Reads the reference at p, which is a '&'. Returns its length with `out` and `*n` set to what it
 * stands for, or 0 where it is none. A forgotten ';' is forgiven where HTML forgives it. */
size_t entity_decode(const char *p, const char *end, char out[ENTITY_MAX], size_t *n);

#endif
