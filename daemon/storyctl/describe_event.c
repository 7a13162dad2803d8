/* storyctl describe: reads the articles of one event as JSON Lines and prints the event's text, in
 * memory. For measurements, and for scripts that have articles but no store. */
#include "storyctl/describe_event.h"

#include "base/mem.h"
#include "base/nfc.h"
#include "digest/digest.h"
#include "cluster/engine.h"
#include "cluster/lead.h"
#include "article/publisher.h"
#include "article/title.h"
#include "store/record.h"
#include "storyctl/arguments.h"
#include "storyctl/lines.h"
#include "text/title_faults.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 8000 }; /* articles; the maximum of an event */

struct told_article {
    char *title, *body, *source, *url, *lang;
    int64_t published;
    uint64_t copy_of;
    json_t *id;
    struct codec_list categories; /* of char *: the item's own */
};

struct describe_run {
    struct engine *engine;
    struct publishers *publishers;
    struct told_article *articles; /* article number i + 1 */
    size_t n, cap, beyond;
    int64_t clock;
};

/* The article is in the event regardless of its score; the engine only finds copies and the
 * headline. */
static void weigh_article(struct describe_run *r, struct told_article *a)
{
    const struct engine_article in = {.title = a->title,
                                      .body = a->body,
                                      .lang = *a->lang ? a->lang : NULL,
                                      .publisher = a->source,
                                      .title_faults = headline_faults(a->title),
                                      .published = a->published,
                                      .seen = r->clock};
    struct engine_result out;
    if (r->n > 1)
        engine_link(r->engine, 1, r->n, MUST_LINK);
    engine_add(r->engine, &in, &out);
    a->copy_of = out.copy_of;
    free(a->lang);
    a->lang = mem_str(out.lang);
    uint64_t first = engine_article(r->engine, 1)->event->number;
    uint64_t here = engine_article(r->engine, out.article)->event->number;
    if (first != here)
        engine_merge(r->engine, first, here);
}

/* The part of a line that is read so. */
static const struct codec_field told_fields[] = {
    {"categories", CODEC_TEXTS, offsetof(struct told_article, categories), NULL, false},
    {0},
};
static const struct codec_table told_table = {sizeof(struct told_article), told_fields};

static void take_told(void *arg, json_t *object)
{
    struct describe_run *r = arg;
    if (r->n == MOST) {
        r->beyond++;
        return;
    }
    MEM_GROW(r->articles, r->n, r->cap);
    struct told_article *a = &r->articles[r->n++];
    char *said = nfc_str(lines_text(object, "title"));
    codec_read(&told_table, object, a);
    *a = (struct told_article){.categories = a->categories,
                               .body = nfc_str(lines_text(object, "body")),
                               .source = nfc_str(lines_text(object, "source")),
                               .url = mem_str(lines_text(object, "url")),
                               .lang = mem_str(lines_text(object, "lang")),
                               .published = lines_time(object, "published"),
                               .id = json_incref(json_object_get(object, "id"))};
    a->title = title_alone(r->publishers, said, a->source, a->url);
    free(said);
    if (a->published > r->clock)
        r->clock = a->published;
    else if (a->published == INT64_MIN)
        a->published = r->clock;
    weigh_article(r, a);
}

/* Replaces article numbers with the ids of the input. */
static void name_articles(const struct describe_run *r, json_t *value)
{
    const char *key;
    json_t *member;
    void *next;
    size_t i;
    json_object_foreach_safe(value, next, key, member)
    {
        bool number = !strcmp(key, "article") && json_integer_value(member) > 0;
        if (number)
            json_object_set(value, key, r->articles[json_integer_value(member) - 1].id);
        else if (!strcmp(key, "articles"))
            for (i = 0; i < json_array_size(member); i++)
                json_array_set(member, i,
                               r->articles[json_integer_value(json_array_get(member, i)) - 1].id);
        else
            name_articles(r, member);
    }
    if (json_is_array(value))
        json_array_foreach(value, i, member) name_articles(r, member);
}

