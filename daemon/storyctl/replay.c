/* storyctl replay: processes recorded feed documents and pages with the daemon's parser, engine and
 * store, using the recorded times as the clock. */
#include "storyctl/replay.h"

#include "ingest/article_page.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "ingest/batch.h"
#include "feed/parser.h"
#include "file.h"
#include "ingest/identity.h"
#include "ingest/ingest.h"
#include "ingest/page_bytes.h"
#include "ingest/site.h"
#include "store/record.h"
#include "ingest/subscription.h"
#include "storyctl/arguments.h"

#include <getopt.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Documents per batch, counted from the first of the manifest, so that a resumed replay ends its
 * batches at the same places as an uninterrupted one. */
enum { BATCH = 16 };
static const size_t store_bytes = (size_t)64 << 30;

struct replay {
    struct ingest *ingest;
    char *folder;
    size_t lines, done, failed, pages; /* pages: successfully read */
    uint64_t manifest;                 /* hash of its first line, to identify it */
    struct ingest_counts counts;
    int64_t started; /* monotonic_us() */
    bool progress;
    double shown;
};

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

static double seconds_since(int64_t microseconds)
{
    return (double)(monotonic_us() - microseconds) / 1e6;
}

static void show_progress(struct replay *r, bool last)
{
    enum { WIDTH = 30 };
    double now = seconds_since(r->started);
    if (!r->progress || (!last && now - r->shown < 0.1))
        return;
    r->shown = now;
    int full = r->lines ? (int)(r->done * WIDTH / r->lines) : WIDTH;
    fprintf(stderr, "\r[%.*s%*s] %zu/%zu documents  %llu articles  %zu events open  %.1f s ", full,
            "##############################", WIDTH - full, "", r->done, r->lines,
            (unsigned long long)store_number(ingest_store(r->ingest), "articles") +
                ingest_pending(r->ingest),
            engine_events(ingest_engine(r->ingest)), now);
    if (last)
        fputc('\n', stderr);
}

/* A line of the manifest: a feed document or a page. */
struct manifest_line {
    const char *feed, *page, *file, *url; /* `url` may be NULL */
    json_int_t fetched;
    int aggregator, social;
};

static void skip_document(struct replay *r, const char *what, const char *why)
{
    r->failed++;
    fprintf(stderr, "%sstoryctl replay: %s: %s; skipped\n", r->progress ? "\r\033[K" : "", what,
            why);
}

/* Processes one document as if its feed had been polled at `fetched`. */
static int replay_document(struct replay *r, const struct manifest_line *line)
{
    const char *name = line->feed, *file = line->file;
    int64_t fetched = line->fetched;
    char url[512], path[4096];
    if (line->url)
        snprintf(url, sizeof url, "%s", line->url);
    else
        snprintf(url, sizeof url, "http://%s.feeds.test/rss", name);
    snprintf(path, sizeof path, "%s/%s", r->folder, file);
    struct store *store = ingest_store(r->ingest);
    struct feed_record *sub;
    int error = subscription_find(store, url, &sub);
    if (error)
        return error;
    subscription_set(&sub->title, name);
    subscription_drop_attributes(sub);
    if (line->aggregator)
        subscription_add_attribute(sub, "aggregator", "yes");
    if (line->social)
        subscription_add_attribute(sub, "social", "yes");
    sub->polls++;
    sub->last_poll = fetched;

    size_t n = 0;
    char *bytes = file_read(path, FEED_MAX_BYTES, &n);
    struct feed *feed = NULL;
    enum feed_status status = bytes ? feed_parse(bytes, n, url, NULL, &feed) : FEED_EMPTY;
    free(bytes);
    if (status == FEED_OK) {
        const struct feed_origin origin = subscription_origin(sub);
        struct ingest_document *d =
            ingest_begin(r->ingest, sub->number, &origin, &sub->speaker, feed, fetched);
        bool more = true;
        while (!error && more)
            error = ingest_next(d, &more);
        struct ingest_counts counts = ingest_end(d);
        subscription_succeeded(sub, counts.articles, fetched);
        r->counts.articles += counts.articles;
        r->counts.known += counts.known;
        r->counts.updated += counts.updated;
        r->counts.refused += counts.refused;
    } else {
        subscription_failed(sub, bytes ? feed_strerror(status) : "the file cannot be read");
        skip_document(r, file, sub->last_error);
    }
    if (!error)
        error = subscription_save(store, sub);
    subscription_free(sub);
    return error;
}

