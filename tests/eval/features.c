/* Runs the engine over labelled articles with a configuration given at run time, prints the event
 * of each article, and writes down every comparison the engine made with the answer the labels
 * give: what tests/eval/fit.py fits and measures with.
 *
 * usage: features --conf ENGINE.CONF [--window HOURS] [--pairs PAIRS.jsonl]
 *                 [--records FILE] [--every N] < ARTICLES.jsonl
 *
 * Standard output: "LINE EVENT" for each article. Records: struct record, see below.
 * Articles may have a story each ("days" where each some days are labelled for themselves), and
 * pairs of them may be labelled (--pairs). */
#include "base/hash.h"
#include "base/mem.h"
#include "cluster/engine.h"
#include "article/title.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum kind { JOIN, MERGE, PAIR };

struct record {
    int32_t kind;
    int32_t tag; /* which pair; for stories -1 less the article's number */
    float label; /* share of the article pairs between the two that are of one story */
    float f[FEATURES];
};

struct pair {
    uint64_t a, b; /* hashes of ids, then article numbers */
    double same;
};

struct run {
    struct engine *engine;
    struct publishers *publishers;
    FILE *records;
    uint64_t every;
    uint64_t *story, *days, *line, *event; /* by article number; story 0: not labelled */
    size_t n, cap, cap_days, cap_line, cap_event;
    uint64_t *merged;
    size_t cap_merged;
    struct pair *pairs;
    size_t n_pairs, cap_pairs;
};

/* ---- input ---------------------------------------------------------------------------------- */

static const char *text_of(json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

static uint64_t hash_text(const char *s)
{
    return hash64(s, strlen(s), 0) | 1;
}

static void die(const char *what, const char *which)
{
    fprintf(stderr, "features: %s: %s\n", which, what);
    exit(2);
}

static void read_conf(struct engine *e, const char *path)
{
    FILE *f = fopen(path, "r");
    char line[256], section[32] = "", name[128];
    double value;
    if (!f)
        die("cannot be read", path);
    engine_clear_model(e, "join");
    engine_clear_model(e, "merge");
    while (fgets(line, sizeof line, f)) {
        if (line[0] == '#' || sscanf(line, "[%31[a-z]]", section) == 1)
            continue;
        if (sscanf(line, " %127[a-z_*0-9] = %lf", name, &value) == 2 &&
            !engine_set(e, section, name, value))
            die("names nothing", name);
    }
    fclose(f);
}

static void read_pairs(struct run *r, const char *path)
{
    FILE *f = fopen(path, "r");
    json_t *object;
    if (!f)
        die("cannot be read", path);
    while ((object = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL))) {
        json_t *same = json_object_get(object, "same");
        MEM_GROW(r->pairs, r->n_pairs, r->cap_pairs);
        r->pairs[r->n_pairs++] =
            (struct pair){hash_text(text_of(object, "a")), hash_text(text_of(object, "b")),
                          json_is_number(same) ? json_number_value(same) : -1};
        json_decref(object);
    }
    fclose(f);
}

/* ---- records -------------------------------------------------------------------------------- */

static void write_record(struct run *r, enum kind kind, int32_t tag, double label,
                         const struct score *s)
{
    struct record record = {kind, tag, (float)label, {0}};
    for (int i = 0; i < FEATURES; i++)
        record.f[i] = (float)s->f[i];
    fwrite(&record, sizeof record, 1, r->records);
}

enum { MOST_MEMBERS = 40 };

/* Of the labelled articles' pairs; -1 when there are none. */
static double share_of_story(const struct run *r, const struct news_event *a,
                             const struct news_event *b)
{
    size_t same = 0, all = 0, step_a = a->n / MOST_MEMBERS + 1, step_b = b->n / MOST_MEMBERS + 1;
    for (size_t i = 0; i < a->n; i += step_a)
        for (size_t k = 0; k < b->n; k += step_b) {
            size_t x = a->members[i]->number, y = b->members[k]->number;
            bool known = r->story[x] && r->story[y] && r->days[x] == r->days[y];
            all += known;
            same += known && r->story[x] == r->story[y];
        }
    return all ? (double)same / (double)all : -1;
}

