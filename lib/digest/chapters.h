/* Reports in order of time -> chapters: what belongs together by its words and by when it was told.
 * The line is cut where what is told changes (after Utiyama & Isahara, "A Statistical Model for
 * Domain-Independent Text Segmentation", 2001: the cuts that make the words of each piece likeliest
 * by the piece's own counts); then a report goes to the chapter that it tells, as a late retelling
 * does, and chapters that tell the same become one. */
#ifndef DIGEST_CHAPTERS_H
#define DIGEST_CHAPTERS_H

#include <stddef.h>
#include <stdint.h>

enum {
    CHAPTERS_LEAST = 3,
    CHAPTERS_MOST = 8,
    CHAPTERS_REPORTS = 8, /* of fewer there are none */
    CHAPTER_NONE = 255,
};

struct chapter_report {
    int64_t time;
    const uint32_t *terms; /* each once; less than the number of terms */
    size_t n;
    uint8_t before;  /* the chapter that it was in, less than CHAPTERS_MOST, or CHAPTER_NONE */
    uint8_t chapter; /* out: 0 the one that began first */
};

/* How often each chapter's reports have each term, [chapter * n_terms + term]. */
struct chapters {
    size_t n; /* 0: nothing parts the reports */
    uint32_t *times;
    uint32_t reports[CHAPTERS_MOST];
    uint8_t before[CHAPTERS_MOST]; /* which of those before each goes on with, or CHAPTER_NONE */
};

/* `weights`: of the terms, 1 on the average. What was a chapter before stays one unless it is
 * plainly beaten. */
void chapters_find(struct chapter_report *reports, size_t n, const double *weights, size_t n_terms,
                   struct chapters *out);
void chapters_free(struct chapters *c);

#endif
