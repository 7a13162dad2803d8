/* A page's tree, as parsed by libxml2, and the few operations on it that several files need. */
#ifndef PAGE_DOM_H
#define PAGE_DOM_H

#include "base/buf.h"

#include <libxml/tree.h>
#include <stdbool.h>
#include <stddef.h>

/* Returns NULL if nothing can be parsed. `content_type` may be NULL. The charset is taken from the
 * byte order mark, the server, the page itself, or a guess (feed/charset.h). Free with
 * xmlFreeDoc(). */
xmlDoc *dom_read(const char *bytes, size_t n, const char *content_type);

bool dom_is(const xmlNode *node, const char *name); /* it is an element of that name */
/* An attribute's value, owned by the tree; "" if there is none. */
const char *dom_attribute(const xmlNode *node, const char *name);
/* The next node in document order within `root`, with or without the children of `node`; NULL at
 * the end. */
xmlNode *dom_next(const xmlNode *root, xmlNode *node, bool into);
/* Appends the node's text, with runs of white space as one blank. */
void dom_text(const xmlNode *node, struct buf *out);

#endif
