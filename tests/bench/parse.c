/* How fast feeds are read: bench/parse FILE...; a name of "-" takes the names from standard input.
 * The documents come in pieces as from a socket, and all that a feed has is taken out; then once
 * more as the unchanged ones that a poll mostly finds. The best of some rounds, in CPU time. */
#include "base/mem.h"
#include "feed/feed.h"
#include "poll/intake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PIECE = 16384, ROUNDS = 5, MAX_PATH = 4096 };

struct document {
    char *bytes;
    size_t n;
    struct intake_hashes hashes;
};

struct documents {
    struct document *v;
    size_t n, room, bytes;
};

static void add(struct documents *d, const char *path)
{
    FILE *in = fopen(path, "rb");
    if (!in || fseek(in, 0, SEEK_END)) {
        perror(path);
        exit(1);
    }
    long n = ftell(in);
    rewind(in);
    MEM_GROW(d->v, d->n, d->room);
    struct document *one = &d->v[d->n++];
    *one = (struct document){.bytes = mem_alloc((size_t)n + 1)};
    one->n = fread(one->bytes, 1, (size_t)n, in);
    d->bytes += one->n;
    fclose(in);
}

static void add_listed(struct documents *d)
{
    char path[MAX_PATH];
    while (fgets(path, sizeof path, stdin)) {
        path[strcspn(path, "\n")] = 0;
        add(d, path);
    }
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* All documents; how many items they have. */
static size_t take_all(struct documents *d, bool again)
{
    size_t items = 0;
    for (size_t i = 0; i < d->n; i++) {
        struct document *one = &d->v[i];
        struct intake *in = intake_new("http://example.org/feed", NULL,
                                       again ? one->hashes : (struct intake_hashes){0, 0});
        for (size_t at = 0; at < one->n; at += PIECE) {
            intake_add(in, one->bytes + at, one->n - at < PIECE ? one->n - at : PIECE);
            intake_read(in, SIZE_MAX);
        }
        intake_close(in);
        one->hashes = intake_hashes(in);
        if (intake_unchanged(in)) {
            intake_abandon(in);
            continue;
        }
        struct feed *feed;
        if (intake_end(in, &feed) == FEED_OK)
            items += feed->n_items;
        feed_free(feed);
    }
    return items;
}

static double best(struct documents *d, bool again, size_t *items)
{
    double least = 1e9;
    for (int i = 0; i < ROUNDS; i++) {
        double start = seconds();
        *items = take_all(d, again);
        double took = seconds() - start;
        least = took < least ? took : least;
    }
    return least;
}

int main(int argc, char **argv)
{
    struct documents d = {0};
    size_t items, none;
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "-") != 0)
            add(&d, argv[i]);
        else
            add_listed(&d);
    if (!d.n) {
        fputs("usage: parse FILE...\n", stderr);
        return 2;
    }
    double read = best(&d, false, &items), unchanged = best(&d, true, &none);
    printf("parse: %zu documents, %.1f MB, %zu items: %.0f MB/s; unchanged: %.0f MB/s\n", d.n,
           (double)d.bytes / 1e6, items, (double)d.bytes / read / 1e6,
           (double)d.bytes / unchanged / 1e6);
    for (size_t i = 0; i < d.n; i++)
        free(d.v[i].bytes);
    free(d.v);
    return 0;
}
