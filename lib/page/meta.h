/* What a page says of its article: JSON-LD, OpenGraph, Twitter cards, microdata, <meta>, <link>,
 * <time>, and what is seen in the text where nothing of this is there. */
#ifndef PAGE_META_H
#define PAGE_META_H

#include "page/page.h"

#include <libxml/tree.h>

/* Fills all of `out` but text, words and kind; `body`: the JSON-LD's articleBody, to be freed, or
 * NULL. `paywalled` as isAccessibleForFree says. `url` may be NULL. */
void meta_read(xmlDoc *doc, const char *url, struct page *out, char **body);

#endif
