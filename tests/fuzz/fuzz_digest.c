/* Articles of one event, parted by bytes 1: title, tab, text; every second one of another
 * publisher. What the digest says must be text that stands there. */
#include "base/mem.h"
#include "base/utf8.h"
#include "digest/digest.h"
#include "digest/keyword.h"

#include <stdlib.h>
#include <string.h>

enum { ARTICLES = 40 };

static void check(const struct codec_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct digest_statement *s = (const struct digest_statement *)list->v + i;
        if (s->article < 1 || s->article > ARTICLES || !s->text || s->sources.n < 1)
            abort();
    }
}

/* Each article is in one chapter, and all are in some if there are any. */
static void check_chapters(const struct codec_list *list, size_t articles)
{
    size_t seen[ARTICLES + 1] = {0}, all = 0;
    for (size_t i = 0; i < list->n; i++) {
        const struct digest_development *d = (const struct digest_development *)list->v + i;
        for (size_t k = 0; k < d->articles.n; k++, all++)
            if (seen[((const uint64_t *)d->articles.v)[k]]++)
                abort();
    }
    if (list->n && (all != articles || list->n > DIGEST_DEVELOPMENTS))
        abort();
}

static void check_words(const struct codec_list *list, size_t most)
{
    if (list->n > most)
        abort();
    for (size_t i = 0; i < list->n; i++) {
        const char *word = ((char *const *)list->v)[i];
        if (!*word || strlen(word) > KEYWORD_MAX || !utf8_valid(word, strlen(word)))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct langs *langs;

/* All languages, kept where the leak checker sees them: the table of `langs` is no heap to it. */
static void keep_languages(void)
{
    static const struct lang *kept[26 * 26];
    langs = langs_new();
    for (int i = 0; i < 26 * 26; i++)
        kept[i] = langs_get(langs, (char[]){(char)('a' + i / 26), (char)('a' + i % 26), 0});
    (void)kept;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char *const langs_of[] = {"en", "de", "zh", ""};
    if (!langs)
        keep_languages();
    struct rarity *rarity = rarity_new(langs, 3, 400);
    struct digester *d = digester_new(langs, rarity);
    struct buf clean;
    uint64_t numbers[ARTICLES];
    size_t articles = 0;
    buf_init(&clean, n * 4 + 1);
    utf8_clean(&clean, (const char *)data, n);
    char *all = buf_take(&clean), *rest = all, *one;
    while (articles < ARTICLES && rest && (one = strsep(&rest, "\1"))) {
        char *text = strchr(one, '\t');
        if (text)
            *text++ = '\0';
        numbers[articles] = articles + 1;
        const struct digest_article a = {.number = articles + 1,
                                         .title = one,
                                         .text = text ? text : "",
                                         .lang = langs_of[strlen(one) % 4],
                                         .domain =
                                             articles % 2 ? "post.example" : "gazette.example",
                                         .source = articles % 2 ? "Post" : "Gazette",
                                         .url = text ? text : "",
                                         .categories = &(const char *){one},
                                         .n_categories = 1,
                                         .published = (int64_t)articles * 3600,
                                         .copy_of = strlen(one) % 7 ? 0 : articles / 2};
        digester_take(d, &a);
        articles++;
    }
    const struct digest_article alone = {.number = 1,
                                         .title = "Ferry",
                                         .text = "A ferry ran aground.",
                                         .lang = "en",
                                         .domain = "post.example",
                                         .source = "Post",
                                         .url = ""};
    struct digest first, second;
    if (articles > 0) {
        digest_make(d, "A title", numbers, articles, NULL, NULL, &first);
        if (articles == 1) /* it is not kept */
            digester_take(d, &alone);
        digest_make(d, "A title", numbers, articles, &first, NULL, &second);
        check(&second.summary);
        check(&second.details);
        check_words(&second.categories, TOPICS_OF_EVENT);
        check_words(&second.keywords, KEYWORDS);
        check(&second.meaning);
        check_chapters(&second.developments, articles);
        codec_free(&digest_table, &first);
        codec_free(&digest_table, &second);
    }
    free(all);
    digester_free(d);
    rarity_free(rarity);
    return 0;
}
