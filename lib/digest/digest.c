/* Keeps the sentences, claims and topics of recent articles and runs the parts that make a digest;
 * see digest.h. Called by ingest/says.c and storyctl. The parts are in say.c, dispute.c,
 * develop.c, topics_say.c and keyword.c. */
#include "digest/digest.h"

#include "base/map.h"
#include "base/mem.h"
#include "digest/view.h"

#include <stdlib.h>
#include <string.h>

enum {
    KEPT_BYTES = 8 << 20, /* articles that are kept from one digest to the next */
    FIRST_ONES = 8,       /* of an event with too many articles: these, and the newest */
};

/* An article with its texts and sentences, in a list by last use. */
struct kept_article {
    struct kept_article *older, *newer;
    struct digest_article article;
    struct sentences sentences;
    struct claims claims;
    struct topic_shares topics;
    size_t bytes;
};

struct digester {
    struct langs *langs;
    const struct rarity *rarity;
    struct topics *topics;
    struct map by_number; /* article -> struct kept_article */
    struct kept_article *oldest, *newest;
    size_t bytes;
};

/* Each fills its own fields of a digest, independently of the others. */
static void (*const parts[])(const struct digest_view *, struct digest *) = {
    say_make, dispute_find, develop_make, topics_say, keywords_say,
};

/* ---- articles -------------------------------------------------------------------------------- */

static void put_newest(struct digester *d, struct kept_article *k)
{
    k->older = d->newest;
    k->newer = NULL;
    if (d->newest)
        d->newest->newer = k;
    else
        d->oldest = k;
    d->newest = k;
}

static void take_out(struct digester *d, struct kept_article *k)
{
    *(k->older ? &k->older->newer : &d->oldest) = k->newer;
    *(k->newer ? &k->newer->older : &d->newest) = k->older;
}

static void free_article(struct digest_article *a)
{
    const void *const all[] = {a->title, a->text, a->lang, a->domain, a->source, a->url};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free((void *)(uintptr_t)all[i]);
}

static void forget_article(struct digester *d, struct kept_article *k)
{
    take_out(d, k);
    map_remove(&d->by_number, k->article.number);
    d->bytes -= k->bytes;
    sentences_free(&k->sentences);
    free(k->claims.v);
    free_article(&k->article);
    free(k);
}

static size_t article_size(const struct kept_article *k)
{
    size_t terms = 0;
    for (size_t i = 0; i < k->sentences.n; i++)
        terms += k->sentences.v[i].n_terms;
    return sizeof *k + 2 * (strlen(k->article.title) + strlen(k->article.text)) +
           k->sentences.n * sizeof *k->sentences.v + terms * sizeof *k->sentences.terms +
           k->claims.n * sizeof *k->claims.v;
}

/* Applies to the text only; the title may be shown in full. */
static void leave_out_longer(struct sentences *s, uint32_t characters)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        uint32_t n_chars = 0;
        for (size_t k = 0; k < s->v[i].n; k++)
            n_chars += ((unsigned char)s->v[i].text[k] & 0xC0) != 0x80;
        if (s->v[i].marks & SENTENCE_TITLE || n_chars <= characters)
            s->v[n++] = s->v[i];
    }
    s->n = n;
}

bool digester_has(const struct digester *d, uint64_t article)
{
    return map_get(&d->by_number, article) != NULL;
}

void digester_take(struct digester *d, const struct digest_article *a)
{
    digester_forget(d, a->number);
    struct kept_article *k = mem_zero(sizeof *k);
    k->article = *a;
    k->article.title = mem_str(a->title);
    k->article.text = mem_str(a->text);
    k->article.lang = mem_str(a->lang);
    k->article.domain = mem_str(a->domain);
    k->article.source = mem_str(a->source);
    k->article.url = mem_str(a->url);
    sentences_of(langs_get(d->langs, a->lang), a->title, a->text, &k->sentences);
    if (a->limited)
        leave_out_longer(&k->sentences, a->show);
    claims_of(a->lang, &k->sentences, &k->claims);
    k->article.categories = NULL; /* used below, not kept */
    k->article.n_categories = 0;
    topic_of_article(d->topics,
                     &(struct topic_article){.lang = a->lang,
                                             .url = a->url,
                                             .domain = a->domain,
                                             .categories = a->categories,
                                             .n_categories = a->n_categories,
                                             .sentences = &k->sentences},
                     &k->topics);
    k->bytes = article_size(k);
    d->bytes += k->bytes;
    map_put(&d->by_number, a->number, k);
    put_newest(d, k);
}

void digester_forget(struct digester *d, uint64_t article)
{
    struct kept_article *k = map_get(&d->by_number, article);
    if (k)
        forget_article(d, k);
}

/* ---- digests --------------------------------------------------------------------------------- */

size_t digest_looked_at(uint64_t *articles, size_t n)
{
    if (n <= DIGEST_ARTICLES)
        return n;
    memmove(articles + FIRST_ONES, articles + n - (DIGEST_ARTICLES - FIRST_ONES),
            (DIGEST_ARTICLES - FIRST_ONES) * sizeof *articles);
    return DIGEST_ARTICLES;
}

void digest_make(struct digester *d, const char *title, const uint64_t *articles, size_t n,
                 const struct digest *before, double *told, struct digest *out)
{
    struct digest_article *all = mem_zero((n + 1) * sizeof *all);
    const struct sentences **texts = mem_zero((n + 1) * sizeof *texts);
    const struct claims **claims = mem_zero((n + 1) * sizeof *claims);
    struct topic_shares *topics = mem_zero((n + 1) * sizeof *topics);
    for (size_t i = 0; i < n; i++) {
        struct kept_article *k = map_get(&d->by_number, articles[i]);
        take_out(d, k);
        put_newest(d, k);
        all[i] = k->article;
        texts[i] = &k->sentences;
        claims[i] = &k->claims;
        topics[i] = k->topics;
    }
    const struct digest_view view = {.rarity = d->rarity,
                                     .title = title,
                                     .articles = all,
                                     .texts = texts,
                                     .claims = claims,
                                     .topics = topics,
                                     .n = n,
                                     .before = before,
                                     .told = told};
    *out = (struct digest){0};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        parts[i](&view, out);
    free(all);
    free(texts);
    free(claims);
    free(topics);
    while (d->bytes > KEPT_BYTES || (n == 1 && d->newest)) {
        forget_article(d, n == 1 ? d->newest
                                 : d->oldest); /* most events have one article and stay so */
        n = 0;
    }
}

struct digester *digester_new(struct langs *langs, const struct rarity *rarity)
{
    struct digester *d = mem_zero(sizeof *d);
    d->langs = langs;
    d->rarity = rarity;
    d->topics = topics_new(langs);
    return d;
}

void digester_free(struct digester *d)
{
    if (!d)
        return;
    while (d->oldest)
        forget_article(d, d->oldest);
    map_free(&d->by_number);
    topics_free(d->topics);
    free(d);
}
