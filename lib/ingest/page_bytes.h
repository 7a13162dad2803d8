/* The response to a page request -> what may be used of it. Pure, except for what the site learns.
 */
#ifndef INGEST_PAGE_BYTES_H
#define INGEST_PAGE_BYTES_H

#include "ingest/article_page.h"
#include "page/page.h"
#include "ingest/site.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PAGE_BYTES_MOST = 4 << 20 /* of a page; a longer one is rejected */ };

/* Its address and the relevant headers; each may be NULL. */
struct page_bytes_head {
    char *url, *content_type, *robots, *tdm;
};

bool page_bytes_is_html(const char *content_type); /* true also when no type is given */

/* Reads the page: the caller owns `page` (page_free()), and `out` points to it. Paragraphs that
 * appear on several pages of the site are removed from its text. */
void page_bytes_read(const struct page_bytes_head *head, const char *bytes, size_t n,
                     struct site *site, int64_t now, struct page *page, struct article_page *out);

#endif
