/* storyctl cluster: reads articles and the texts of their pages as JSON Lines, and prints the event
 * of each article. Uses the daemon's engine, without a store. */
#include "storyctl/cluster.h"

#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/nfc.h"
#include "base/quantity.h"
#include "cluster/engine.h"
#include "article/publisher.h"
#include "article/title.h"
#include "storyctl/arguments.h"
#include "storyctl/lines.h"

#include <getopt.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line that is read but not yet added: the engine uses the following articles to recognise labels
 * in it. */
struct article_line {
    json_t *object;
    char *title, *body, *source;
    int64_t published;
};

/* The part of an article that is kept, in case its page follows. */
struct added {
    char *id; /* as given, in JSON */
    char *title, *source, *lang;
    uint64_t event; /* as first assigned, or the target of the last move */
};

struct cluster_run {
    struct engine *engine;
    struct publishers *publishers;
    struct added *added; /* article number i + 1 */
    size_t n, cap;
    struct map by_id; /* hash of an id -> the last article with it */
    uint64_t *merged; /* event number -> the event that absorbed it, 0 none */
    size_t cap_merged;
    struct article_line lines[ENGINE_AHEAD];
    size_t first, n_lines;
    int64_t
        clock; /* arrival time of an article: its publication time, else that of the one before */
};

static void note_merge(struct cluster_run *r, uint64_t from, uint64_t into)
{
    if (from >= r->cap_merged) {
        size_t cap = (size_t)from * 2 + 64;
        r->merged = mem_resize(r->merged, cap * sizeof *r->merged);
        memset(r->merged + r->cap_merged, 0, (cap - r->cap_merged) * sizeof *r->merged);
        r->cap_merged = cap;
    }
    r->merged[from] = into;
}

static void note_change(struct cluster_run *r, const struct engine_change *c)
{
    if (c->kind == ENGINE_MERGED)
        note_merge(r, c->from, c->event);
    for (size_t i = 0; i < c->n_articles; i++)
        if (c->articles[i] <= r->n) /* else it is the one being added */
            r->added[c->articles[i] - 1].event = c->event;
}

static uint64_t merged_event(const struct cluster_run *r, uint64_t event)
{
    while (event < r->cap_merged && r->merged[event])
        event = r->merged[event];
    return event;
}

static struct engine_article line_for_engine(const struct cluster_run *r,
                                             const struct article_line *l)
{
    const char *lang = lines_text(l->object, "lang");
    return (struct engine_article){.title = l->title,
                                   .body = l->body,
                                   .lang = *lang ? lang : NULL,
                                   .publisher = l->source,
                                   .published = l->published,
                                   .seen = r->clock};
}

static char *id_of_object(const json_t *object)
{
    return json_dumps(json_object_get(object, "id"), JSON_ENCODE_ANY);
}

static uint64_t id_key(const char *id)
{
    uint64_t key = hash64(id, strlen(id), 0);
    return key ? key : 1;
}

static void note_id(struct cluster_run *r, size_t at)
{
    map_put(&r->by_id, id_key(r->added[at].id), (void *)(uintptr_t)(at + 1));
}

/* The earlier article that a page line refers to; NULL if there is none. */
static const struct added *added_before(const struct cluster_run *r, const json_t *object)
{
    char *id = id_of_object(object);
    uintptr_t number = (uintptr_t)map_get(&r->by_id, id_key(id));
    const struct added *a = number ? &r->added[number - 1] : NULL;
    bool same = a && !strcmp(a->id, id);
    free(id);
    return same ? a : NULL;
}

/* Adds the first line of the buffer to the engine. */
static void add_article(struct cluster_run *r)
{
    struct article_line *l = &r->lines[r->first];
    r->first = (r->first + 1) % ENGINE_AHEAD;
    r->n_lines--;
    if (l->published != INT64_MIN)
        r->clock = l->published;
    struct engine_article in = line_for_engine(r, l);
    struct engine_result out;
    engine_add(r->engine, &in, &out);
    for (size_t i = 0; i < out.n_changes; i++)
        note_change(r, &out.changes[i]);
    MEM_GROW(r->added, r->n, r->cap);
    const char *lang = lines_text(l->object, "lang");
    r->added[r->n] = (struct added){.id = id_of_object(l->object),
                                    .title = l->title,
                                    .source = l->source,
                                    .lang = *lang ? mem_str(lang) : NULL,
                                    .event = out.event};
    note_id(r, r->n++);
    free(l->body);
    json_decref(l->object);
}