static bool has_member(const struct news_event *e, uint64_t number)
{
    for (size_t i = 0; i < e->n; i++)
        if (e->members[i]->number == number)
            return true;
    return false;
}

static void watch_pairs(struct run *r, bool merge, const struct news_event *a,
                        const struct news_event *b, const struct score *s)
{
    for (size_t i = 0; i < r->n_pairs; i++) {
        const struct pair *p = &r->pairs[i];
        if (p->same >= 0 && ((has_member(a, p->a) && has_member(b, p->b)) ||
                             (has_member(a, p->b) && has_member(b, p->a))))
            write_record(r, merge ? MERGE : JOIN, (int32_t)i, p->same, s);
    }
}

static void watch(void *arg, bool merge, const struct news_event *a, const struct news_event *b,
                  const struct score *s)
{
    struct run *r = arg;
    watch_pairs(r, merge, a, b, s);
    if (hash_pair(a->members[0]->number, b->members[0]->number) % r->every != 0)
        return;
    double share = share_of_story(r, a, b);
    if (share >= 0)
        write_record(r, merge ? MERGE : JOIN, -(int32_t)r->n, share, s);
}

/* A labelled pair as an article and an event of the other alone. */
static void score_pair(struct run *r, size_t at, const struct article *a, const struct article *b)
{
    struct article copy_a = *a, copy_b = *b;
    struct slabs memory = {0};
    struct news_event one, other;
    struct score s;
    news_event_begin(&one, 1);
    news_event_begin(&other, 2);
    news_event_add(&memory, &one, &copy_a);
    news_event_add(&memory, &other, &copy_b);
    score_features(&one, &other, engine_rarity(r->engine), 0, &s);
    write_record(r, PAIR, (int32_t)at, r->pairs[at].same, &s);
    news_event_end(&memory, &one);
    news_event_end(&memory, &other);
    slabs_free(&memory);
}

static void score_pairs(struct run *r, uint64_t number)
{
    for (size_t i = 0; i < r->n_pairs; i++) {
        const struct pair *p = &r->pairs[i];
        if (p->same < 0 || (p->a != number && p->b != number) || p->a > number || p->b > number)
            continue;
        const struct article *a = engine_article(r->engine, number);
        const struct article *b = engine_article(r->engine, p->a == number ? p->b : p->a);
        if (a && b)
            score_pair(r, i, a, b);
    }
}

/* ---- the run -------------------------------------------------------------------------------- */

static void number_pairs(struct run *r, uint64_t id, uint64_t number)
{
    for (size_t i = 0; i < r->n_pairs; i++) {
        if (r->pairs[i].a == id)
            r->pairs[i].a = number;
        if (r->pairs[i].b == id)
            r->pairs[i].b = number;
    }
}

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

static uint64_t resolve(const struct run *r, uint64_t event)
{
    while (event < r->cap_merged && r->merged[event])
        event = r->merged[event];
    return event;
}

static void grow(struct run *r)
{
    MEM_GROW(r->story, r->n, r->cap);
    MEM_GROW(r->days, r->n, r->cap_days);
    MEM_GROW(r->line, r->n, r->cap_line);
    MEM_GROW(r->event, r->n, r->cap_event);
}

static void note_changes(struct run *r, const struct engine_result *out)
{
    for (size_t i = 0; i < out->n_changes; i++) {
        const struct engine_change *c = &out->changes[i];
        if (c->kind == ENGINE_MERGED)
            note_merge(r, c->from, c->event);
        for (size_t k = 0; k < c->n_articles; k++)
            if (c->articles[k] < r->n)
                r->event[c->articles[k]] = c->event;
    }
}

/* A line, read and not yet added: what comes after an article tells what is a label in it. */
struct line {
    json_t *object;
    char *title;
    uint64_t number;
};

