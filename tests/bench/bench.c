/* Measures the engine, stage by stage and whole, each figure beside its own limit on this machine.
 * `make bench` runs it through run.py; nothing here passes or fails. */
#include "base/hash.h"
#include "base/mem.h"
#include "cluster/engine.h"
#include "ingest/ingest.h"
#include "sketch/index.h"
#include "stories.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    START = 1700000000,
    WINDOW_HOURS = 72,
    BATCH = 1000,
    LAST = 50000,
    TRIES = 5,
    TITLE_BYTES = 64
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* What now() itself takes, a good part of a microsecond: it is left out. */
static double asking(void)
{
    enum { TIMES = 1000 };
    static double cost;
    if (cost <= 0) {
        double start = now();
        for (int i = 1; i < TIMES; i++)
            now();
        cost = (now() - start) / TIMES;
    }
    return cost;
}

static double since(double start)
{
    double took = now() - start;
    return took - asking();
}

/* Bytes of this process in memory that are no file's. */
static double resident(void)
{
    FILE *f = fopen("/proc/self/status", "r");
    char line[256];
    double kib = 0;
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, "RssAnon:", 8))
            kib = strtod(line + 8, NULL);
    if (f)
        fclose(f);
    return kib * 1024;
}

static void *must(void *p, const char *what)
{
    if (!p) {
        fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
        exit(1);
    }
    return p;
}

static void must_be(int error, const char *what)
{
    if (error) {
        fprintf(stderr, "bench: %s: %s\n", what, store_strerror(error));
        exit(1);
    }
}

/* ---- what the machine can do ---------------------------------------------------------------- */

static double copy_seconds_a_byte(void)
{
    size_t n = (size_t)256 << 20;
    char *from = mem_zero(n), *to = mem_zero(n);
    double best = 1;
    memset(from, 1, n);
    for (int i = 0; i < TRIES; i++) {
        double start = now();
        memcpy(to, from, n);
        double took = since(start);
        best = took < best ? took : best;
    }
    free(from);
    free(to);
    return best / (double)n;
}

/* Of a cache line anywhere in memory, of many that do not wait for each other. */
static double line_seconds(void)
{
    enum { LINE = 64, READS = 4000000 };
    size_t lines = ((size_t)512 << 20) / LINE;
    char *memory = mem_alloc(lines * LINE);
    memset(memory, 1, lines * LINE);
    uint64_t x = 1, sum = 0;
    double start = now();
    for (size_t i = 0; i < READS; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        sum += (unsigned char)memory[(x >> 33) % lines * LINE];
    }
    double took = since(start);
    free(memory);
    return (took + (double)(sum == 1)) / READS;
}

static double xxh3_seconds(const struct story_article *a, size_t n)
{
    size_t *lengths = mem_alloc(n * sizeof *lengths);
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        lengths[i] = strlen(a[i].body);
    double start = now();
    for (size_t i = 0; i < n; i++)
        sum += hash64(a[i].title, TITLE_BYTES, 0) + hash64(a[i].body, lengths[i], 0);
    double took = since(start);
    free(lengths);
    return (took + (double)(sum == 1)) / (double)n;
}

/* ---- stages --------------------------------------------------------------------------------- */

static void line(const char *name, double seconds, const char *limit, double least)
{
    printf("%-24s %8.2f us %11.0f a second   limit: %-34s %6.2f us, %5.1f x\n", name, seconds * 1e6,
           1 / seconds, limit, least * 1e6, seconds / least);
    fflush(stdout);
}