/* Replaces an article's body with the text of its page; its title stays. */
static void add_page_line(struct cluster_run *r, const json_t *object)
{
    while (r->n_lines > 0)
        add_article(r);
    const struct added *a = added_before(r, object);
    if (!a)
        return;
    char *text = nfc_str(lines_text(object, "page"));
    const struct engine_article in = {.title = a->title,
                                      .body = text,
                                      .lang = a->lang,
                                      .publisher = a->source,
                                      .published = INT64_MIN,
                                      .seen = r->clock};
    const struct engine_change *changes;
    if (engine_renew(r->engine, (uint64_t)(a - r->added) + 1, &in, NULL))
        for (size_t i = 0, n = engine_changes(r->engine, &changes); i < n; i++)
            note_change(r, &changes[i]);
    free(text);
}

static void read_cluster_line(void *arg, json_t *object)
{
    struct cluster_run *r = arg;
    if (json_is_string(json_object_get(object, "page"))) {
        add_page_line(r, object);
        return;
    }
    if (r->n_lines == ENGINE_AHEAD)
        add_article(r);
    char *said = nfc_str(lines_text(object, "title"));
    struct article_line *l = &r->lines[(r->first + r->n_lines++) % ENGINE_AHEAD];
    *l = (struct article_line){.object = json_incref(object),
                               .body = nfc_str(lines_text(object, "body")),
                               .source = nfc_str(lines_text(object, "source")),
                               .published = lines_time(object, "published")};
    l->title = title_alone(r->publishers, said, l->source, lines_text(object, "url"));
    free(said);
    struct engine_article in = line_for_engine(r, l);
    engine_expect(r->engine, &in);
}

static void print_events_of(const struct cluster_run *r)
{
    for (size_t i = 0; i < r->n; i++)
        printf("{\"id\": %s, \"event\": %llu}\n", r->added[i].id,
               (unsigned long long)merged_event(r, r->added[i].event));
}

static void run_end(struct cluster_run *r)
{
    for (size_t i = 0; i < r->n; i++) {
        free(r->added[i].id);
        free(r->added[i].title);
        free(r->added[i].source);
        free(r->added[i].lang);
    }
    free(r->added);
    map_free(&r->by_id);
    free(r->merged);
    publishers_free(r->publishers);
    engine_free(r->engine);
}

/* "24h", "3d", "90m" in hours; a value below 0 if the text is not a duration. */
static double hours_of(const char *text)
{
    int64_t ms;
    return quantity_read(quantity_durations, text, &ms) && ms ? (double)ms / 3600e3 : -1;
}

static const char help[] =
    "usage: storyctl cluster [--window DURATION] < ARTICLES.jsonl\n"
    "\n"
    "Reads articles as JSON Lines in order of arrival (id, title, body?, source?, url?,\n"
    "published?, lang?) and prints {\"id\": ..., \"event\": ...} for each. Uses the daemon's "
    "engine "
    "in\n"
    "memory, without a store. A line {\"id\": ..., \"page\": TEXT} is the text of an earlier "
    "article's\n"
    "web page: it replaces the article's body, and the article is assigned to an event again.\n"
    "\n"
    "  --window DURATION   how long an event waits for its next article: 90m, 24h, 3d\n"
    "      --help          this text\n";

int cluster_main(int argc, char **argv)
{
    static const struct option options[] = {
        {"window", required_argument, NULL, 'w'}, {"help", no_argument, NULL, 'h'}, {0}};
    double window = 0; /* hours; 0: the default */
    int c;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c != 'w') {
            fputs(help, c == 'h' ? stdout : stderr);
            return c == 'h' ? 0 : 2;
        }
        if ((window = hours_of(optarg)) < 0) {
            fprintf(stderr,
                    "storyctl cluster: invalid value \"%s\" for --window; expected a duration such "
                    "as 24h or 3d\n",
                    optarg);
            return 2;
        }
    }
    if (!arguments_fit("cluster", help, 0, argc - optind, argv + optind))
        return 2;
    struct cluster_run run = {.engine = engine_new(1, 1), .publishers = publishers_new()};
    if (window > 0 && !engine_set(run.engine, "engine", "window", window)) {
        fprintf(stderr, "storyctl cluster: --window is out of range; expected 6m to 365d\n");
        run_end(&run);
        return 2;
    }
    int status = lines_read("cluster", read_cluster_line, &run);
    while (run.n_lines > 0)
        add_article(&run);
    print_events_of(&run);
    run_end(&run);
    return status;
}
