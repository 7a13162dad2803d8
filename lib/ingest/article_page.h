/* Merges the outcome of reading an article's page into its record, the engine and its event: the
 * page's text is a new version of the article. Errors are those of store_strerror(); after one the
 * batch must not be committed. */
#ifndef INGEST_ARTICLE_PAGE_H
#define INGEST_ARTICLE_PAGE_H

#include "page/page.h"
#include "store/page_outcome.h"
#include "store/page_record.h"
#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

struct ingest;

/* `page`: its content, or NULL. `show`: most consecutive characters of its text that may be shown,
 * -1 for no limit; `keep`: the text may be stored. A page that contains no article gets another
 * outcome. */
struct article_page {
    const struct page *page;
    enum page_outcome outcome;
    int32_t show;
    bool keep;
};

/* Settles the page and sets `p->outcome` to the final outcome, which is also written to `page`, its
 * record in the database pages, in this batch. A missing article is not an error. */
int article_page_settle(struct ingest *in, struct page_record *page, struct article_page *p,
                        int64_t now);

/* The feed has a new text of the article: if its page was read, it is to be read once more. */
int article_page_changed(struct store *s, uint64_t article);

#endif
