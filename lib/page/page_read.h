/* Reads the article from the bytes of a web page. libxml2 parses the HTML; bytes, depth, nodes and
 * time are limited, and any input gives a page. Does not use sockets or the clock. */
#ifndef PAGE_PAGE_READ_H
#define PAGE_PAGE_READ_H

#include "page/page.h"
#include "page/page_read.h"
#include <stddef.h>

/* `url`: the page's address, or NULL; `content_type`: from the server, or NULL. */
void page_read(const char *bytes, size_t n, const char *url, const char *content_type,
               struct page *out);

#endif