/* The index alone, with as many articles in it as the window has. */
static double index_seconds(size_t window, uint32_t (*sketches)[SKETCH_BANDS], size_t n)
{
    struct index *x = index_new();
    uint64_t sum = 0;
    uint32_t found[INDEX_FOUND + 1];
    double start = 0;
    /* the same sketches again and again, each time with other values */
    for (size_t i = 0; i < window + LAST; i++) {
        uint32_t sketch[SKETCH_BANDS];
        for (int band = 0; band < SKETCH_BANDS; band++)
            sketch[band] = sketches[i % n][band] + (uint32_t)(i / n) * 0x9e3779b9u;
        if (i == window)
            start = now();
        index_ahead(x, sketch);
        uint32_t oldest = i < window ? 1 : (uint32_t)(i - window + 1);
        if (i >= window)
            sum += index_find(x, sketch, oldest, found);
        index_put(x, sketch, (uint32_t)i + 1, oldest);
    }
    double took = since(start);
    index_free(x);
    return (took + (double)(sum == 1)) / LAST;
}

static int stages(size_t window)
{
    struct stories *stream = stories_new(window);
    struct story_article *articles = mem_alloc(LAST * sizeof *articles);
    for (size_t i = 0; i < LAST; i++)
        stories_next(stream, &articles[i]);
    struct langs *langs = langs_new();
    const struct lang *en = langs_get(langs, "en");
    struct rarity *rarity = rarity_new(langs, 3, 400);
    struct engine *e = engine_new(1, 1);
    struct terms terms = {0};
    struct sketch_table *table = mem_alloc(sizeof *table);
    sketch_table_make(table);
    uint32_t(*sketches)[SKETCH_BANDS] = mem_alloc(LAST * sizeof *sketches);
    double text = 0, lang = 0, weigh = 0, sketch = 0, shingle = 0, n_terms = 0, n_bytes = 0;
    rarity_day(rarity, START / 86400);
    for (size_t i = 0; i < LAST; i++) {
        const struct story_article *a = &articles[i];
        struct weight room[VECTOR_MOST];
        struct vector v = {.v = room};
        struct sketch_term weights[TERMS_TITLE_WORDS + TERMS_BODY_WORDS];
        struct shingles shingles;
        double t0 = now();
        langs_detect(langs, NULL, a->body, strlen(a->body));
        double t1 = now();
        terms_extract(en, a->title, a->body, &terms);
        double t2 = now();
        for (size_t k = 0; k < terms.n; k++)
            rarity_ahead(rarity, terms.v[k].id);
        vector_make(&terms, rarity, NULL, engine_params(e), &v);
        rarity_article(rarity);
        for (size_t k = 0; k < v.n; k++) {
            rarity_term(rarity, v.v[k].id, false, true);
            weights[k] = (struct sketch_term){v.v[k].id, v.v[k].w[VIEW_ALL]};
        }
        double t3 = now();
        sketch_weighted(table, weights, v.n, sketches[i]);
        double t4 = now();
        shingles_of(terms.sequence, terms.n_sequence, &shingles);
        double t5 = now();
        lang += t1 - t0;
        text += t2 - t1;
        weigh += t3 - t2;
        sketch += t4 - t3;
        shingle += t5 - t4;
        n_terms += (double)terms.n;
        n_bytes += (double)(strlen(a->title) + strlen(a->body));
    }
    n_terms /= LAST;
    n_bytes /= LAST;
    double xxh3 = xxh3_seconds(articles, LAST), touch = line_seconds();
    double copy = copy_seconds_a_byte();
    printf("made-up articles of 100 words: %.0f bytes, %.1f different terms each\n", n_bytes,
           n_terms);
    printf("this machine: copies %.1f GB/s, reads a far cache line in %.1f ns\n", 1e-9 / copy,
           touch * 1e9);
    line("language, not said", lang / LAST - asking(), "XXH3 over the same bytes", xxh3);
    line("words, stems, terms", text / LAST - asking(), "XXH3 over the same bytes", xxh3);
    line("rarity and weights", weigh / LAST - asking(), "a far cache line a term", touch * n_terms);
    line("weighted sketch", sketch / LAST - asking(), "reading the terms from memory",
         copy * n_terms * 8);
    line("shingles", shingle / LAST - asking(), "XXH3 over the same bytes", xxh3);
    line("index, put and find", index_seconds(window, sketches, LAST), "two far cache lines a band",
         touch * 2 * SKETCH_BANDS);
    engine_free(e);
    terms_free(&terms);
    rarity_free(rarity);
    langs_free(langs);
    stories_free(stream);
    free(articles);
    free(sketches);
    free(table);
    return 0;
}

