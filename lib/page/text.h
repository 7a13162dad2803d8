/* The main text of a page: of all that is on it, the paragraphs of the article. */
#ifndef PAGE_TEXT_H
#define PAGE_TEXT_H

#include "base/buf.h"

#include <libxml/tree.h>

/* Appends the paragraphs, an empty line between two. Takes from the tree what is no part of it.
 * `title`: of the article, left out of its text; may be NULL. */
void page_text(xmlDoc *doc, const char *title, struct buf *out);

#endif
