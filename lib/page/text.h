/* Extracts the main text of a page: the paragraphs of the article. */
#ifndef PAGE_TEXT_H
#define PAGE_TEXT_H

#include "base/buf.h"

#include <libxml/tree.h>

/* Appends the paragraphs, separated by empty lines. Removes nodes outside the article from the
 * tree. `title`: of the article, dropped from the text; may be NULL. */
void page_text(xmlDoc *doc, const char *title, struct buf *out);

#endif