/* ---- whole ---------------------------------------------------------------------------------- */

static void keep(FILE *f, const struct engine *e, const struct engine_result *r)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_add(&b, &r->event, sizeof r->event);
    engine_pack(e, r->article, &b);
    uint64_t head[2] = {r->article, b.len};
    if (fwrite(head, sizeof head, 1, f) != 1 || fwrite(b.p, 1, b.len, f) != b.len)
        must(NULL, "writing the packed articles");
    buf_free(&b);
}

/* Fills a window of so many articles, then measures what one more costs. */
static int whole(size_t window, const char *packed)
{
    struct stories *stream = stories_new(window);
    struct story_article *articles = mem_alloc(BATCH * sizeof *articles);
    memset(articles, 0, BATCH * sizeof *articles);
    FILE *f = packed ? must(fopen(packed, "wb"), packed) : NULL;
    double before = resident(), filled = 0, last = 0, slowest = 0;
    struct engine *e = engine_new(1, 1);
    engine_set(e, "engine", "window", WINDOW_HOURS);
    engine_set(e, "engine", "articles", (double)window + 1);
    /* a day's at least: what is done once a day is part of the cost */
    size_t more = (window / (WINDOW_HOURS / 24) + BATCH - 1) / BATCH * BATCH;
    more = more > LAST ? more : LAST;
    for (size_t done = 0; done < window + more; done += BATCH) {
        for (size_t i = 0; i < BATCH; i++)
            stories_next(stream, &articles[i]);
        for (size_t i = 0; i < BATCH; i++) {
            double share = (double)(done + i) / (double)window;
            struct engine_article in = {.title = articles[i].title,
                                        .body = articles[i].body,
                                        .lang = "en",
                                        .publisher = articles[i].publisher,
                                        .published = INT64_MIN,
                                        .seen = START + (int64_t)(share * WINDOW_HOURS * 3600)};
            struct engine_result out;
            double start = now();
            engine_add(e, &in, &out);
            double took = since(start);
            *(done < window ? &filled : &last) += took;
            slowest = took > slowest ? took : slowest;
            if (f)
                keep(f, e, &out);
        }
    }
    printf("window of %8zu %13.2f us %11.0f a second   filled at %.0f a second; longest call "
           "%.0f ms; %.0f bytes an article, %.2f GB; %zu articles, %zu events\n",
           window, last / (double)more * 1e6, (double)more / last, (double)window / filled,
           slowest * 1e3, (resident() - before) / (double)engine_articles(e),
           (resident() - before) / 1e9, engine_articles(e), engine_events(e));
    engine_free(e);
    stories_free(stream);
    free(articles);
    if (f && fclose(f))
        must(NULL, packed);
    return 0;
}

static void set_window(void *arg, struct engine *e)
{
    engine_set(e, "engine", "articles", *(double *)arg);
}

