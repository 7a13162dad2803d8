/* Derives what is shown beside an article's headline from its record; see article_marks.h. Called
 * by daemon/web and storyctl. */
#include "store/article_marks.h"

#include "store/record.h"

#include <string.h>
#include <strings.h>

static const char *author_of(const json_t *article)
{
    const char *author = record_text(article, "author");
    const char *source = record_text(json_object_get(article, "source"), "name");
    return strcasecmp(author, source) != 0 ? author : "";
}

static const char *kind_of_article(const json_t *article)
{
    static const char *const told[] = {"live", "video", "gallery"};
    const char *kind = record_text(article, "kind");
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        if (!strcmp(kind, told[i]))
            return told[i];
    return "";
}

static enum page_outcome page_of(const json_t *article)
{
    const json_t *page = json_object_get(article, "page");
    enum page_outcome o = page_outcome_of(record_text(page, "state"), record_text(page, "why"));
    return o == PAGE_READ_OUTCOME ? PAGE_OUTCOME_COUNT : o;
}

struct article_marks article_marks(const json_t *article)
{
    return (struct article_marks){.author = author_of(article),
                                  .kind = kind_of_article(article),
                                  .paywalled = json_is_true(json_object_get(article, "paywalled")),
                                  .page = page_of(article)};
}
