/* Converts between events in the store and a model: collects articles for the prompt, and stores
 * the statements of a response that still have a basis. Called by enrich.c. */
#include "enrich/generate.h"

#include "base/mem.h"
#include "ingest/apply.h"
#include "ingest/batch.h"
#include "ingest/written.h"
#include "store/generated.h"
#include "store/record.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ONES = 8 /* if there are too many articles: the first ones, then the newest */ };

/* ---- the prompt ----------------------------------------------------------------------------- */

static size_t looked_at(uint64_t *articles, size_t n)
{
    if (n <= PROMPT_ARTICLES)
        return n;
    memmove(articles + FIRST_ONES, articles + n - (PROMPT_ARTICLES - FIRST_ONES),
            (PROMPT_ARTICLES - FIRST_ONES) * sizeof *articles);
    return PROMPT_ARTICLES;
}

static struct digest_article digest_article_of(const struct article_record *article)
{
    return (struct digest_article){.number = article->number,
                                   .title = article->title,
                                   .text = article_body(article),
                                   .lang = codec_text(article->lang),
                                   .domain = article_first_domain(&article->source),
                                   .source = article->source.name,
                                   .url = record_address(article->url),
                                   .published = article->published,
                                   .copy_of = article->copy_of};
}

int generate_prompt(struct ingest *in, const struct event_record *event, struct prompt *out)
{
    struct digest_article articles[PROMPT_ARTICLES];
    struct sentences texts[PROMPT_ARTICLES];
    const struct sentences *all[PROMPT_ARTICLES];
    struct article_record records[PROMPT_ARTICLES];
    struct langs *langs = engine_langs(ingest_engine(in));
    uint64_t *numbers = NULL;
    size_t n = 0, read = 0;
    int error = store_linked(ingest_store(in), event->number, &numbers, &n);
    n = error ? 0 : looked_at(numbers, n);
    while (read < n && !(error = batch_article(ingest_store(in), numbers[read], &records[read]))) {
        articles[read] = digest_article_of(&records[read]);
        sentences_of(langs_get(langs, articles[read].lang), articles[read].title,
                     articles[read].text, &texts[read]);
        all[read] = &texts[read];
        read++;
    }
    const struct digest_view v = {.rarity = engine_rarity(ingest_engine(in)),
                                  .title = event->title,
                                  .articles = articles,
                                  .texts = all,
                                  .n = read};
    prompt_of(&v, codec_text(event->lang), out);
    for (size_t i = 0; i < read; i++) {
        sentences_free(&texts[i]);
        codec_free(&article_table, &records[i]);
    }
    free(numbers);
    return error;
}

/* ---- applying a response -------------------------------------------------------------------- */

/* Whether the cited text is still in the article, which may have been edited since the request. */
static int cite_stands(struct ingest *in, const struct digest_cite *cite, bool *does)
{
    struct article_record article;
    const char *text = codec_text(cite->text);
    int error = batch_article(ingest_store(in), cite->article, &article);
    *does = !error && (strstr(article.title, text) || strstr(article_body(&article), text));
    codec_free(&article_table, &article);
    return error == STORE_NOT_FOUND ? 0 : error;
}

static int drop_what_is_gone(struct ingest *in, struct event_record *event,
                             const struct codec_list *statements)
{
    const struct digest_statement *s = statements->v;
    int error = 0;
    for (size_t i = 0; !error && i < statements->n; i++) {
        const struct digest_cite *cites = s[i].cites.v;
        for (size_t k = 0; !error && k < s[i].cites.n; k++) {
            bool does;
            error = cite_stands(in, &cites[k], &does);
            if (!error && !does)
                generated_uncite(event, cites[k].article);
        }
    }
    return error;
}

static int check_ground(struct ingest *in, struct event_record *event, const struct digest *said)
{
    uint64_t *articles = NULL;
    size_t n = 0;
    int error = store_linked(ingest_store(in), event->number, &articles, &n);
    if (!error)
        generated_keep(event, articles, n);
    free(articles);
    if (!error)
        error = drop_what_is_gone(in, event, &said->summary);
    if (!error)
        error = drop_what_is_gone(in, event, &said->details);
    return error ? error : drop_what_is_gone(in, event, &said->meaning);
}

static struct event_generated generated_of(const struct digest *said, const char *model,
                                           uint64_t sources, int64_t now)
{
    const struct codec_table *t = &digest_statement_table;
    return (struct event_generated){
        .model = mem_str(model),
        .time = now,
        .sources = sources,
        .texts.part = {[EVENT_SUMMARY] = codec_write_list(t, &said->summary),
                       [EVENT_DETAILS] = codec_write_list(t, &said->details),
                       [EVENT_MEANING] = codec_write_list(t, &said->meaning)}};
}

/* The names of the parts that have something generated. */
static json_t *parts_of(const struct event_record *event)
{
    json_t *parts = json_array();
    for (enum event_part i = 0; i < EVENT_PARTS; i++)
        if (event->generated && json_array_size(event->generated->texts.part[i]))
            json_array_append_new(parts, json_string(written_field(i)));
    return parts;
}

int generate_apply(struct ingest *in, uint64_t number, const struct digest *digest,
                   const char *model, uint64_t sources, int64_t now, size_t *kept)
{
    struct event_record *event;
    *kept = 0;
    int error = batch_event(in, number, &event);
    if (error || !strcmp(event->status, "merged"))
        return error == STORE_NOT_FOUND ? 0 : error;
    size_t before = generated_count(event);
    struct event_generated generated = generated_of(digest, model, sources, now);
    generated_set(event, &generated);
    error = check_ground(in, event, digest);
    *kept = generated_count(event);
    if (!error && (*kept || before)) {
        struct change_record change = {.generated = parts_of(event)};
        error = batch_log(in, "updated", number, &change);
        json_decref(change.generated);
    }
    if (!error && (*kept || before))
        error = batch_touch(in, event);
    if (!error)
        apply_finish(in, event);
    return error;
}
