/* storyctl cluster: articles as JSON Lines in, the event of each out, through the daemon's engine.
 */
#include "storyctl/cluster.h"

#include "base/mem.h"
#include "base/nfc.h"
#include "event/engine.h"
#include "feed/publisher.h"
#include "feed/title.h"
#include "storyctl/lines.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line, read and not yet added: what comes after an article tells what is a label in it. */
struct line {
    json_t *object;
    char *title, *body, *source;
    int64_t published;
};

struct run {
    struct engine *engine;
    struct publishers *publishers;
    json_t **ids;     /* of article number i + 1, as given */
    uint64_t *events; /* its event, as first assigned */
    size_t n, cap, cap_events;
    uint64_t *merged; /* event number -> the event that took it in, 0 none */
    size_t cap_merged;
    struct line lines[ENGINE_AHEAD];
    size_t first, n_lines;
    int64_t clock; /* when an article comes: when it was published, else with the one before */
};

static void note_merge(struct run *r, uint64_t from, uint64_t into)
{
    if (from >= r->cap_merged) {
        size_t cap = (size_t)from * 2 + 64;
        r->merged = mem_resize(r->merged, cap * sizeof *r->merged);
        memset(r->merged + r->cap_merged, 0, (cap - r->cap_merged) * sizeof *r->merged);
        r->cap_merged = cap;
    }
    r->merged[from] = into;
}

static void note_change(struct run *r, const struct engine_change *c)
{
    if (c->kind == ENGINE_MERGED)
        note_merge(r, c->from, c->event);
    for (size_t i = 0; i < c->n_articles; i++)
        if (c->articles[i] <= r->n) /* else it is the one in hand */
            r->events[c->articles[i] - 1] = c->event;
}

static uint64_t resolve(const struct run *r, uint64_t event)
{
    while (event < r->cap_merged && r->merged[event])
        event = r->merged[event];
    return event;
}

static struct engine_article in_engine(const struct run *r, const struct line *l)
{
    const char *lang = lines_text(l->object, "lang");
    return (struct engine_article){.title = l->title,
                                   .body = l->body,
                                   .lang = *lang ? lang : NULL,
                                   .publisher = l->source,
                                   .published = l->published,
                                   .seen = r->clock};
}

/* The first of those that were read. */
static void add_article(struct run *r)
{
    struct line *l = &r->lines[r->first];
    r->first = (r->first + 1) % ENGINE_AHEAD;
    r->n_lines--;
    if (l->published != INT64_MIN)
        r->clock = l->published;
    struct engine_article in = in_engine(r, l);
    struct engine_result out;
    engine_add(r->engine, &in, &out);
    free(l->title);
    free(l->body);
    free(l->source);
    for (size_t i = 0; i < out.n_changes; i++)
        note_change(r, &out.changes[i]);
    MEM_GROW(r->ids, r->n, r->cap);
    MEM_GROW(r->events, r->n, r->cap_events);
    r->ids[r->n] = json_incref(json_object_get(l->object, "id"));
    r->events[r->n++] = out.event;
    json_decref(l->object);
}

static void read_article(void *arg, json_t *object)
{
    struct run *r = arg;
    if (r->n_lines == ENGINE_AHEAD)
        add_article(r);
    char *said = nfc_str(lines_text(object, "title"));
    struct line *l = &r->lines[(r->first + r->n_lines++) % ENGINE_AHEAD];
    *l = (struct line){.object = json_incref(object),
                       .body = nfc_str(lines_text(object, "body")),
                       .source = nfc_str(lines_text(object, "source")),
                       .published = lines_time(object, "published")};
    l->title = title_alone(r->publishers, said, l->source, lines_text(object, "url"));
    free(said);
    struct engine_article in = in_engine(r, l);
    engine_expect(r->engine, &in);
}

static void print_all(const struct run *r)
{
    for (size_t i = 0; i < r->n; i++) {
        char *id = json_dumps(r->ids[i], JSON_ENCODE_ANY);
        printf("{\"id\": %s, \"event\": %llu}\n", id, (unsigned long long)resolve(r, r->events[i]));
        free(id);
        json_decref(r->ids[i]);
    }
}

/* "24h", "3d", "90m": hours, or a value below 0 for what is no duration. */
static double hours_of(const char *text)
{
    char *end;
    double value = strtod(text, &end);
    double unit = !strcmp(end, "h")   ? 1
                  : !strcmp(end, "d") ? 24
                  : !strcmp(end, "m") ? 1 / 60.0
                                      : -1;
    return end == text || value <= 0 ? -1 : value * unit;
}

static const char help[] =
    "usage: storyctl cluster [--window DURATION] < ARTICLES.jsonl\n"
    "\n"
    "Reads articles as JSON Lines in order of arrival (id, title, body?, source?, url?, "
    "published,\n"
    "lang?) and prints {\"id\": ..., \"event\": ...} for each, through the daemon's engine, in "
    "memory.\n"
    "\n"
    "  --window DURATION   how long an event waits for its next article: 90m, 24h, 3d\n"
    "      --help          this text\n";

int cluster_main(int argc, char **argv)
{
    static const struct option options[] = {
        {"window", required_argument, NULL, 'w'}, {"help", no_argument, NULL, 'h'}, {0}};
    double window = 0; /* hours; 0: as shipped */
    int c;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c != 'w') {
            fputs(help, c == 'h' ? stdout : stderr);
            return c == 'h' ? 0 : 2;
        }
        if ((window = hours_of(optarg)) < 0) {
            fprintf(stderr,
                    "storyctl cluster: --window %s: expected a duration such as 24h or 3d\n",
                    optarg);
            return 2;
        }
    }
    if (optind != argc) {
        fputs(help, stderr);
        return 2;
    }
    struct run run = {.engine = engine_new(1, 1), .publishers = publishers_new()};
    if (window > 0 && !engine_set(run.engine, "engine", "window", window)) {
        fprintf(stderr, "storyctl cluster: --window: expected 6m to 365d\n");
        engine_free(run.engine);
        return 2;
    }
    int status = lines_read("cluster", read_article, &run);
    while (run.n_lines > 0)
        add_article(&run);
    print_all(&run);
    free(run.ids);
    free(run.events);
    free(run.merged);
    publishers_free(run.publishers);
    engine_free(run.engine);
    return status;
}