static const struct told_article *choose_told_lead(const struct describe_run *r,
                                                   const struct headline_told *told)
{
    uint64_t event = engine_article(r->engine, 1)->event->number;
    return &r->articles[headline_choose(engine_event(r->engine, event), 0, 0, told) - 1];
}

/* Adds the articles that the digester does not hold: digest_make() releases some. */
static void take_told_articles(struct digester *d, const struct describe_run *r,
                               const uint64_t *numbers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct told_article *a = &r->articles[numbers[i] - 1];
        if (digester_has(d, numbers[i]))
            continue;
        const struct digest_article article = {.number = numbers[i],
                                               .title = a->title,
                                               .text = a->body,
                                               .lang = a->lang,
                                               .domain = a->source,
                                               .source = a->source,
                                               .url = a->url,
                                               .categories = a->categories.v,
                                               .n_categories = a->categories.n,
                                               .published = a->published,
                                               .copy_of = a->copy_of};
        digester_take(d, &article);
    }
}

static json_t *say_told(const struct describe_run *r)
{
    struct digester *d = digester_new(engine_langs(r->engine), engine_rarity(r->engine));
    uint64_t *numbers = mem_zero(r->n * sizeof *numbers);
    for (size_t i = 0; i < r->n; i++)
        numbers[i] = i + 1;
    struct digest digest;
    size_t n = digest_looked_at(numbers, r->n);
    double *told = mem_zero(n * sizeof *told);
    take_told_articles(d, r, numbers, n);
    digest_make(d, "", numbers, n, NULL, told, &digest);
    codec_free(&digest_table, &digest);
    const struct told_article *lead =
        choose_told_lead(r, &(struct headline_told){numbers, told, n});
    take_told_articles(d, r, numbers, n);
    digest_make(d, lead->title, numbers, n, NULL, NULL, &digest);
    json_t *event = json_pack("{s:s,s:s*,s:i}", "title", lead->title, "lang",
                              *lead->lang ? lead->lang : NULL, "article_count", (int)r->n);
    free(told);
    codec_write_into(&digest_table, &digest, event);
    codec_free(&digest_table, &digest);
    name_articles(r, event);
    json_object_set_new(event, "sentiment", json_null());
    json_object_set_new(event, "similar", json_array());
    free(numbers);
    digester_free(d);
    return event;
}

static void end(struct describe_run *r)
{
    for (size_t i = 0; i < r->n; i++) {
        struct told_article *a = &r->articles[i];
        char *const texts[] = {a->title, a->body, a->source, a->url, a->lang};
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
            free(texts[k]);
        json_decref(a->id);
        codec_free(&told_table, a);
    }
    free(r->articles);
    publishers_free(r->publishers);
    engine_free(r->engine);
}

static const char help[] =
    "usage: storyctl describe < ARTICLES.jsonl\n"
    "\n"
    "Reads the articles of one event as JSON Lines, in order of arrival (id, title, body?,\n"
    "source?, url?, published?, lang?, categories?; published in seconds since 1970 or as a\n"
    "date), and prints the event's text as one JSON object: title, summary, details, meaning,\n"
    "disputed, developments, categories, keywords; see storyd-db(5). Nothing is stored.\n"
    "\n"
    "      --help          this text\n";

int describe_main(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {0}};
    int c = getopt_long(argc, argv, "", options, NULL);
    if (c != -1) {
        fputs(help, c == 'h' ? stdout : stderr);
        return c == 'h' ? 0 : 2;
    }
    if (!arguments_fit("describe", help, 0, argc - optind, argv + optind))
        return 2;
    struct describe_run run = {.engine = engine_new(1, 1), .publishers = publishers_new()};
    engine_set(run.engine, "engine", "window", ENGINE_WINDOW_MOST);
    int status = lines_read("describe", take_told, &run);
    if (run.beyond)
        fprintf(stderr, "storyctl describe: %zu articles after the first %d are ignored\n",
                run.beyond, MOST);
    if (run.n > 0) {
        json_t *event = say_told(&run);
        json_dumpf(event, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
        putchar('\n');
        json_decref(event);
    } else {
        fputs("storyctl describe: no articles on standard input; expected JSON Lines\n", stderr);
        status = 1;
    }
    end(&run);
    return status;
}
