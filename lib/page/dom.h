/* A page's tree, as libxml2 has it, and the few looks at it that several files need. */
#ifndef PAGE_DOM_H
#define PAGE_DOM_H

#include "base/buf.h"

#include <libxml/tree.h>
#include <stdbool.h>
#include <stddef.h>

/* NULL: nothing can be read of it. `content_type` may be NULL. The charset is the byte order
 * mark's, the server's, the page's own, or guessed (feed/charset.h). Freed by xmlFreeDoc(). */
xmlDoc *dom_read(const char *bytes, size_t n, const char *content_type);

bool dom_is(const xmlNode *node, const char *name); /* an element of that name */
/* An attribute's value as it lies in the tree; "" where there is none. */
const char *dom_attribute(const xmlNode *node, const char *name);
/* The next node in order of the document within `root`, going into `node` or not; NULL at the end.
 */
xmlNode *dom_next(const xmlNode *root, xmlNode *node, bool into);
/* Adds the node's text, blanks and line feeds as one blank. */
void dom_text(const xmlNode *node, struct buf *out);

#endif
