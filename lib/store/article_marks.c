/* Derives what is shown beside an article's headline from its record; see article_marks.h. Called
 * by daemon/api, daemon/web and storyctl. */
#include "store/article_marks.h"

#include "base/buf.h"
#include "base/utf8.h"

#include <string.h>
#include <strings.h>

static const char *author_of(const struct article_record *article)
{
    const char *author = codec_text(article->author);
    return strcasecmp(author, article->source.name) != 0 ? author : "";
}

static const char *kind_of_article(const struct article_record *article)
{
    static const char *const told[] = {"live", "video", "gallery"};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        if (!strcmp(codec_text(article->kind), told[i]))
            return told[i];
    return "";
}

static enum page_outcome page_of(const struct article_record *article)
{
    const struct article_visit *page = article->page;
    enum page_outcome o =
        page ? page_outcome_of(page->state, codec_text(page->why)) : PAGE_OUTCOME_COUNT;
    return o == PAGE_READ_OUTCOME ? PAGE_OUTCOME_COUNT : o;
}

struct article_marks article_marks(const struct article_record *article)
{
    return (struct article_marks){.author = author_of(article),
                                  .kind = kind_of_article(article),
                                  .paywalled = json_is_true(article->paywalled),
                                  .page = page_of(article)};
}

char *article_opening(const struct article_record *article)
{
    enum { MOST = 180 };
    const char *body = article_body(article);
    size_t n = strlen(body), end = n > MOST ? utf8_cut(body, MOST) : n, word = end;
    struct buf text;
    if (!n)
        return NULL;
    while (n > MOST && word > MOST / 2 && body[word] != ' ')
        word--;
    buf_init(&text, MOST + sizeof " …");
    buf_add(&text, body, n > MOST && word > MOST / 2 ? word : end);
    buf_adds(&text, n > MOST ? " …" : "");
    return buf_take(&text);
}