static struct engine_article in_engine(const struct line *l)
{
    const char *lang = text_of(l->object, "lang");
    int64_t published = (int64_t)json_number_value(json_object_get(l->object, "published"));
    return (struct engine_article){.title = l->title,
                                   .body = text_of(l->object, "body"),
                                   .lang = *lang ? lang : NULL,
                                   .publisher = text_of(l->object, "source"),
                                   .published = published,
                                   .seen = published};
}

static void add_article(struct run *r, struct line *l)
{
    const char *story = text_of(l->object, "story");
    grow(r);
    size_t number = r->n++;
    r->story[number] = *story ? hash_text(story) : 0;
    r->days[number] = hash_text(text_of(l->object, "days"));
    r->line[number] = l->number;
    if (r->n_pairs)
        number_pairs(r, hash_text(text_of(l->object, "id")), number);
    struct engine_article in = in_engine(l);
    struct engine_result out;
    engine_add(r->engine, &in, &out);
    free(l->title);
    json_decref(l->object);
    note_changes(r, &out);
    r->event[number] = out.event;
    if (r->n_pairs && r->records)
        score_pairs(r, number);
}

static void read_articles(struct run *r, FILE *in)
{
    struct line lines[ENGINE_AHEAD];
    char *line = NULL;
    size_t cap = 0;
    uint64_t n = 0, added = 0;
    for (; getline(&line, &cap, in) > 0; n++) {
        if (n - added == ENGINE_AHEAD)
            add_article(r, &lines[added++ % ENGINE_AHEAD]);
        struct line *l = &lines[n % ENGINE_AHEAD];
        l->number = n;
        l->object = json_loads(line, 0, NULL);
        l->title = title_alone(r->publishers, text_of(l->object, "title"),
                               text_of(l->object, "source"), text_of(l->object, "url"));
        struct engine_article coming = in_engine(l);
        engine_expect(r->engine, &coming);
    }
    while (added < n)
        add_article(r, &lines[added++ % ENGINE_AHEAD]);
    free(line);
}

static void read_options(struct run *r, int argc, char **argv)
{
    static const struct option options[] = {
        {"conf", required_argument, NULL, 'c'},  {"window", required_argument, NULL, 'w'},
        {"pairs", required_argument, NULL, 'p'}, {"records", required_argument, NULL, 'r'},
        {"every", required_argument, NULL, 'e'}, {0}};
    const char *window = NULL;
    int c;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 'c')
            read_conf(r->engine, optarg);
        else if (c == 'w')
            window = optarg;
        else if (c == 'p')
            read_pairs(r, optarg);
        else if (c == 'r')
            r->records = fopen(optarg, "wb");
        else if (c == 'e')
            r->every = strtoull(optarg, NULL, 10);
        else
            exit(2);
    }
    if (window && !engine_set(r->engine, "engine", "window", strtod(window, NULL)))
        die("no such window", window);
}

int main(int argc, char **argv)
{
    struct run r = {.engine = engine_new(1, 1), .publishers = publishers_new(), .every = 1, .n = 1};
    r.story = mem_zero((r.cap = 8) * sizeof *r.story);
    r.days = mem_zero((r.cap_days = 8) * sizeof *r.days);
    r.line = mem_zero((r.cap_line = 8) * sizeof *r.line);
    r.event = mem_zero((r.cap_event = 8) * sizeof *r.event);
    read_options(&r, argc, argv);
    if (r.records)
        engine_watch(r.engine, watch, &r);
    clock_t start = clock();
    read_articles(&r, stdin);
    fprintf(stderr, "%.0f\n", (double)r.n / ((double)(clock() - start) / CLOCKS_PER_SEC));
    for (size_t i = 1; i < r.n; i++)
        printf("%llu %llu\n", (unsigned long long)r.line[i],
               (unsigned long long)resolve(&r, r.event[i]));
    if (r.records)
        fclose(r.records);
    engine_free(r.engine);
    publishers_free(r.publishers);
    free(r.story);
    free(r.days);
    free(r.line);
    free(r.event);
    free(r.merged);
    free(r.pairs);
    return 0;
}
