/* Converts between events in the store and a model: collects articles for the prompt, and stores
 * the statements of a response that still have a basis. Called by enrich.c. */
#include "enrich/generate.h"

#include "base/mem.h"
#include "ingest/apply.h"
#include "ingest/batch.h"
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

int generate_prompt(struct ingest *in, const json_t *event, struct prompt *out)
{
    struct digest_article articles[PROMPT_ARTICLES];
    struct sentences texts[PROMPT_ARTICLES];
    const struct sentences *all[PROMPT_ARTICLES];
    struct article_record records[PROMPT_ARTICLES];
    struct langs *langs = engine_langs(ingest_engine(in));
    uint64_t *numbers = NULL;
    size_t n = 0, read = 0;
    int error = store_linked(ingest_store(in), record_number(event, "id"), &numbers, &n);
    n = error ? 0 : looked_at(numbers, n);
    while (read < n && !(error = batch_article(ingest_store(in), numbers[read], &records[read]))) {
        articles[read] = digest_article_of(&records[read]);
        sentences_of(langs_get(langs, articles[read].lang), articles[read].title,
                     articles[read].text, &texts[read]);
        all[read] = &texts[read];
        read++;
    }
    const struct digest_view v = {.rarity = engine_rarity(ingest_engine(in)),
                                  .title = record_text(event, "title"),
                                  .articles = articles,
                                  .texts = all,
                                  .n = read};
    prompt_of(&v, record_text(event, "lang"), out);
    for (size_t i = 0; i < read; i++) {
        sentences_free(&texts[i]);
        codec_free(&article_table, &records[i]);
    }
    free(numbers);
    return error;
}

/* ---- applying a response -------------------------------------------------------------------- */

/* Whether the cited text is still in the article, which may have been edited since the request. */
static int cite_stands(struct ingest *in, const json_t *cite, bool *does)
{
    struct article_record article;
    const char *text = record_text(cite, "text");
    int error = batch_article(ingest_store(in), record_number(cite, "article"), &article);
    *does = !error && (strstr(article.title, text) || strstr(article_body(&article), text));
    codec_free(&article_table, &article);
    return error == STORE_NOT_FOUND ? 0 : error;
}

static int drop_what_is_gone(struct ingest *in, json_t *event, const json_t *statements)
{
    int error = 0;
    for (size_t i = 0; !error && i < json_array_size(statements); i++) {
        const json_t *cites = json_object_get(json_array_get(statements, i), "cites");
        for (size_t k = 0; !error && k < json_array_size(cites); k++) {
            bool does;
            error = cite_stands(in, json_array_get(cites, k), &does);
            if (!error && !does)
                generated_uncite(event, record_number(json_array_get(cites, k), "article"));
        }
    }
    return error;
}

static int check_ground(struct ingest *in, json_t *event, const json_t *said)
{
    uint64_t *articles = NULL;
    size_t n = 0;
    int error = store_linked(ingest_store(in), record_number(event, "id"), &articles, &n);
    if (!error)
        generated_keep(event, articles, n);
    free(articles);
    for (size_t i = 0; !error && prompt_part_name(i); i++)
        error = drop_what_is_gone(in, event, json_object_get(said, prompt_part_name(i)));
    return error;
}

static json_t *generated_of(const json_t *said, const char *model, uint64_t sources, int64_t now)
{
    json_t *generated = json_pack("{s:s,s:I,s:I}", "model", model, "time", (json_int_t)now,
                                  "sources", (json_int_t)sources);
    for (size_t i = 0; prompt_part_name(i); i++)
        json_object_set_new(generated, prompt_part_name(i),
                            json_deep_copy(json_object_get(said, prompt_part_name(i))));
    return generated;
}

static json_t *parts_of(const json_t *event)
{
    json_t *parts = json_array();
    for (size_t i = 0; prompt_part_name(i); i++)
        if (json_array_size(
                json_object_get(json_object_get(event, "generated"), prompt_part_name(i))))
            json_array_append_new(parts, json_string(prompt_part_name(i)));
    return parts;
}

int generate_apply(struct ingest *in, uint64_t number, const struct digest *digest,
                   const char *model, uint64_t sources, int64_t now, size_t *kept)
{
    json_t *event;
    *kept = 0;
    int error = batch_event(in, number, &event);
    if (error || strcmp(record_text(event, "status"), "merged") == 0)
        return error == STORE_NOT_FOUND ? 0 : error;
    size_t before = generated_count(event);
    json_t *said = codec_write(&digest_table, digest);
    generated_set(event, generated_of(said, model, sources, now));
    error = check_ground(in, event, said);
    json_decref(said);
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
