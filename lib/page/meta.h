/* Reads the metadata of a page's article: JSON-LD, OpenGraph, Twitter cards, microdata, <meta>,
 * <link>, <time>, and as a fallback the visible text. */
#ifndef PAGE_META_H
#define PAGE_META_H

#include "page/page.h"

#include <libxml/tree.h>

/* Sets all members of `out` except text and words; `kind` only as JSON-LD declares it, otherwise
 * PAGE_OTHER. `body`: the JSON-LD's articleBody, which the caller frees, or NULL. `paywalled`
 * follows isAccessibleForFree. `url` may be NULL. */
void meta_read(xmlDoc *doc, const char *url, struct page *out, char **body);

#endif
