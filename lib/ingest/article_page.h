/* What came of an article's page, taken into its record, the engine and its event: the page's text
 * is a new version of the article. Errors are those of store_strerror(); after one the batch must
 * not be committed. */
#ifndef INGEST_ARTICLE_PAGE_H
#define INGEST_ARTICLE_PAGE_H

#include "page/page.h"
#include "store/page_outcome.h"
#include "store/store.h"

#include <jansson.h>

#include <stdbool.h>
#include <stdint.h>

struct ingest;

/* `page`: what was read of it, or NULL. `show`: characters of its text that may be shown at a
 * stretch, -1 any number; `keep`: the text may be kept beyond this. A page that holds no article is
 * none, and its outcome another. */
struct article_page {
    const struct page *page;
    enum page_outcome outcome;
    int32_t show;
    bool keep;
};

/* Takes it, and sets `p->outcome` to what came of it in the end; `page`, its record in database
 * pages, says so too, and is put into the batch. An article that is not there is no error. */
int article_page_settle(struct ingest *in, json_t *page, struct article_page *p, int64_t now);

/* The feed has another text of the article: its page, if it was read, is to be read once more. */
int article_page_changed(struct store *s, uint64_t article);

#endif