/* storyd's own start, from a store that holds the packed articles. */
static int restore(const char *packed, const char *dir, double window)
{
    FILE *f = must(fopen(packed, "rb"), packed);
    struct store *store;
    must_be(store_open(dir, (size_t)16 << 30, &store), dir);
    uint64_t head[2], n = 0, events = 0, bytes = 0;
    char *value = mem_alloc(1 << 20);
    while (fread(head, sizeof head, 1, f) == 1 && !fseek(f, (long)head[1], SEEK_CUR))
        n = head[0];
    /* those that the window holds: of what has left it there are no records here to close */
    uint64_t first = n > (uint64_t)window ? n - (uint64_t)window + 16 : 1;
    rewind(f);
    n = 0;
    while (fread(head, sizeof head, 1, f) == 1 && fread(value, 1, head[1], f) == head[1]) {
        uint64_t event;
        if (head[0] < first)
            continue;
        memcpy(&event, value, sizeof event);
        events = event > events ? event : events;
        n = head[0];
        bytes += head[1];
        must_be(store_put_u64(store, STORE_PACKED, head[0], value, head[1]), "a packed article");
    }
    fclose(f);
    free(value);
    double clock = START + (double)n / window * WINDOW_HOURS * 3600;
    must_be(store_set_number(store, "articles", n), "articles");
    must_be(store_set_number(store, "events", events), "events");
    must_be(store_set_number(store, "clock", (uint64_t)clock), "clock");
    must_be(store_commit(store), "commit");
    store_close(store);
    must_be(store_open(dir, (size_t)16 << 30, &store), dir);
    double articles = window + 1, start = now();
    struct ingest *in;
    must_be(ingest_open(store, set_window, &articles, &in), "restoring");
    double took = since(start), mean = (double)bytes / (double)(n - first + 1);
    printf("window read back from LMDB %5.2f s for %zu articles of %.0f bytes\n", took,
           engine_articles(ingest_engine(in)), mean);
    ingest_free(in);
    return 0;
}

/* Articles of a JSON Lines file, as `storyctl cluster` takes them. */
static int replay(const char *path, const char *hours)
{
    FILE *f = must(fopen(path, "r"), path);
    json_t *all = json_array();
    char *text = NULL;
    size_t cap = 0;
    ssize_t len;
    while ((len = getline(&text, &cap, f)) > 0)
        json_array_append_new(all, must(json_loadb(text, (size_t)len, 0, NULL), path));
    fclose(f);
    free(text);
    struct engine *e = engine_new(1, 1);
    engine_set(e, "engine", "window", strtod(hours, NULL));
    size_t i, most = 0;
    json_t *a;
    double start = now();
    json_array_foreach(all, i, a)
    {
        int64_t time = (int64_t)json_number_value(json_object_get(a, "published"));
        const char *publisher = json_string_value(json_object_get(a, "source"));
        struct engine_article in = {.title = json_string_value(json_object_get(a, "title")),
                                    .body = json_string_value(json_object_get(a, "body")),
                                    .lang = json_string_value(json_object_get(a, "lang")),
                                    .publisher = publisher ? publisher : "",
                                    .published = time,
                                    .seen = time};
        struct engine_result out;
        engine_add(e, &in, &out);
        most = engine_articles(e) > most ? engine_articles(e) : most;
    }
    double took = since(start);
    printf("%-24s %8.2f us %11.0f a second   %zu articles, at most %zu in the window\n",
           strrchr(path, '/') ? strrchr(path, '/') + 1 : path, took / (double)i * 1e6,
           (double)i / took, i, most);
    engine_free(e);
    json_decref(all);
    return 0;
}

/* The stream's first articles as JSON Lines, for others to measure themselves on. */
static int texts(size_t n)
{
    struct stories *stream = stories_new(n);
    for (size_t i = 0; i < n; i++) {
        struct story_article a;
        stories_next(stream, &a);
        printf("{\"id\": %zu, \"title\": \"%s\", \"body\": \"%s\", \"source\": \"%s\", \"story\": "
               "%llu, \"published\": %d}\n",
               i, a.title, a.body, a.publisher, (unsigned long long)a.story, START);
    }
    stories_free(stream);
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 2 ? argv[1] : "";
    if (!strcmp(what, "stages"))
        return stages(strtoul(argv[2], NULL, 10));
    if (!strcmp(what, "window"))
        return whole(strtoul(argv[2], NULL, 10), argv[3]);
    if (!strcmp(what, "restore") && argc == 5)
        return restore(argv[2], argv[3], strtod(argv[4], NULL));
    if (!strcmp(what, "replay") && argc == 4)
        return replay(argv[2], argv[3]);
    if (!strcmp(what, "texts"))
        return texts(strtoul(argv[2], NULL, 10));
    fprintf(stderr, "usage: bench stages N | window N [PACKED] | restore PACKED DIR N | replay "
                    "FILE HOURS | texts N\n");
    return 2;
}
