/* The answer to a request for a page -> what may be taken of it. Pure, but for what the site
 * learns. */
#ifndef INGEST_PAGE_BYTES_H
#define INGEST_PAGE_BYTES_H

#include "ingest/article_page.h"
#include "page/page.h"
#include "ingest/site.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PAGE_BYTES_MOST = 4 << 20 /* of a page; a longer one is not taken */ };

/* Where it came from, and what its headers say; each may be NULL. */
struct page_bytes_head {
    char *url, *content_type, *robots, *tdm;
};

bool page_bytes_is_html(const char *content_type); /* where it is not said, it may be */

/* Reads the page: `page` is the caller's, page_free(), and `out` points to it. What stands on
 * several pages of the site is left out of its text. */
void page_bytes_read(const struct page_bytes_head *head, const char *bytes, size_t n,
                     struct site *site, int64_t now, struct page *page, struct article_page *out);

#endif
