/* What it costs to say anew what an event says when an article comes: made-up stories whose texts
 * are cut into sentences, each article of 20 of them (or so many as given) and each event up to 40
 * articles. Prints how long an update takes at the median and for the slowest hundredth, by the
 * size of the event.
 *
 * usage: digest [ARTICLES [EVENTS]] */
#include "base/mem.h"
#include "digest/digest.h"
#include "stories.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TEXT = 8192, BODIES = 3, WORDS = 15 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A point and a capital after every WORDS words. */
static void make_sentences(char *text)
{
    size_t words = 0;
    bool begins = true;
    for (char *p = text; *p; p++) {
        if (begins)
            *p = (char)toupper((unsigned char)*p);
        begins = false;
        if (*p == ' ' && ++words % WORDS == 0 && p > text + 1) {
            p[-1] = '.';
            begins = true;
        }
    }
}

static int by_time(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
    size_t most = argc > 1 ? strtoul(argv[1], NULL, 10) : 40;
    size_t events = argc > 2 ? strtoul(argv[2], NULL, 10) : 50;
    if (most < 1 || most > DIGEST_ARTICLES || events < 1 || events > 100000) {
        fprintf(stderr, "usage: digest [ARTICLES [EVENTS]]: up to %d, up to 100000\n",
                DIGEST_ARTICLES);
        return 2;
    }
    struct langs *langs = langs_new();
    struct rarity *rarity = rarity_new(langs, 3, 400);
    struct digester *d = digester_new(langs, rarity);
    struct stories *stories = stories_new(1);
    struct story_article *a = mem_zero(sizeof *a);
    double *times = mem_zero(most * events * sizeof *times);
    uint64_t *numbers = mem_zero(most * sizeof *numbers), number = 0;
    for (size_t e = 0; e < events; e++) {
        struct digest before = {0};
        for (size_t i = 0; i < most; i++) {
            char text[TEXT] = "", publisher[32], title[STORIES_TITLE] = "";
            for (int k = 0; k < BODIES; k++) {
                stories_next(stories, a);
                snprintf(title, sizeof title, "%s", a->title);
                size_t n = strlen(text);
                snprintf(text + n, sizeof text - n, "%s ", a->body);
            }
            make_sentences(text);
            numbers[i] = ++number;
            struct digest is;
            double begin = now();
            for (size_t k = 0; k <= i; k++) /* the new one, and those that gave way */
                if (!digester_has(d, numbers[k])) {
                    snprintf(publisher, sizeof publisher, "p%zu.example", k);
                    digester_take(d, &(struct digest_article){.number = numbers[k],
                                                              .title = title,
                                                              .text = text,
                                                              .lang = "en",
                                                              .domain = publisher,
                                                              .source = publisher,
                                                              .url = "",
                                                              .published = 1700000000});
                }
            digest_make(d, title, numbers, i + 1, i ? &before : NULL, NULL, &is);
            times[i * events + e] = now() - begin;
            codec_free(&digest_table, &before);
            before = is;
        }
        codec_free(&digest_table, &before);
    }
    puts("  articles   median   slowest 1 %");
    for (size_t i = 0; i < most; i = i < 4 ? i + 1 : i * 2) {
        qsort(times + i * events, events, sizeof *times, by_time);
        printf("  %8zu  %4.2f ms  %4.2f ms\n", i + 1, 1e3 * times[i * events + events / 2],
               1e3 * times[i * events + events * 99 / 100]);
    }
    free(times);
    free(numbers);
    free(a);
    stories_free(stories);
    digester_free(d);
    rarity_free(rarity);
    langs_free(langs);
    return 0;
}