/* Processes the page of an earlier article as if it had been fetched at `fetched`. */
static int take_replay_page(struct replay *r, const struct manifest_line *line, uint64_t article,
                            uint64_t feed, const char *bytes, size_t n)
{
    struct store *store = ingest_store(r->ingest);
    struct article_page of;
    struct page what;
    struct site *site;
    char host[SITE_MAX_HOST], *url = mem_str(line->page);
    if (!site_host(url, host))
        *host = 0;
    struct page_record page = page_record_init(article);
    codec_set_string(&page.url, url);
    codec_set_string(&page.host, host);
    page.feed = feed;
    page.queued = line->fetched;
    page.tries = 1;
    int error = site_load(store, host, &site);
    if (!error) {
        const struct page_bytes_head head = {.url = url};
        page_bytes_read(&head, bytes, n, site, line->fetched, &what, &of);
        error = article_page_settle(r->ingest, &page, &of, line->fetched);
        r->pages += of.outcome == PAGE_READ_OUTCOME;
        page_free(&what);
    }
    if (!error && *host)
        error = site_save(store, site);
    site_free(site);
    codec_free(&page_record_table, &page);
    free(url);
    return error;
}

static int replay_page(struct replay *r, const struct manifest_line *line)
{
    uint64_t article;
    bool changed;
    int error = ingest_tick(r->ingest, line->fetched, &changed);
    if (!error)
        error = identity_of_address(ingest_store(r->ingest), line->page, &article);
    if (error)
        return error;
    struct article_record record = {0};
    size_t n = 0;
    char path[4096];
    if (article && (error = batch_article(ingest_store(r->ingest), article, &record)))
        return error;
    snprintf(path, sizeof path, "%s/%s", r->folder, line->file);
    char *bytes = article ? file_read(path, PAGE_BYTES_MOST, &n) : NULL;
    if (!article)
        skip_document(r, line->page, "no article has this address");
    else if (!bytes)
        skip_document(r, line->file, "the file cannot be read");
    else
        error = take_replay_page(r, line, article, record.feed, bytes, n);
    codec_free(&article_table, &record);
    free(bytes);
    return error;
}

static int replay_line(struct replay *r, size_t number, const char *text, size_t len)
{
    struct manifest_line of = {0};
    json_error_t why;
    json_t *object = json_loadb(text, len, 0, &why);
    int error = 0;
    if (object && !json_unpack_ex(object, NULL, 0, "{s:s,s:I,s:s}", "page", &of.page, "fetched",
                                  &of.fetched, "file", &of.file)) {
        error = replay_page(r, &of);
    } else if (object &&
               !json_unpack_ex(object, &why, 0, "{s:s,s:I,s:s,s?s,s?b,s?b}", "feed", &of.feed,
                               "fetched", &of.fetched, "file", &of.file, "url", &of.url,
                               "aggregator", &of.aggregator, "social", &of.social)) {
        error = replay_document(r, &of);
    } else {
        r->failed++;
        fprintf(stderr,
                "storyctl replay: line %zu skipped: %s; expected feed or page, fetched and file\n",
                number, why.text);
    }
    json_decref(object);
    return error;
}

static int commit_replay(struct replay *r)
{
    int error = store_set_number(ingest_store(r->ingest), "replayed", r->done);
    if (!error)
        error = store_set_number(ingest_store(r->ingest), "replay_manifest", r->manifest);
    return error ? error : ingest_commit(r->ingest);
}

static int run_replay(struct replay *r, FILE *manifest)
{
    size_t skip = store_number(ingest_store(r->ingest), "replayed");
    uint64_t before = store_number(ingest_store(r->ingest), "replay_manifest");
    if (before && before != r->manifest) {
        fprintf(stderr,
                "storyctl replay: this store belongs to another manifest; name a new store\n");
        stopped = 1;
        return 0;
    }
    if (skip)
        fprintf(stderr, "storyctl replay: resuming after document %zu\n", skip);
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    int error = 0;
    while (!error && !stopped && (len = getline(&line, &cap, manifest)) > 0) {
        if (r->done++ < skip)
            continue;
        error = replay_line(r, r->done, line, (size_t)len);
        if (!error && r->done % BATCH == 0)
            error = commit_replay(r);
        show_progress(r, false);
    }
    free(line);
    if (!error && !stopped)
        error = commit_replay(r);
    show_progress(r, true);
    return error;
}

