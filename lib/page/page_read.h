/* The bytes of a web page -> the article that is on it. Libxml2 reads the HTML; bytes, depth, nodes
 * and time have ceilings, and whatever comes in, a page comes out. Knows no sockets and no clock.
 */
#ifndef PAGE_PAGE_READ_H
#define PAGE_PAGE_READ_H

#include "page/page.h"
#include "page/page_read.h"
#include <stddef.h>

/* `url`: where it came from, or NULL; `content_type`: as the server gave it, or NULL. */
void page_read(const char *bytes, size_t n, const char *url, const char *content_type,
               struct page *out);

#endif
