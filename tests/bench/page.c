/* What reading a page costs beside what libxml2 needs to parse it: each page of a folder, read a
 * few times; the median of the times, and of their ratio.
 *
 * usage: page FILE... */
#include "base/mem.h"
#include "page/page.h"
#include "page/page_read.h"

#include <libxml/HTMLparser.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { TIMES = 5 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double parse_alone(const char *bytes, size_t n)
{
    double begin = now();
    xmlDoc *doc = htmlReadMemory(bytes, (int)n, NULL, "UTF-8",
                                 HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                                     HTML_PARSE_NONET);
    double time = now() - begin;
    if (doc)
        xmlFreeDoc(doc);
    return time;
}

static double read_page(const char *bytes, size_t n)
{
    struct page p;
    double begin = now();
    page_read(bytes, n, NULL, NULL, &p);
    double time = now() - begin;
    page_free(&p);
    return time;
}

int main(int argc, char **argv)
{
    enum { MOST = 16 << 20 };
    double *ours = mem_zero((size_t)argc * sizeof *ours),
           *theirs = mem_zero((size_t)argc * sizeof *theirs);
    double *ratio = mem_zero((size_t)argc * sizeof *ratio);
    char *bytes = mem_alloc(MOST);
    size_t n = 0;
    for (int i = 1; i < argc; i++) {
        FILE *in = fopen(argv[i], "rb");
        size_t size = in ? fread(bytes, 1, MOST, in) : 0;
        double a[TIMES], b[TIMES];
        if (in)
            fclose(in);
        if (!size)
            continue;
        for (int k = 0; k < TIMES; k++) {
            a[k] = read_page(bytes, size);
            b[k] = parse_alone(bytes, size);
        }
        qsort(a, TIMES, sizeof *a, by_size);
        qsort(b, TIMES, sizeof *b, by_size);
        ours[n] = a[TIMES / 2];
        theirs[n] = b[TIMES / 2];
        ratio[n] = ours[n] / theirs[n];
        n++;
    }
    if (!n) {
        fputs("usage: page FILE...: none could be read\n", stderr);
        return 2;
    }
    qsort(ours, n, sizeof *ours, by_size);
    qsort(theirs, n, sizeof *theirs, by_size);
    qsort(ratio, n, sizeof *ratio, by_size);
    printf(
        "%zu pages: read in %.2f ms at the median, parsed alone in %.2f ms; ratio %.2f, for one in "
        "ten above %.2f\n",
        n, 1e3 * ours[n / 2], 1e3 * theirs[n / 2], ratio[n / 2], ratio[n * 9 / 10]);
    free(ours);
    free(theirs);
    free(ratio);
    free(bytes);
    return 0;
}
