/* Reads a fetched page and its rights, and learns the site's repeated paragraphs; see page_bytes.h.
 * Called by daemon/pages and storyctl. */
#include "ingest/page_bytes.h"

#include "page/rights.h"
#include "page/page_read.h"

#include <string.h>
#include <strings.h>

bool page_bytes_is_html(const char *content_type)
{
    static const char *const types[] = {"text/html", "application/xhtml+xml"};
    if (!content_type || !*content_type)
        return true;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        size_t n = strlen(types[i]);
        if (!strncasecmp(content_type, types[i], n) && strchr("; \t", content_type[n]))
            return true;
    }
    return false;
}

void page_bytes_read(const struct page_bytes_head *head, const char *bytes, size_t n,
                     struct site *site, int64_t now, struct page *page, struct article_page *out)
{
    struct rights rights;
    page_read(bytes, n, head->url, head->content_type, page);
    rights_none(&rights);
    if (head->robots)
        rights_add_robots(&rights, head->robots, SITE_AGENT);
    if (page->robots)
        rights_add_robots(&rights, page->robots, SITE_AGENT);
    if (head->tdm)
        rights_add_tdm(&rights, head->tdm);
    if (page->tdm)
        rights_add_tdm(&rights, page->tdm);
    *out =
        (struct article_page){.page = page,
                              .outcome = rights.tdm_reserved ? PAGE_TDM_OUTCOME : PAGE_READ_OUTCOME,
                              .show = rights.noindex ? 0 : rights.max_snippet,
                              .keep = !rights.noarchive};
    if (rights.tdm_reserved)
        return;
    site_learn(site, page->text, now);
    site->pages++;
    site->words += page->words;
}
