/* Character references of HTML and XML: the names of HTML 5, and numeric ones. */
#ifndef FEED_ENTITY_H
#define FEED_ENTITY_H

#include <stddef.h>

enum { ENTITY_MAX = 8 }; /* maximum bytes of the text of a reference */

/* The text of a name as in "&name;", or NULL. */
const char *entity_find(const char *name, size_t n);

/* Decodes the reference at p, which is a '&'. Returns its length and sets `out` and `*n` to its
 * text, or returns 0 if it is not a reference. A missing ';' is accepted where HTML accepts it. */
size_t entity_decode(const char *p, const char *end, char out[ENTITY_MAX], size_t *n);

#endif
