/* Makes the digest of an event from the stored articles; see says.h. Called by apply.c. The digest
 * itself is computed in digest/. */
#include "ingest/says.h"

#include "base/mem.h"
#include "ingest/batch.h"
#include "store/full_text.h"
#include "store/generated.h"
#include "store/record.h"

#include <stdlib.h>
#include <string.h>

static int take_article(struct digester *d, struct store *s, const struct article_record *article)
{
    char *text;
    int32_t show;
    int error = full_text_best(s, article, &text, &show);
    if (error)
        return error;
    struct digest_article a = {.number = article->number,
                               .title = article->title,
                               .text = text,
                               .lang = codec_text(article->lang),
                               .domain = article_first_domain(&article->source),
                               .source = article->source.name,
                               .url = record_address(article->url),
                               .categories = article->categories.v,
                               .n_categories = article->categories.n,
                               .published = article->published,
                               .copy_of = article->copy_of,
                               .limited = show >= 0,
                               .show = show > 0 ? (uint32_t)show : 0};
    digester_take(d, &a);
    free(text);
    return 0;
}

static int take_articles(struct digester *d, struct store *s, const uint64_t *articles, size_t n)
{
    int error = 0;
    for (size_t i = 0; !error && i < n; i++) {
        struct article_record article;
        if (digester_has(d, articles[i]))
            continue;
        error = batch_article(s, articles[i], &article);
        if (!error)
            error = take_article(d, s, &article);
        codec_free(&article_table, &article);
    }
    return error;
}

static void say_event(struct digester *d, struct event_record *event, struct says_told *told)
{
    struct digest now, before = {.developments = event->developments};
    bool copied = event_extracted(event, EVENT_SUMMARY, &before.summary);
    told->told = mem_zero(told->n * sizeof *told->told);
    digest_make(d, event->title, told->articles, told->n, &before, told->told, &now);
    if (copied)
        codec_free_list(&digest_statement_table, &before.summary);
    event_record_says(event, &now);
    codec_free(&digest_table, &now);
}

void says_free(struct says_told *told)
{
    free(told->articles);
    free(told->told);
    *told = (struct says_told){0};
}

int says_refresh(struct digester *d, struct store *s, struct event_record *event,
                 const struct article_record *in_hand, struct says_told *told)
{
    struct says_told now = {0};
    int error = store_linked(s, event->number, &now.articles, &now.n);
    if (!error)
        generated_keep(event, now.articles, now.n);
    now.n = digest_looked_at(now.articles, now.n);
    if (!error && in_hand)
        error = take_article(d, s, in_hand);
    if (!error)
        error = take_articles(d, s, now.articles, now.n);
    if (!error && now.n > 0)
        say_event(d, event, &now);
    if (told)
        *told = now;
    else
        says_free(&now);
    return error;
}