static size_t count_lines(FILE *f)
{
    size_t n = 0;
    for (int c; (c = getc(f)) != EOF;)
        n += c == '\n';
    rewind(f);
    return n;
}

static uint64_t hash_first_line(FILE *f)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t n = getline(&line, &cap, f);
    uint64_t hash =
        n > 0 ? hash64(line, (size_t)n, 0) >> 11 | 1 : 1; /* 53 bits: exact as a JSON number */
    free(line);
    rewind(f);
    return hash;
}

static const char help[] =
    "usage: storyctl replay --db DIR MANIFEST\n"
    "\n"
    "Processes recorded feed documents, in the order and at the times of MANIFEST, with the same\n"
    "parser, engine and store as the daemon, as fast as possible. MANIFEST has one JSON object "
    "per\n"
    "line: feed (a name), fetched (seconds since 1970 UTC), file (a path below the manifest's\n"
    "folder), and optionally url (the feed's address), aggregator (true: it carries several\n"
    "publishers) and social (true: it is a feed of posts). A line with page (an article's "
    "address)\n"
    "in place of feed is the HTML of that article's page.\n"
    "An interrupted replay resumes after its last batch.\n"
    "\n"
    "  --db DIR   the store to write, created if missing\n"
    "  --help     print this text and exit\n";

static int finish_replay(struct replay *r, int error)
{
    if (error)
        fprintf(stderr, "storyctl replay: %s\n", store_strerror(error));
    else
        printf("%zu documents (%zu unreadable): %llu articles new, %llu known, %llu edited, "
               "%llu items without text, %zu pages read; %.1f s\n",
               r->done, r->failed, (unsigned long long)r->counts.articles,
               (unsigned long long)r->counts.known, (unsigned long long)r->counts.updated,
               (unsigned long long)r->counts.refused, r->pages, seconds_since(r->started));
    if (stopped)
        fprintf(stderr, "storyctl replay: stopped; run the same command to resume\n");
    return error || stopped ? 1 : 0;
}

int replay_main(int argc, char **argv)
{
    static const struct option options[] = {
        {"db", required_argument, NULL, 'd'}, {"help", no_argument, NULL, 'h'}, {0}};
    const char *dir = NULL;
    int c;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 'd')
            dir = optarg;
        else {
            fputs(help, c == 'h' ? stdout : stderr);
            return c == 'h' ? 0 : 2;
        }
    }
    if (!arguments_fit("replay", help, 1, argc - optind, argv + optind))
        return 2;
    if (!dir) {
        fputs("storyctl replay: missing --db DIR\n", stderr);
        arguments_usage(help);
        return 2;
    }
    FILE *manifest = fopen(argv[optind], "r");
    if (!manifest) {
        fprintf(stderr, "storyctl replay: %s: %m\n", argv[optind]);
        return 1;
    }
    struct replay r = {.progress = isatty(STDERR_FILENO), .started = monotonic_us()};
    const char *slash = strrchr(argv[optind], '/');
    r.folder = slash ? mem_strn(argv[optind], (size_t)(slash - argv[optind])) : mem_str(".");
    r.lines = count_lines(manifest);
    r.manifest = hash_first_line(manifest);
    signal(SIGINT, stop);
    signal(SIGTERM, stop);
    struct store *store;
    int error = store_open(dir, store_bytes, &store);
    if (!error)
        error = ingest_open(store, NULL, NULL, &r.ingest);
    if (error) {
        fprintf(stderr, "storyctl replay: %s: %s\n", dir, store_strerror(error));
    } else {
        error = run_replay(&r, manifest);
        error = finish_replay(&r, error);
    }
    ingest_free(r.ingest);
    fclose(manifest);
    free(r.folder);
    return error ? 1 : 0;
}
